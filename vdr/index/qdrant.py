"""The index on a Qdrant server or cluster: schema and plans of the embedded one, over qdrant-client."""

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse
from qdrant_client.local.qdrant_local import QdrantLocal

from vdr.errors import IndexUnavailable
from vdr.index import records
from vdr.index.engine import Nearest, Scores, StoredPage
from vdr.index.payload import PAYLOAD_INDEXES, document_payload, of_document
from vdr.index.qdrant_filter import among_others, qdrant_filter
from vdr.index.qdrant_vectors import stored_schema, vector_params
from vdr.index.schema import (
    READ,
    REGIONS,
    TEXT,
    IndexSchema,
    check_same,
    is_quantized,
    point_id,
)
from vdr.types import (
    Document,
    Filter,
    FloatArray,
    Metadata,
    PagePoint,
    PageRef,
    PageVectors,
    QueryTokens,
    SparseVector,
)

# A number takes up to 20 bytes in JSON, and Qdrant takes requests of up to 32 MiB.
MAX_FLOATS_PER_WRITE = 1_000_000
TIMEOUT_S = 60
_SCROLL_PAGES = 64
# The full embedding rescores anyway, so the originals of the coarse vectors need not be read; those of many
# quantized ones are, but only of the best pages.
_QUANTIZED_PARAMS = models.SearchParams(quantization=models.QuantizationSearchParams(rescore=False))
_EXACT_PARAMS = models.SearchParams(quantization=models.QuantizationSearchParams(ignore=True))
_PAGES_PER_LISTING = 10_000
_LABELS_PER_WRITE = 1_000
_COUNTED_FOR_S = 60.0


class QdrantIndex:
    """A VectorIndex in a Qdrant collection of its own, named `vdr.<collection>.<generation>`."""

    changes: int | None = None

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
        self._name = _collection_name(schema.collection, schema.generation)
        self._counted = (-math.inf, 0)  # when, by the monotonic clock, and how many
        with answering():
            self._open()

    def upsert(self, points: Sequence[PagePoint]) -> None:
        """Store pages; the server has them in its write-ahead log when it answers."""
        with answering():
            for batch in records.batches(points, MAX_FLOATS_PER_WRITE):
                stored = [_point(point, self.schema) for point in batch]
                self._client.upsert(self._name, stored, wait=True)

    def set_words(
        self, document_id: str, text: Mapping[int, SparseVector], read: Mapping[int, SparseVector]
    ) -> None:
        """Replace both sparse vectors of pages."""
        ids = {number: point_id(self.schema, PageRef(document_id, number)) for number in text}
        vectors = {number: records.term_vectors(text[number], read.get(number)) for number in text}
        changed = [
            models.PointVectors(
                id=ids[number], vector={name: _sparse(vector) for name, vector in named.items()}
            )
            for number, named in vectors.items()
            if named
        ]
        with answering():
            if changed:
                self._client.update_vectors(self._name, changed, wait=True)
            if ids:
                self._client.set_payload(self._name, records.words_payload(), list(ids.values()), wait=True)

    def set_embeddings(self, document_id: str, made: Mapping[int, Sequence[PageVectors | None]]) -> None:
        """Replace the embeddings of pages."""
        changed = [
            models.PointVectors(id=point_id(self.schema, PageRef(document_id, number)), vector=named)
            for number, vectors in made.items()
            if (named := records.embeddings(vectors, self.schema))
        ]
        if changed:
            with answering():
                self._client.update_vectors(self._name, changed, wait=True)

    def pages_of_other_words(self, document_id: str) -> frozenset[int]:
        """Which pages of a document another rule split."""
        where = qdrant_filter(of_document(document_id))
        found = self._scroll(_PAGES_PER_LISTING, scroll_filter=where, with_payload=records.WORD_FIELDS)
        return records.pages_of_other_words(record.payload for record in found)

    def set_document(self, document: Document) -> None:
        """Replace what the pages of a document say of it."""
        pages = qdrant_filter(of_document(document.document_id))
        with answering():
            self._client.set_payload(self._name, document_payload(document), pages, wait=True)

    def set_page_labels(self, document_id: str, labels: Mapping[int, str]) -> None:
        """Replace the labels of pages, those of many in one request."""
        ids = {number: point_id(self.schema, PageRef(document_id, number)) for number in labels}
        changes = [
            models.SetPayloadOperation(
                set_payload=models.SetPayload(payload={"page_label": label}, points=[ids[number]])
            )
            for number, label in labels.items()
        ]
        for start in range(0, len(changes), _LABELS_PER_WRITE):
            with answering():
                some = changes[start : start + _LABELS_PER_WRITE]
                self._client.batch_update_points(self._name, some, wait=True)

    def outdated_pages(self, document: Document, labels: Mapping[int, str]) -> frozenset[int]:
        """Which pages of a document do not say of it what it says itself."""
        where = qdrant_filter(of_document(document.document_id))
        found = self._scroll(_PAGES_PER_LISTING, scroll_filter=where, with_payload=True)
        return records.outdated_pages((record.payload for record in found), document, labels)

    def index_fields(self) -> None:
        """Have look-ups by filter be quick."""
        if self._has_engine:
            for field, kind in PAYLOAD_INDEXES.items():
                with answering():
                    self._client.create_payload_index(self._name, field, models.PayloadSchemaType(kind))

    def delete_document(self, document_id: str) -> None:
        """Remove all pages of a document."""
        with answering():
            selector = models.FilterSelector(filter=qdrant_filter(of_document(document_id)))
            self._client.delete(self._name, selector, wait=True)

    def count(self, document_id: str | None = None) -> int:
        """Number of pages stored."""
        where = qdrant_filter(of_document(document_id)) if document_id is not None else None
        with answering():
            return self._client.count(self._name, count_filter=where, exact=True).count

    def rough_count(self) -> int:
        """About how many pages were stored a minute ago at most: no search has to ask for it first."""
        counted_at, pages = self._counted
        if time.monotonic() - counted_at > _COUNTED_FOR_S:
            with answering():
                pages = self._client.count(self._name, exact=False).count
            self._counted = (time.monotonic(), pages)
        return pages

    def page_numbers(self, document_id: str) -> frozenset[int]:
        """Which pages of a document are stored."""
        where = qdrant_filter(of_document(document_id))
        found = self._scroll(_PAGES_PER_LISTING, scroll_filter=where, with_payload=["page_number"])
        return frozenset(record.payload["page_number"] for record in found if record.payload)

    def points(self) -> Iterator[PagePoint]:
        """Every page, ordered by point id."""
        found = self._scroll(
            _SCROLL_PAGES, with_payload=True, with_vectors=records.stored_vectors(self.schema)
        )
        for record in found:
            yield records.page_point(record.payload, record.vector, self.schema)

    def page_keys(self) -> Iterator[PageRef]:
        """Every page, without its vectors."""
        for record in self._scroll(_PAGES_PER_LISTING, with_payload=records.KEY_FIELDS):
            yield records.page_ref(record.payload)

    def nearest(
        self, queries: Sequence[Nearest], where: Filter | None = None, without: Collection[str] = ()
    ) -> list[Scores]:
        """What each query finds."""
        if not queries:
            return []
        names = {each.name for query in queries for each in _chain(query)}
        quantized = {name for name in names if self._has_engine and is_quantized(name, self.schema)}
        among = among_others(where, without)
        requests = [_request(query, among, quantized) for query in queries]
        with answering():
            found = self._client.query_batch_points(self._name, requests)
        return [tuple((str(point.id), point.score) for point in response.points) for response in found]

    def region_scores(self, tokens: QueryTokens, point_ids: Sequence[str]) -> Mapping[str, float]:
        """MaxSim of the tokens against the regions of each point that has some."""
        with answering():
            found = self._client.query_points(
                self._name,
                query=tokens.rows.tolist(),
                using=REGIONS,
                query_filter=models.Filter(must=[models.HasIdCondition(has_id=list(point_ids))]),
                limit=len(point_ids),
                with_payload=False,
            )
        return {str(point.id): (point.score - tokens.offset) / tokens.scale for point in found.points}

    def page_embeddings(self, page: PageRef) -> tuple[FloatArray, ...] | None:
        """The full embedding of a page by each embedder."""
        point, names = point_id(self.schema, page), [named.full for named in self.schema.vectors]
        with answering():
            found = self._client.retrieve(self._name, [point], with_payload=False, with_vectors=names)
        return records.stored_embeddings(found[0].vector, page, self.schema) if found else None

    def pages(self, point_ids: Sequence[str]) -> Mapping[str, StoredPage]:
        """The pages of these points."""
        with answering():
            found = self._client.retrieve(self._name, list(point_ids), with_payload=records.PAGE_FIELDS)
        return {str(record.id): records.stored_page(record.payload) for record in found}

    def fields(self, point_ids: Sequence[str], names: Sequence[str]) -> Mapping[str, Metadata]:
        """What filters see of these points."""
        parts = records.field_parts(names)
        with answering():
            found = self._client.retrieve(self._name, list(point_ids), with_payload=parts)
        return {str(record.id): records.stored_fields(record.payload, names) for record in found}

    def flush(self) -> None:
        """Nothing to do: the server keeps its own log and flushes it."""

    def finish_building(self) -> None:
        """Nothing to do: the server builds on."""

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
                vectors_config=vector_params(self.schema),
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
        self.index_fields()

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
        raise IndexUnavailable(f"The Qdrant server is not responding ({error}).") from error


def connect(url: str, api_key: str | None) -> QdrantClient:
    """A client of the server at `url`, which need not answer yet."""
    return QdrantClient(url=url, api_key=api_key, timeout=TIMEOUT_S, check_compatibility=False)


def drop(client: QdrantClient, collection: str, generation: str) -> None:
    """Remove a generation's index; a second time changes nothing. Raises IndexUnavailable."""
    with answering():
        client.delete_collection(_collection_name(collection, generation))


def _collection_name(collection: str, generation: str) -> str:
    """What a generation's index is called on the server."""
    # A collection's own name contains no dot, so that no collection's prefix begins another's.
    return f"vdr.{collection}.{generation}"


def _point(point: PagePoint, schema: IndexSchema) -> models.PointStruct:
    vectors: dict[str, Any] = {**records.dense_vectors(point, schema)}
    vectors |= {name: _sparse(vector) for name, vector in records.sparse_vectors(point).items()}
    regions = records.region_vectors(point, schema)
    if regions is not None:
        vectors[REGIONS] = regions
    payload = dict(records.payload(point, schema))
    return models.PointStruct(id=point_id(schema, point.page), vector=vectors, payload=payload)


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _chain(query: Nearest | None) -> Iterator[Nearest]:
    """A query and those that it works among."""
    while query is not None:
        yield query
        query = query.among


def _request(query: Nearest, where: models.Filter | None, quantized: Set[str]) -> models.QueryRequest:
    return models.QueryRequest(**_asked(query, where, quantized))


def _asked(query: Nearest, where: models.Filter | None, quantized: Set[str]) -> dict[str, Any]:
    """What requests and prefetches have in common."""
    vector = _sparse(query.vector) if isinstance(query.vector, SparseVector) else query.vector.tolist()
    params = _EXACT_PARAMS if query.is_exact else _QUANTIZED_PARAMS
    asked = {"query": vector, "using": query.name, "limit": query.limit}
    asked["params"] = params if query.name in quantized else None
    if query.among is None:
        return {**asked, "filter": where}
    # What the prefetch lets pass is filtered already.
    return {**asked, "prefetch": [models.Prefetch(**_asked(query.among, where, quantized))]}
