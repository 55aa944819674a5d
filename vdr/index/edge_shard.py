"""The shard that an embedded index serves from: read while it is written to, and built on a copy meanwhile.

All that the engine does it does under Python's global lock, so its calls take turns. What takes it long is
kept away from searches: files are brought to the disk before it is told to flush, and the graph is built by
another process in a copy of the shard. What is written meanwhile goes to the shard; the documents concerned
are copied over once the copy is built, which then takes the shard's place.
"""

import logging
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from threading import Condition, Event, Lock, RLock, Thread

import qdrant_edge as edge

from vdr.errors import IndexMismatch
from vdr.files import make_folder_whole
from vdr.index import edge_folder
from vdr.index.edge_building import start_building
from vdr.index.edge_copy import copy_folder, size_on_disk, sync_files
from vdr.index.edge_filter import edge_filter
from vdr.index.edge_state import ShardState, next_name, note_state, read_state
from vdr.index.edge_vectors import config_of
from vdr.index.payload import PAYLOAD_INDEXES, of_document
from vdr.index.schema import REMEDY, IndexSchema

# A search compares its vector with every new page until they are built: with more than this share of all
# pages, building them is worth the copy.
_NEW_SHARE, _REMOVED_SHARE = 0.05, 0.2
_LEAST_REMOVED = 1_000
_WORTH_NOTING = 1_000  # pages written or removed since they were last noted on the disk
# What is copied over at last, while nobody can write.
_LAST_DOCUMENTS = 4
_PAGES_AT_ONCE = 8
# Beside a copy, the engine needs room for what it builds from it.
_ROOM = 2.2
_LETTING_GO_S = 10.0
# The engine's own lock goes with its open file, which every process has that was just forked, to run poppler
# say, until it becomes that program: a shard may stay locked for some 30 ms after it was closed.
_LOOK_AGAIN_S = 0.02
_FIELD_TYPES = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "datetime": edge.PayloadSchemaType.Datetime,
}
_LOG = logging.getLogger(__name__)


class ServedShard:
    """A generation's shard in the folder of its collection, which is locked by whoever makes this.

    Threads may share one.
    """

    def __init__(self, folder: Path, schema: IndexSchema, unindexed_pages: int) -> None:
        """Open the shard, or make an empty one. Raises IndexMismatch, IndexLocked."""
        self._folder, self._schema, self._unindexed_pages = folder, schema, unindexed_pages
        self._state = read_state(folder, schema.generation)
        self._shard = _open_shard(self._path, schema)
        if self._state.written is None:
            self._state = ShardState(self._state.name, self._shard.info().points_count)
        self._noted = self._state
        self._users: Counter[int] = Counter()
        self._changed = Condition()
        self._writing, self._building = RLock(), Lock()
        self._touched: set[str] | None = None  # documents changed while a copy is built
        self._closing = Event()
        self._process: Popen[bytes] | None = None
        self._builder: Thread | None = None

    @contextmanager
    def reading(self) -> Iterator[edge.EdgeShard]:
        """The shard, which stays open inside the block."""
        with self._changed:
            shard = self._shard
            self._users[id(shard)] += 1
        try:
            yield shard
        finally:
            with self._changed:
                self._users[id(shard)] -= 1
                self._changed.notify_all()

    @contextmanager
    def writing(self, *document_ids: str, written: int = 0, removed: int = 0) -> Iterator[edge.EdgeShard]:
        """The shard, in which the block changes pages of these documents, and so many of them.

        It waits for other writers, and while the shard is copied.
        """
        with self._writing:
            if self._touched is not None:
                self._touched.update(document_ids)
            yield self._shard
            self._count(written, removed)

    def index_fields(self) -> None:
        """Have look-ups by filter be quick."""
        with self._writing:
            _index_fields(self._shard)

    def flush(self) -> None:
        """Bring everything to the disk and cut the write-ahead log short; then build, if that is due."""
        sync_files(self._path)
        with self._writing:
            self._shard.flush()
            self._note()
        self.build_if_due()

    def build_if_due(self) -> None:
        """Begin to build in the background once a twentieth of the pages is new, or a fifth was removed."""
        if self._is_due() and (self._builder is None or not self._builder.is_alive()):
            self._builder = Thread(target=self._build_quietly, name="index-building", daemon=True)
            self._builder.start()

    def finish_building(self) -> None:
        """Wait for a build that is due or under way."""
        self.build_if_due()
        if self._builder is not None:
            self._builder.join()

    def build(self) -> None:
        """Put all pages under the graph, and leave out what was removed, while searches and writes go on.

        Raises OSError or RuntimeError where that fails; the shard stays as it is.
        """
        with self._building:
            draft = self._folder / next_name(self._schema.generation, self._state.name)
            shutil.rmtree(draft, ignore_errors=True)
            try:
                self._copy_to(draft)
                self._build_in(draft)
                before = self._catch_up(_load(draft, self._schema), draft.name)
            except BaseException:
                self._touched = None
                shutil.rmtree(draft, ignore_errors=True)
                raise
            self._let_go_of(*before)

    def close(self) -> None:
        """Flush and let go of the shard; a build under way is given up."""
        self._closing.set()
        if self._process is not None:
            self._process.kill()
        if self._builder is not None:
            self._builder.join()
        with self._writing:
            self._note()
            self._shard.close()

    @property
    def _path(self) -> Path:
        return self._folder / self._state.name

    def _count(self, written: int, removed: int) -> None:
        state = self._state
        self._state = ShardState(state.name, (state.written or 0) + written, state.removed + removed)

    def _note(self) -> None:
        changed = (self._state.written or 0) - (self._noted.written or 0)
        if changed + self._state.removed - self._noted.removed >= _WORTH_NOTING:
            note_state(self._folder, self._schema.generation, self._state)
            self._noted = self._state

    def _is_due(self) -> bool:
        with self.reading() as shard:
            pages = shard.info().points_count
        new, removed = self._state.written or 0, self._state.removed
        return new > max(self._unindexed_pages, _NEW_SHARE * pages) or removed > max(
            _LEAST_REMOVED, _REMOVED_SHARE * pages
        )

    def _build_quietly(self) -> None:
        try:
            self.build()
        except (OSError, RuntimeError) as error:
            if not self._closing.is_set():
                _LOG.warning("The graph of collection %s was not built: %s", self._schema.collection, error)
                self._state = ShardState(self._state.name, 0, 0)  # until as much has changed again

    def _copy_to(self, draft: Path) -> None:
        needed, free = _ROOM * size_on_disk(self._path), shutil.disk_usage(self._folder).free
        if free < needed:
            raise RuntimeError(
                f"it needs {needed / 1e9:.1f} GB of free space, and there are {free / 1e9:.1f}"
            )
        sync_files(self._path)
        with self._writing:
            self._shard.flush()
            copy_folder(self._path, draft, lambda: not self._closing.is_set())
            self._touched = set()

    def _build_in(self, draft: Path) -> None:
        if self._closing.is_set():
            raise RuntimeError("the index is being closed")
        with start_building(draft, self._schema) as self._process:
            if self._closing.is_set():  # meanwhile
                self._process.kill()
            said = self._process.stderr.read() if self._process.stderr else b""
        if self._process.returncode:
            last = (said.decode(errors="replace").strip().splitlines() or [""])[-1]
            raise RuntimeError(f"the process ended with {self._process.returncode}. {last}")

    def _catch_up(self, built: edge.EdgeShard, name: str) -> tuple[edge.EdgeShard, Path]:
        """Bring over what was changed meanwhile and serve from what was built; what was served before."""
        written = 0
        _index_fields(built)
        while True:
            with self._writing:
                touched = self._touched or set()
                self._touched = set()
                if len(touched) <= _LAST_DOCUMENTS:
                    written += self._bring_over(touched, built)
                    built.flush()
                    return self._serve(built, ShardState(name, written))
            written += self._bring_over(touched, built)

    def _bring_over(self, documents: set[str], built: edge.EdgeShard) -> int:
        """Make these documents what they are now, and count their pages."""
        count = 0
        for document_id in documents:
            where = edge_filter(of_document(document_id))
            built.update(edge.UpdateOperation.delete_points_by_filter(where))
            offset = None
            while True:
                request = edge.ScrollRequest(
                    offset=offset, limit=_PAGES_AT_ONCE, filter=where, with_payload=True, with_vector=True
                )
                with self.reading() as shard:
                    found, offset = shard.scroll(request)
                points = [edge.Point(record.id, record.vector or {}, record.payload) for record in found]
                if points:
                    built.update(edge.UpdateOperation.upsert_points(points))
                count += len(points)
                if offset is None:
                    break
        return count

    def _serve(self, built: edge.EdgeShard, state: ShardState) -> tuple[edge.EdgeShard, Path]:
        before = self._path
        note_state(self._folder, self._schema.generation, state)
        with self._changed:
            served, self._shard = self._shard, built
        self._state = self._noted = state
        self._touched = None
        return served, before

    def _let_go_of(self, served: edge.EdgeShard, folder: Path) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._users[id(served)])
        sync_files(folder)
        served.close()
        shutil.rmtree(folder)


def _open_shard(folder: Path, schema: IndexSchema) -> edge.EdgeShard:
    if not folder.exists():
        make_folder_whole(folder, lambda draft: _create_shard(draft, config_of(schema)))
    # The lock of the folder is ours already, so whoever holds the engine's is about to let go of it.
    deadline = time.monotonic() + _LETTING_GO_S
    while True:
        try:
            return _load(folder, schema)
        except Exception as error:  # the engine raises nothing more precise
            if "incompatible" in str(error):
                raise IndexMismatch(
                    f"Collection {schema.collection!r} has an index in another format.", remedy=REMEDY
                ) from error
            if "WouldBlock" not in str(error):
                raise
            if time.monotonic() > deadline:
                raise edge_folder.in_use(schema.collection) from error
        time.sleep(_LOOK_AGAIN_S)


def _load(folder: Path, schema: IndexSchema) -> edge.EdgeShard:
    return edge.EdgeShard.load(str(folder), config_of(schema))


def _create_shard(folder: Path, config: edge.EdgeConfig) -> None:
    """Make an empty shard."""
    folder.mkdir()
    shard = edge.EdgeShard.create(str(folder), config)
    _index_fields(shard)
    shard.close()


def _index_fields(shard: edge.EdgeShard) -> None:
    for field, kind in PAYLOAD_INDEXES.items():
        shard.update(edge.UpdateOperation.create_field_index(field, _FIELD_TYPES[kind]))
