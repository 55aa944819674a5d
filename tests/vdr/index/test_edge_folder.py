"""The folder of embedded indexes: removed whole, and never under somebody who uses it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Lock

import pytest
from filelock import FileLock

from vdr.errors import CollectionNotFound, IndexLocked
from vdr.index import EdgeIndex, Indexes, IndexSchema, edge_folder
from vdr.settings import IndexSettings
from vdr.types import PagePoint

_ROUNDS = 15


@pytest.fixture
def schema(schema: IndexSchema) -> IndexSchema:
    return replace(schema, name="g1")


@pytest.fixture
def filled(tmp_path: Path, schema: IndexSchema, library: list[PagePoint]) -> Path:
    """A data directory with an index."""
    index = EdgeIndex.open(tmp_path, schema)
    index.upsert(library)
    index.close()
    return tmp_path


def test_nothing_is_left_of_the_last_generation(filled: Path) -> None:
    for _ in range(2):
        edge_folder.drop(filled, "default", "g1")
        assert list((filled / "index").iterdir()) == []


def test_what_a_crash_and_the_version_before_left_goes_with_it(filled: Path) -> None:
    folder = filled / "index" / "default"
    for name in ("schema.json", "lock", "schema-g1.json.new"):
        (folder / name).touch()
    (folder / "g1.new").mkdir()
    edge_folder.drop(filled, "default", "g1")
    assert list((filled / "index").iterdir()) == []


def test_another_generation_stays(filled: Path, schema: IndexSchema) -> None:
    EdgeIndex.open(filled, replace(schema, name="g2")).close()
    edge_folder.drop(filled, "default", "g2")
    names = {path.name for path in (filled / "index" / "default").iterdir()}
    assert names == {"g1", "g1.lock", "schema-g1.json"}
    index = EdgeIndex.open(filled, schema)
    assert index.count() == 20
    index.close()


def test_one_in_use_is_not_removed(filled: Path, schema: IndexSchema) -> None:
    index = EdgeIndex.open(filled, schema)
    with pytest.raises(IndexLocked):
        edge_folder.drop(filled, "default", "g1")
    assert index.count() == 20
    index.close()


def test_who_waited_while_it_was_removed_has_a_lock_that_holds_off_others(filled: Path) -> None:
    held = edge_folder.lock(filled / "index" / "default", "g1")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(edge_folder.lock, filled / "index" / "default", "g1")
        (filled / "index" / "default" / "g1.lock").unlink()  # as drop does
        held.release()
        again = waiting.result()
        with pytest.raises(IndexLocked):
            edge_folder.lock(filled / "index" / "default", "g1")
        again.release()


def test_two_are_never_inside_however_often_it_is_removed(tmp_path: Path) -> None:
    folder, inside, together = tmp_path / "index" / "default", Lock(), Barrier(3)

    def open_and_drop() -> None:
        together.wait()
        for _ in range(_ROUNDS):
            held = _patiently_locked(folder)
            assert inside.acquire(blocking=False)
            list(folder.iterdir())  # time for others to come in
            inside.release()
            held.release()
            _patiently_dropped(tmp_path)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(open_and_drop) for _ in range(3)]:
            done.result()
    edge_folder.drop(tmp_path, "default", "g1")
    assert list((tmp_path / "index").iterdir()) == []


def test_a_handle_from_before_makes_no_index_of_a_deleted_collection(
    tmp_path: Path, schema: IndexSchema, library: list[PagePoint]
) -> None:
    there = iter([True, False, False])

    def check(name: str) -> None:
        if not next(there):
            raise CollectionNotFound(f"Collection {name!r} does not exist.")

    indexes = Indexes(IndexSettings(data_dir=tmp_path), check)
    before = indexes.of(schema)
    before.upsert(library)
    indexes.drop("default", "g1")
    for use in (before.count, lambda: before.upsert(library)):
        with pytest.raises(CollectionNotFound):
            use()
        assert list((tmp_path / "index").iterdir()) == []
    indexes.close()


def _patiently_locked(folder: Path) -> FileLock:
    for _ in _tries():
        try:
            return edge_folder.lock(folder, "g1")
        except IndexLocked:
            continue
    raise AssertionError("nobody lets go")


def _patiently_dropped(data_dir: Path) -> None:
    for _ in _tries():
        try:
            return edge_folder.drop(data_dir, "default", "g1")
        except IndexLocked:
            continue
    raise AssertionError("nobody lets go")


def _tries() -> Iterator[int]:
    return iter(range(20))
