"""The index on a Qdrant server or cluster: schema and plans of the embedded one, over qdrant-client."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse
from qdrant_client.local.qdrant_local import QdrantLocal

from vdr.errors import IndexMismatch, IndexUnavailable
from vdr.index import records
from vdr.index.documents import StoredPage
from vdr.index.execute import execute
from vdr.index.fusion import Ranking
from vdr.index.plan import DenseStage, SearchPlan
from vdr.index.region_bytes import encode_tokens
from vdr.index.schema import (
    COARSE,
    DOCUMENT_ID,
    FULL,
    HNSW_EF_CONSTRUCT,
    HNSW_M,
    INT8_QUANTILE,
    READ,
    REGIONS,
    TEXT,
    IndexSchema,
    check_same,
    point_id,
)
from vdr.types import Candidate, DocumentFilter, FloatArray, PagePoint, SparseVector, Stage

# A number takes up to 20 bytes in JSON, and Qdrant takes requests of up to 32 MiB.
MAX_FLOATS_PER_WRITE = 1_000_000
TIMEOUT_S = 60
_SCROLL_PAGES = 64
# The full embedding rescores anyway, so the originals of the coarse vectors need not be read.
_COARSE_PARAMS = models.SearchParams(quantization=models.QuantizationSearchParams(rescore=False))
_PAGES_PER_LISTING = 10_000


class QdrantIndex:
    """A VectorIndex in a Qdrant collection of its own, named `vdr.<collection>.<generation>`."""

    def __init__(
        self, client: QdrantClient, schema: IndexSchema, *, shards: int | None = None, replicas: int = 1
    ) -> None:
        """Open the collection on a ready client, or make an empty one of so many `shards` and `replicas`.

        Raises IndexMismatch where the collection was built for another schema, IndexUnavailable where the
        server does not answer.
        """
        self.schema = schema
        self._shards, self._replicas = shards, replicas
        self._client = client
        # The client's in-memory stand-in has neither payload indexes nor quantization, and warns when asked.
        self._has_engine = not isinstance(client._client, QdrantLocal)
        self._name = collection_name(schema)
        with answering():
            self._open()

    def upsert(self, points: Sequence[PagePoint]) -> None:
        """Store pages; the server has them in its write-ahead log when it answers."""
        with answering():
            for batch in records.batches(points, MAX_FLOATS_PER_WRITE):
                stored = [_point(point, self.schema) for point in batch]
                self._client.upsert(self._name, stored, wait=True)

    def set_text_terms(self, document_id: str, terms: Mapping[int, SparseVector]) -> None:
        """Replace the text's sparse vector of pages."""
        changed = [
            models.PointVectors(id=point_id(self.schema, document_id, number), vector={TEXT: _sparse(vector)})
            for number, vector in terms.items()
        ]
        if changed:
            with answering():
                self._client.update_vectors(self._name, changed, wait=True)

    def delete_document(self, document_id: str) -> None:
        """Remove all pages of a document."""
        with answering():
            selector = models.FilterSelector(filter=_in_documents((document_id,)))
            self._client.delete(self._name, selector, wait=True)

    def count(self, document_id: str | None = None) -> int:
        """Number of pages stored."""
        where = _in_documents((document_id,)) if document_id is not None else None
        with answering():
            return self._client.count(self._name, count_filter=where, exact=True).count

    def page_numbers(self, document_id: str) -> frozenset[int]:
        """Which pages of a document are stored."""
        found = self._scroll(
            _PAGES_PER_LISTING, scroll_filter=_in_documents((document_id,)), with_payload=["page_number"]
        )
        return frozenset(record.payload["page_number"] for record in found if record.payload)

    def points(self) -> Iterator[PagePoint]:
        """Every page, ordered by point id."""
        found = self._scroll(
            _SCROLL_PAGES, with_payload=True, with_vectors=records.stored_vectors(self.schema)
        )
        for record in found:
            yield records.page_point(record.payload, record.vector)

    def page_keys(self) -> Iterator[tuple[str, int]]:
        """Document id and page number of every page."""
        for record in self._scroll(_PAGES_PER_LISTING, with_payload=["document_id", "page_number"]):
            if record.payload:
                yield record.payload["document_id"], record.payload["page_number"]

    def search(self, plan: SearchPlan) -> list[Candidate]:
        """The plan's pages, best first."""
        with answering():
            return execute(plan, self)

    def rankings(self, plan: SearchPlan) -> list[Ranking]:
        """The ranked list of every first stage of the plan."""
        stages = _stages(plan, _COARSE_PARAMS if self._has_engine else None)
        requests = [request for _, _, request in stages]
        found = self._client.query_batch_points(self._name, requests) if stages else []
        return [
            Ranking(stage, weight, tuple((str(point.id), point.score) for point in response.points))
            for (stage, weight, _), response in zip(stages, found, strict=True)
        ]

    def region_scores(self, tokens: FloatArray, point_ids: Sequence[str]) -> Mapping[str, float]:
        """MaxSim of the tokens against the regions of each point that has some."""
        asked = encode_tokens(tokens)
        found = self._client.query_points(
            self._name,
            query=asked.rows.tolist(),
            using=REGIONS,
            query_filter=models.Filter(must=[models.HasIdCondition(has_id=list(point_ids))]),
            limit=len(point_ids),
            with_payload=False,
        )
        return {str(point.id): asked.score(point.score) for point in found.points}

    def pages(self, point_ids: Sequence[str]) -> Mapping[str, StoredPage]:
        """The pages of these points."""
        found = self._client.retrieve(self._name, list(point_ids), with_payload=records.PAGE_FIELDS)
        return {str(record.id): records.stored_page(record.payload) for record in found}

    def flush(self) -> None:
        """Nothing to do: the server keeps its own log and flushes it."""

    def close(self) -> None:
        """Nothing to do: the client is closed by whoever opened it."""

    def _open(self) -> None:
        if self._name in {each.name for each in self._client.get_collections().collections}:
            check_same(stored_schema(self._client, self._name, self.schema), self.schema)
        else:
            self._create()

    def _create(self) -> None:
        try:
            self._client.create_collection(
                self._name,
                vectors_config=_vector_params(self.schema),
                shard_number=self._shards,
                replication_factor=self._replicas,
                sparse_vectors_config={
                    name: models.SparseVectorParams(modifier=models.Modifier.IDF) for name in (TEXT, READ)
                },
            )
        except UnexpectedResponse as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
            # Another process that begins as well was faster.
        if self._has_engine:
            self._client.create_payload_index(self._name, DOCUMENT_ID, models.PayloadSchemaType.KEYWORD)

    def _scroll(self, pages: int, **what: Any) -> Iterator[models.Record]:  # noqa: ANN401 (passed on as it is)
        offset = None
        while True:
            with answering():
                found, offset = self._client.scroll(self._name, limit=pages, offset=offset, **what)
            yield from found
            if offset is None:
                return


@contextmanager
def answering() -> Iterator[None]:
    """Turn what the client raises when the server is down or refuses into IndexUnavailable."""
    try:
        yield
    except UnexpectedResponse as error:
        reason = f"{error.status_code} {error.reason_phrase}"
        raise IndexUnavailable(f"The Qdrant server refused the request ({reason}).") from error
    except (ResponseHandlingException, ApiException) as error:
        raise IndexUnavailable(f"The Qdrant server does not answer ({error}).") from error


def collection_name(schema: IndexSchema) -> str:
    """What the generation's collection is called on the server."""
    # A collection's own name holds no point, so that no collection's prefix begins another's.
    return f"vdr.{schema.collection}.{schema.generation}"


def connect(url: str, api_key: str | None) -> QdrantClient:
    """A client of the server at `url`, which need not answer yet."""
    return QdrantClient(url=url, api_key=api_key, timeout=TIMEOUT_S, check_compatibility=False)


def drop(client: QdrantClient, schema: IndexSchema) -> None:
    """Remove the generation's collection; a second time changes nothing. Raises IndexUnavailable."""
    with answering():
        client.delete_collection(collection_name(schema))


def stored_schema(client: QdrantClient, name: str, asked: IndexSchema) -> IndexSchema:
    """The schema that a collection on the server has; the catalogue has already told the fingerprint."""
    vectors = client.get_collection(name).config.params.vectors
    if not isinstance(vectors, dict) or FULL not in vectors:
        raise IndexMismatch(f"{name} on the server is not an index of vdr.")
    full = vectors[FULL].size
    coarse = vectors[COARSE].size if COARSE in vectors else full
    regions = vectors[REGIONS].size if REGIONS in vectors else None
    return IndexSchema(asked.collection, asked.fingerprint, full, coarse, regions, asked.name)


def _vector_params(schema: IndexSchema) -> dict[str, models.VectorParams]:
    params = {FULL: _dense_params(schema.dims, is_searched=not schema.has_coarse)}
    if schema.has_coarse:
        params[COARSE] = _dense_params(schema.coarse_dims, is_searched=True)
    if schema.region_dims is not None:
        params[REGIONS] = models.VectorParams(
            size=schema.region_dims,
            distance=models.Distance.DOT,  # not cosine: the length of a query token is its weight
            datatype=models.Datatype.UINT8,
            on_disk=True,
            hnsw_config=models.HnswConfigDiff(m=0),
            multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
        )
    return params


def _dense_params(dims: int, *, is_searched: bool) -> models.VectorParams:
    """Float16 on disk; what is searched also as int8 in RAM under HNSW, what only rescores without."""
    int8 = models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(
            type=models.ScalarType.INT8, quantile=INT8_QUANTILE, always_ram=True
        )
    )
    return models.VectorParams(
        size=dims,
        distance=models.Distance.COSINE,
        datatype=models.Datatype.FLOAT16,
        on_disk=True,
        hnsw_config=models.HnswConfigDiff(m=HNSW_M if is_searched else 0, ef_construct=HNSW_EF_CONSTRUCT),
        quantization_config=int8 if is_searched else None,
    )


def _point(point: PagePoint, schema: IndexSchema) -> models.PointStruct:
    vectors: dict[str, Any] = {**records.dense_vectors(point, schema)}
    vectors |= {name: _sparse(vector) for name, vector in records.sparse_vectors(point).items()}
    regions = records.region_vectors(point, schema)
    if regions is not None:
        vectors[REGIONS] = regions
    key = point_id(schema, point.document_id, point.page_number)
    return models.PointStruct(id=key, vector=vectors, payload=dict(records.payload(point, schema)))


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _stages(
    plan: SearchPlan, coarse_params: models.SearchParams | None
) -> list[tuple[Stage, float, models.QueryRequest]]:
    """The requests of the plan's first stages; the coarse stage notes its scores and has no vote."""
    where = _plan_filter(plan.filter)
    requests = _dense_stages(plan.dense, where, coarse_params) if plan.dense else []
    for sparse in plan.sparse:
        request = models.QueryRequest(
            query=_sparse(sparse.terms), using=str(sparse.stage), limit=sparse.candidates, filter=where
        )
        requests.append((sparse.stage, sparse.weight, request))
    return requests


def _dense_stages(
    stage: DenseStage, where: models.Filter | None, params: models.SearchParams | None
) -> list[tuple[Stage, float, models.QueryRequest]]:
    limit, full = stage.candidates, stage.embedding.tolist()
    if stage.coarse is None:
        request = models.QueryRequest(query=full, using=FULL, limit=limit, filter=where)
        return [(Stage.FULL, stage.weight, request)]
    nearest = stage.coarse.tolist()
    coarse = models.QueryRequest(query=nearest, using=COARSE, limit=limit, filter=where, params=params)
    prefetch = models.Prefetch(query=nearest, using=COARSE, limit=limit, filter=where, params=params)
    rescored = models.QueryRequest(query=full, using=FULL, limit=limit, prefetch=[prefetch])
    return [(Stage.COARSE, 0.0, coarse), (Stage.FULL, stage.weight, rescored)]


def _plan_filter(where: DocumentFilter) -> models.Filter | None:
    return _in_documents(where.document_ids) if where.document_ids else None


def _in_documents(document_ids: Sequence[str]) -> models.Filter:
    match = models.MatchAny(any=list(document_ids))
    return models.Filter(must=[models.FieldCondition(key=DOCUMENT_ID, match=match)])
