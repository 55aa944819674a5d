"""The folder of embedded indexes: removed whole, and never under somebody who uses it."""

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from vdr.errors import CollectionNotFound, IndexLocked
from vdr.index import EdgeIndex, Indexes, IndexSchema, edge_folder
from vdr.settings import IndexSettings
from vdr.types import PagePoint


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


def test_a_lock_whose_file_is_removed_before_it_is_held_is_taken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, flock = tmp_path / "index" / "default", fcntl.flock

    def raced(descriptor: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        edge_folder.drop(tmp_path, "default", "g1")
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", raced)
    held = edge_folder.lock(folder, "g1")
    with pytest.raises(IndexLocked):
        edge_folder.lock(folder, "g1")
    held.release()


def test_a_folder_that_is_removed_before_the_lock_is_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, acquire = tmp_path / "index" / "default", FileLock.acquire

    def raced(*_: object, **__: object) -> None:
        monkeypatch.setattr(FileLock, "acquire", acquire)
        raise FileNotFoundError(folder)

    monkeypatch.setattr(FileLock, "acquire", raced)
    edge_folder.lock(folder, "g1").release()
    assert folder.is_dir()


def test_a_handle_from_before_makes_no_index_of_a_deleted_collection(
    tmp_path: Path, schema: IndexSchema, library: list[PagePoint]
) -> None:
    there = iter([True, False, False])

    def check(name: str, _: str) -> None:
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


def test_the_size_of_an_index_counts_what_it_was_built_in(tmp_path: Path) -> None:
    for name in ("g1.2", "g2"):
        folder = edge_folder.folder_of(tmp_path, "default") / name
        folder.mkdir(parents=True)
        (folder / "vectors").write_bytes(bytes(10_000))
    assert edge_folder.size_of(tmp_path, "default", "g1") >= 10_000
    assert edge_folder.size_of(tmp_path, "default", "g3") == 0
