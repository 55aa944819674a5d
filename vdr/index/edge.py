"""The embedded index: Qdrant's engine inside this process, one shard folder for each generation."""

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import qdrant_edge as edge
from filelock import FileLock
from pydantic import ValidationError

from vdr.errors import IndexMismatch, StorageFull
from vdr.files import write_whole
from vdr.index import edge_folder, records
from vdr.index.edge_filter import among_others, edge_filter
from vdr.index.edge_shard import ServedShard
from vdr.index.engine import Nearest, Scores, StoredPage
from vdr.index.page_cache import PageCache
from vdr.index.payload import document_payload, of_document
from vdr.index.schema import (
    REGIONS,
    IndexSchema,
    check_same,
    from_json,
    is_quantized,
    point_id,
    to_json,
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

# The engine holds the GIL while it works, so every call is short: about eight pages with 250 regions, 12 ms.
MAX_FLOATS_PER_WRITE = 250_000
# With 250 regions a page, a flush takes 250 ms for 50 pages and 1.1 s for 2,500; replaying the log after a
# crash 4 ms a page: often enough that opening stays quick, seldom enough that searches hardly wait.
PAGES_PER_FLUSH = 1_000
# Up to so many new pages a plain scan of their coarse vectors is left to do (benchmarks/scale.py): a copy of
# all, to build the graph in, is for more than that. The words of new pages are in memory, those of others in
# files.
UNINDEXED_PAGES = 20_000
_SCROLL_PAGES = 64
_CHANGES = count()  # of all indexes of the process: one that is opened again has changed
_ALL_PAGES = 1_000_000
_KEYS_A_SCROLL = 10_000
# The engine maps files with holes in them: where the disk is full, the system ends a process that writes into
# one (SIGBUS). A batch takes some megabytes.
_LEAST_FREE_BYTES = 64 * 1024 * 1024
# The full embedding rescores anyway, so the originals of the coarse vectors need not be read; those of many
# quantized ones are, but only of the best pages.
_QUANTIZED_PARAMS = edge.SearchParams(quantization=edge.QuantizationSearchParams(rescore=False))
_EXACT_PARAMS = edge.SearchParams(quantization=edge.QuantizationSearchParams(ignore=True))


class EdgeIndex:
    """A VectorIndex in a folder of its own.

    Threads may share one: the engine runs under the GIL, so calls take turns. Processes may not.
    """

    def __init__(self, shard: ServedShard, schema: IndexSchema, lock: FileLock, folder: Path) -> None:
        self.schema = schema
        self._folder = folder
        self._shard = shard
        self._lock = lock
        self._cache = PageCache()
        self._pages_since_flush = 0
        self.changes: int | None = next(_CHANGES)

    @classmethod
    def open(
        cls, data_dir: Path, schema: IndexSchema, *, unindexed_pages: int = UNINDEXED_PAGES
    ) -> "EdgeIndex":
        """Open the generation's index under `data_dir`, or make an empty one.

        Int8 vectors and HNSW graph of new pages are built in the background, now and whenever more than
        `unindexed_pages` are new.
        Raises IndexMismatch for an index of another schema, IndexLocked while another process is using it,
        StorageFull where there is no room for an empty one.
        """
        folder = edge_folder.folder_of(data_dir, schema.collection)
        lock = edge_folder.lock(folder, schema.generation)
        try:
            if not (folder / schema.generation).exists():
                _check_room(folder)
            _claim(edge_folder.schema_file(folder, schema.generation), schema)
            shard = ServedShard(folder, schema, unindexed_pages)
        except BaseException:
            lock.release()
            raise
        shard.build_if_due()
        return cls(shard, schema, lock, folder)

    def build(self) -> None:
        """Build int8 vectors and HNSW graph of all pages now; other threads search and write meanwhile.

        Raises OSError or RuntimeError where that fails, and leaves the index as it was.
        """
        self._shard.build()

    def upsert(self, points: Sequence[PagePoint]) -> None:
        """Store pages; each batch is in the write-ahead log before the next is made. Raises StorageFull."""
        for batch in records.batches(points, MAX_FLOATS_PER_WRITE):
            _check_room(self._folder)
            stored = [_point(point, self.schema) for point in batch]
            documents = {point.page.document_id for point in batch}
            changed = [str(point.id) for point in stored]
            with self._changing(changed), self._shard.writing(*documents, written=len(batch)) as shard:
                shard.update(edge.UpdateOperation.upsert_points(stored))
                self._pages_since_flush += len(batch)
        if self._pages_since_flush >= PAGES_PER_FLUSH:
            self.flush()

    def set_words(
        self, document_id: str, text: Mapping[int, SparseVector], read: Mapping[int, SparseVector]
    ) -> None:
        """Replace both sparse vectors of pages. Raises StorageFull."""
        _check_room(self._folder)
        ids = {number: point_id(self.schema, PageRef(document_id, number)) for number in text}
        vectors = {number: records.term_vectors(text[number], read.get(number)) for number in text}
        changed = [
            edge.PointVectors(ids[number], {name: _sparse(vector) for name, vector in named.items()})
            for number, named in vectors.items()
            if named
        ]
        with self._changing(), self._shard.writing(document_id, written=len(ids)) as shard:
            if changed:
                shard.update(edge.UpdateOperation.update_vectors(changed))
            if ids:
                told = records.words_payload()
                shard.update(edge.UpdateOperation.set_payload(list(ids.values()), told))

    def set_embeddings(self, document_id: str, made: Mapping[int, Sequence[PageVectors | None]]) -> None:
        """Replace the embeddings of pages. Raises StorageFull."""
        _check_room(self._folder)
        changed = [
            edge.PointVectors(point_id(self.schema, PageRef(document_id, number)), named)
            for number, vectors in made.items()
            if (named := records.embeddings(vectors, self.schema))
        ]
        with self._changing(), self._shard.writing(document_id, written=len(changed)) as shard:
            if changed:
                shard.update(edge.UpdateOperation.update_vectors(changed))

    def pages_of_other_words(self, document_id: str) -> frozenset[int]:
        """Which pages of a document another rule split."""
        where = edge_filter(of_document(document_id))
        found = self._scroll(_KEYS_A_SCROLL, filter=where, with_payload=records.WORD_FIELDS)
        return records.pages_of_other_words(record.payload for record in found)

    def set_document(self, document: Document) -> None:
        """Replace what the pages of a document say of it."""
        pages, told = edge_filter(of_document(document.document_id)), document_payload(document)
        changed = document.document_id
        with self._changing(document_id=changed), self._shard.writing(changed) as shard:
            shard.update(edge.UpdateOperation.set_payload_by_filter(pages, told))

    def set_page_labels(self, document_id: str, labels: Mapping[int, str]) -> None:
        """Replace the labels of pages."""
        for number, label in labels.items():
            page = point_id(self.schema, PageRef(document_id, number))
            with self._changing([page]), self._shard.writing(document_id) as shard:
                shard.update(edge.UpdateOperation.set_payload([page], {"page_label": label}))

    def outdated_pages(self, document: Document, labels: Mapping[int, str]) -> frozenset[int]:
        """Which pages of a document do not say of it what it says itself."""
        where = edge_filter(of_document(document.document_id))
        found = self._scroll(_KEYS_A_SCROLL, filter=where, with_payload=True)
        return records.outdated_pages((record.payload for record in found), document, labels)

    def index_fields(self) -> None:
        """Have look-ups by filter be quick."""
        self._shard.index_fields()

    def delete_document(self, document_id: str) -> None:
        """Remove all pages of a document."""
        pages = edge_filter(of_document(document_id))
        count = self.count(document_id)
        with (
            self._changing(document_id=document_id),
            self._shard.writing(document_id, removed=count) as shard,
        ):
            shard.update(edge.UpdateOperation.delete_points_by_filter(pages))

    def count(self, document_id: str | None = None) -> int:
        """Number of pages stored."""
        where = None if document_id is None else edge_filter(of_document(document_id))
        with self._shard.reading() as shard:
            return shard.count(edge.CountRequest(exact=True, filter=where))

    def rough_count(self) -> int:
        """How many pages are stored."""
        with self._shard.reading() as shard:
            return shard.info().points_count

    def page_numbers(self, document_id: str) -> frozenset[int]:
        """Which pages of a document are stored."""
        request = edge.ScrollRequest(
            limit=_ALL_PAGES, filter=edge_filter(of_document(document_id)), with_payload=["page_number"]
        )
        with self._shard.reading() as shard:
            found, _ = shard.scroll(request)
        return frozenset(record.payload["page_number"] for record in found if record.payload)

    def points(self) -> Iterator[PagePoint]:
        """Every page, ordered by point id."""
        vectors = records.stored_vectors(self.schema)
        for record in self._scroll(_SCROLL_PAGES, with_payload=True, with_vector=vectors):
            yield records.page_point(record.payload, record.vector, self.schema)

    def page_keys(self) -> Iterator[PageRef]:
        """Every page, without its vectors."""
        for record in self._scroll(_KEYS_A_SCROLL, with_payload=records.KEY_FIELDS):
            yield records.page_ref(record.payload)

    def nearest(
        self, queries: Sequence[Nearest], where: Filter | None = None, without: Collection[str] = ()
    ) -> list[Scores]:
        """What each query finds."""
        if not queries:
            return []
        among = among_others(where, without)
        batch = edge.QueryBatchRequest([_request(query, among, self.schema) for query in queries])
        with self._shard.reading() as shard:
            found = shard.query_batch(batch)
        return [tuple((_name(point.id), point.score) for point in points) for points in found]

    def region_scores(self, tokens: QueryTokens, point_ids: Sequence[str]) -> Mapping[str, float]:
        """MaxSim of the tokens against the regions of each point that has some."""
        request = edge.QueryRequest(
            len(point_ids),
            query=edge.Query.Nearest(tokens.rows.astype(float).tolist(), using=REGIONS),
            filter=edge.Filter(must=[edge.HasIdCondition(set(point_ids))]),
        )
        with self._shard.reading() as shard:
            found = shard.query(request)
        return {str(point.id): (point.score - tokens.offset) / tokens.scale for point in found}

    def page_embeddings(self, page: PageRef) -> tuple[FloatArray, ...] | None:
        """The full embedding of a page by each embedder."""
        names = [named.full for named in self.schema.vectors]
        with self._shard.reading() as shard:
            found = shard.retrieve([point_id(self.schema, page)], with_payload=False, with_vector=names)
        return records.stored_embeddings(found[0].vector, page, self.schema) if found else None

    def pages(self, point_ids: Sequence[str]) -> Mapping[str, StoredPage]:
        """The pages of these points."""
        return self._cache.pages(point_ids, self._read_pages)

    def fields(self, point_ids: Sequence[str], names: Sequence[str]) -> Mapping[str, Metadata]:
        """What filters see of these points."""
        parts = records.field_parts(names)
        with self._shard.reading() as shard:
            found = shard.retrieve(list(point_ids), with_payload=parts, with_vector=False)
        return {str(record.id): records.stored_fields(record.payload, names) for record in found}

    def flush(self) -> None:
        """Bring everything to the disk and cut the write-ahead log short."""
        self._shard.flush()
        self._pages_since_flush = 0

    def finish_building(self) -> None:
        """Wait for a build that is due or under way; one that fails is logged."""
        self._shard.finish_building()

    def close(self) -> None:
        """Flush and let go of the folder."""
        try:
            self._shard.close()
        finally:
            self._lock.release()

    def _read_pages(self, point_ids: Sequence[str]) -> Mapping[str, StoredPage]:
        with self._shard.reading() as shard:
            found = shard.retrieve(list(point_ids), with_payload=records.PAGE_FIELDS, with_vector=False)
        return {str(record.id): records.stored_page(record.payload) for record in found}

    @contextmanager
    def _changing(self, points: Collection[str] = (), document_id: str | None = None) -> Iterator[None]:
        """After the block, failed or not, what it has written to is another index and read again."""
        try:
            yield
        finally:
            self._cache.forget(points, document_id)
            self.changes = next(_CHANGES)

    def _scroll(self, pages: int, **what: Any) -> Iterator[edge.Record]:  # noqa: ANN401 (passed on as it is)
        offset = None
        while True:
            with self._shard.reading() as shard:
                found, offset = shard.scroll(edge.ScrollRequest(offset=offset, limit=pages, **what))
            yield from found
            if offset is None:
                return


def _claim(file: Path, schema: IndexSchema) -> None:
    """Record next to the shard the schema it is built by, or check that it is this one."""
    if not file.exists():
        write_whole(file, to_json(schema))
        return
    try:
        found = from_json(file.read_bytes())
    except ValidationError as error:
        raise IndexMismatch(f"{file.name} of collection {schema.collection!r} cannot be read.") from error
    check_same(found, schema)


def _check_room(folder: Path) -> None:
    free, needed = (size // 1024**2 for size in (shutil.disk_usage(folder).free, _LEAST_FREE_BYTES))
    if free < needed:
        raise StorageFull(f"The index needs {needed} MB of free space; {folder} has {free}.")


@lru_cache(100_000)
def _name(point: UUID | int | str) -> str:
    """The id of a point as a text. A search looks at thousands, and to write one out takes 1 us."""
    return str(point)


def _point(point: PagePoint, schema: IndexSchema) -> edge.Point:
    vectors: dict[str, Any] = {**records.dense_vectors(point, schema)}
    vectors |= {name: _sparse(vector) for name, vector in records.sparse_vectors(point).items()}
    regions = records.region_vectors(point, schema)
    if regions is not None:
        vectors[REGIONS] = regions
    return edge.Point(point_id(schema, point.page), vectors, records.payload(point, schema))


def _sparse(vector: SparseVector) -> edge.SparseVector:
    return edge.SparseVector(list(vector.indices), list(vector.values))


def _request(query: Nearest, where: edge.Filter | None, schema: IndexSchema) -> edge.QueryRequest:
    return edge.QueryRequest(query.limit, **_asked(query, where, schema))


def _asked(query: Nearest, where: edge.Filter | None, schema: IndexSchema) -> dict[str, Any]:
    """What requests and prefetches have in common."""
    asked = {"query": edge.Query.Nearest(_vector(query), using=query.name), "params": _params(query, schema)}
    if query.among is None:
        return {**asked, "filter": where}
    # What the prefetch lets pass is filtered already.
    prefetch = edge.Prefetch(query.among.limit, **_asked(query.among, where, schema))
    return {**asked, "prefetches": [prefetch]}


def _vector(query: Nearest) -> Any:  # noqa: ANN401 - the engine's own types
    return _sparse(query.vector) if isinstance(query.vector, SparseVector) else query.vector.tolist()


def _params(query: Nearest, schema: IndexSchema) -> edge.SearchParams | None:
    if not is_quantized(query.name, schema):
        return None
    return _EXACT_PARAMS if query.is_exact else _QUANTIZED_PARAMS
