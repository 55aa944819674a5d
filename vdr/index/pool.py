"""The indexes that a process has open: each opened on first use, the least recently used closed again."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock
from typing import TYPE_CHECKING

from vdr.errors import CollectionNotFound, GenerationNotFound
from vdr.index import edge_folder
from vdr.index.edge import EdgeIndex
from vdr.index.engine import Nearest, Scores, StoredPage, VectorIndex
from vdr.index.schema import IndexSchema
from vdr.settings import IndexSettings
from vdr.spans import spanned
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

if TYPE_CHECKING:  # the client of the server takes longer to import than a search
    from qdrant_client import QdrantClient

_Key = tuple[str, str]  # collection and generation


@dataclass(slots=True)
class _Opened:
    """An index with the calls that are using it; `opening` is held until it is open."""

    opening: Lock = field(default_factory=Lock)
    index: VectorIndex | None = None
    users: int = 0


class Indexes:
    """The indexes of all generations: on the Qdrant server that the settings name, else embedded.

    Threads may share one. Of embedded indexes at most `settings.open_collections` stay open, or as many as
    are in use at once.
    """

    def __init__(self, settings: IndexSettings, check: Callable[[str, str], object]) -> None:
        """`check` raises CollectionNotFound for the names of a collection and its generation of which either
        was deleted, or GenerationNotFound.
        """
        self._settings, self._check = settings, check
        key = settings.qdrant_api_key
        self._client: QdrantClient | None = None
        if settings.qdrant_url is not None:
            from vdr.index.qdrant import connect  # noqa: PLC0415

            self._client = connect(settings.qdrant_url, key.get_secret_value() if key else None)
        self._opened: OrderedDict[_Key, _Opened] = OrderedDict()
        self._changed = Condition()

    def of(self, schema: IndexSchema) -> VectorIndex:
        """The index of a generation, opened when it is first asked for something."""
        return _Pooled(self, schema)

    @contextmanager
    def lease(self, schema: IndexSchema) -> Iterator[VectorIndex]:
        """The open index, which stays so inside the block.

        Raises IndexMismatch if it was built by another model, IndexLocked if another process is using it,
        IndexUnavailable if the server is not responding, CollectionNotFound or GenerationNotFound if it was
        deleted.
        """
        key = (schema.collection, schema.generation)
        with self._changed:
            opened = self._opened.setdefault(key, _Opened())
            self._opened.move_to_end(key)
            opened.users += 1
        try:
            with opened.opening:
                if opened.index is None:
                    opened.index = self._open(schema)
            yield opened.index
        finally:
            with self._changed:
                opened.users -= 1
                self._changed.notify_all()
                self._close_beyond()

    def drop(self, collection: str, generation: str) -> None:
        """Remove a generation's index once nobody uses it; a second time changes nothing.

        Raises IndexLocked if another process is using it, IndexUnavailable if the server is not responding.
        """
        key = (collection, generation)
        with self._changed:
            self._changed.wait_for(lambda: key not in self._opened or not self._opened[key].users)
            self._close(key)
            self._erase(key)

    def close(self) -> None:
        """Flush and close all of them, and the connections."""
        with self._changed:
            for key in list(self._opened):
                self._close(key)
        if self._client is not None:
            self._client.close()

    def _open(self, schema: IndexSchema) -> VectorIndex:
        """The index of a generation that is there.

        It is looked for only now, when whoever deletes it either finds the index or was seen:
        a handle from before would make an index that nobody removes.
        """
        index = self._make(schema)
        try:
            self._check(schema.collection, schema.generation)
        except BaseException as error:
            index.close()
            if isinstance(error, CollectionNotFound | GenerationNotFound):
                self._erase((schema.collection, schema.generation))
            raise
        return index

    def _make(self, schema: IndexSchema) -> VectorIndex:
        settings = self._settings
        if self._client is None:
            return EdgeIndex.open(settings.data_dir.expanduser(), schema)
        from vdr.index.qdrant import QdrantIndex  # noqa: PLC0415

        return QdrantIndex(
            self._client, schema, shards=settings.qdrant_shards, replicas=settings.qdrant_replicas
        )

    def _erase(self, key: _Key) -> None:
        if self._client is not None:
            from vdr.index.qdrant import drop  # noqa: PLC0415

            drop(self._client, *key)
        else:
            edge_folder.drop(self._settings.data_dir.expanduser(), *key)

    def _close_beyond(self) -> None:
        idle = [key for key, opened in self._opened.items() if not opened.users]
        for key in idle[: max(len(self._opened) - self._settings.open_collections, 0)]:
            self._close(key)

    def _close(self, key: _Key) -> None:
        opened = self._opened.pop(key, None)
        if opened is not None and opened.index is not None:
            opened.index.close()


class _Pooled:
    """A VectorIndex that is open only while it is used, and as long afterwards as there is room."""

    def __init__(self, indexes: Indexes, schema: IndexSchema) -> None:
        self.schema = schema
        self._indexes = indexes

    @property
    def changes(self) -> int | None:
        with self._indexes.lease(self.schema) as index:
            return index.changes

    def upsert(self, points: Sequence[PagePoint]) -> None:
        with self._indexes.lease(self.schema) as index:
            index.upsert(points)

    def set_words(
        self, document_id: str, text: Mapping[int, SparseVector], read: Mapping[int, SparseVector]
    ) -> None:
        with self._indexes.lease(self.schema) as index:
            index.set_words(document_id, text, read)

    def set_embeddings(self, document_id: str, made: Mapping[int, Sequence[PageVectors | None]]) -> None:
        with self._indexes.lease(self.schema) as index:
            index.set_embeddings(document_id, made)

    def pages_of_other_words(self, document_id: str) -> frozenset[int]:
        with self._indexes.lease(self.schema) as index:
            return index.pages_of_other_words(document_id)

    def set_document(self, document: Document) -> None:
        with self._indexes.lease(self.schema) as index:
            index.set_document(document)

    def set_page_labels(self, document_id: str, labels: Mapping[int, str]) -> None:
        with self._indexes.lease(self.schema) as index:
            index.set_page_labels(document_id, labels)

    def outdated_pages(self, document: Document, labels: Mapping[int, str]) -> frozenset[int]:
        with self._indexes.lease(self.schema) as index:
            return index.outdated_pages(document, labels)

    def index_fields(self) -> None:
        with self._indexes.lease(self.schema) as index:
            index.index_fields()

    def delete_document(self, document_id: str) -> None:
        with self._indexes.lease(self.schema) as index:
            index.delete_document(document_id)

    def count(self, document_id: str | None = None) -> int:
        with self._indexes.lease(self.schema) as index:
            return index.count(document_id)

    def rough_count(self) -> int:
        with self._indexes.lease(self.schema) as index:
            return index.rough_count()

    def page_numbers(self, document_id: str) -> frozenset[int]:
        with self._indexes.lease(self.schema) as index:
            return index.page_numbers(document_id)

    def points(self) -> Iterator[PagePoint]:
        with self._indexes.lease(self.schema) as index:
            yield from index.points()

    def page_keys(self) -> Iterator[PageRef]:
        with self._indexes.lease(self.schema) as index:
            yield from index.page_keys()

    @spanned("engine nearest")
    def nearest(
        self, queries: Sequence[Nearest], where: Filter | None = None, without: Collection[str] = ()
    ) -> list[Scores]:
        with self._indexes.lease(self.schema) as index:
            return index.nearest(queries, where, without)

    @spanned("engine region scores")
    def region_scores(self, tokens: QueryTokens, point_ids: Sequence[str]) -> Mapping[str, float]:
        with self._indexes.lease(self.schema) as index:
            return index.region_scores(tokens, point_ids)

    def page_embeddings(self, page: PageRef) -> tuple[FloatArray, ...] | None:
        with self._indexes.lease(self.schema) as index:
            return index.page_embeddings(page)

    @spanned("engine pages")
    def pages(self, point_ids: Sequence[str]) -> Mapping[str, StoredPage]:
        with self._indexes.lease(self.schema) as index:
            return index.pages(point_ids)

    def fields(self, point_ids: Sequence[str], names: Sequence[str]) -> Mapping[str, Metadata]:
        with self._indexes.lease(self.schema) as index:
            return index.fields(point_ids, names)

    def flush(self) -> None:
        with self._indexes.lease(self.schema) as index:
            index.flush()

    def finish_building(self) -> None:
        with self._indexes.lease(self.schema) as index:
            index.finish_building()

    def close(self) -> None:
        """Nothing to do: the pool closes it."""
