"""The graph of an embedded index is built beside it, while it is searched and written to."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from vdr.index import EdgeIndex, IndexSchema, Nearest, edge_building, edge_folder, edge_shard
from vdr.index.edge_copy import copy_folder, size_on_disk
from vdr.index.edge_shard import ServedShard
from vdr.index.edge_state import ShardState, note_state, read_state
from vdr.index.schema import FULL
from vdr.search.execute import execute
from vdr.search.plan import SearchPlan
from vdr.types import Document, Indexing, PagePoint, PageRef

MakePage = Callable[..., PagePoint]
Plan = Callable[..., SearchPlan]
STAYING = """
import sys, time
from vdr.index.edge_building import _end_with_parent

_end_with_parent()
print("ready", flush=True)
time.sleep(600)
"""
ROOT = Path(__file__).parents[3]


@pytest.fixture
def schema(schema: IndexSchema) -> IndexSchema:
    return replace(schema, name="g1")


@pytest.fixture
def index(tmp_path: Path, schema: IndexSchema, library: list[PagePoint]) -> Iterator[EdgeIndex]:
    index = EdgeIndex.open(tmp_path, schema)
    index.upsert(library)
    yield index
    index.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index" / "default"


def shards(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


def points(index: EdgeIndex) -> list[str]:
    return [repr(point) for point in index.points()]


def graphs(index: EdgeIndex) -> int:
    with index._shard.reading() as shard:
        return shard.info().indexed_vectors_count


def while_building(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Have this done when the copy is made and the process that builds has begun."""
    start = edge_building.start_building

    def started(folder: Path, schema: IndexSchema) -> "subprocess.Popen[bytes]":
        process = start(folder, schema)
        work()
        return process

    monkeypatch.setattr(edge_shard, "start_building", started)


def test_what_is_built_is_found_as_before(
    index: EdgeIndex, folder: Path, plan: Plan, make_page: MakePage
) -> None:
    index.upsert([make_page("filler", n, regions=256) for n in range(1, 400)])
    everything = plan(candidates=500)  # more than there are: approximation leaves nothing out
    before, indexed = execute(everything, index).candidates, graphs(index)
    index.build()
    assert graphs(index) > 2 * indexed
    assert index.count() == 419
    assert [c.page for c in execute(everything, index).candidates] == [c.page for c in before]
    assert shards(folder) == {"g1.1"}


def test_opening_builds_in_the_background_once_there_are_many_new_pages(
    tmp_path: Path, schema: IndexSchema, index: EdgeIndex, folder: Path
) -> None:
    index.close()
    index = EdgeIndex.open(tmp_path, schema, unindexed_pages=19)
    index.finish_building()
    assert shards(folder) == {"g1.1"}
    assert index.count() == 20
    index.close()
    with closing(EdgeIndex.open(tmp_path, schema, unindexed_pages=19)) as again:  # nothing is new
        assert again._shard._builder is None
        assert again.count() == 20


def test_writing_builds_in_the_background_once_there_are_many_new_pages(
    tmp_path: Path, schema: IndexSchema, make_page: MakePage, folder: Path
) -> None:
    with closing(EdgeIndex.open(tmp_path, schema, unindexed_pages=19)) as index:
        index.upsert([make_page("new", n) for n in range(1, 31)])
        index.flush()
        assert index._shard._builder is not None
        index.finish_building()
        assert shards(folder) == {"g1.1"}


def test_pages_that_were_removed_are_left_out_once_they_are_many(
    tmp_path: Path, schema: IndexSchema, make_page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_shard, "_LEAST_REMOVED", 10)
    with closing(EdgeIndex.open(tmp_path, schema)) as index:
        index.upsert([*(make_page("gone", n) for n in range(1, 12)), make_page("kept", 1)])
        index.delete_document("gone")
        index.flush()
        assert index._shard._builder is not None
        index._shard._builder.join()
        assert [page.document_id for page in index.page_keys()] == ["kept"]


def test_what_is_written_while_it_is_built_is_there_afterwards(
    index: EdgeIndex, make_page: MakePage, monkeypatch: pytest.MonkeyPatch, plan: Plan
) -> None:
    def write() -> None:
        index.upsert([make_page("new", n, regions=3) for n in range(1, 30)])
        index.upsert([make_page("doc1", 1, regions=9)])
        index.delete_document("doc0")
        index.set_document(Document("doc2", "renamed.pdf", 1, "2026-01-01T00:00:00Z", Indexing("g1")))
        index.set_page_labels("doc3", {1: "iv"})
        for n in range(4):
            index.upsert([make_page(f"other{n}", 1)])
        assert execute(plan(), index).candidates

    while_building(monkeypatch, write)
    index.build()
    after = points(index)
    assert index.count("new") == 29
    assert index.count("doc0") == 0
    found = index.pages(
        [id for id, _ in index.nearest([Nearest(FULL, make_page("doc2", 1).embedding, 60)])[0]]
    )
    assert {p.document_name for p in found.values() if p.page.document_id == "doc2"} == {"renamed.pdf"}
    assert "iv" in {page.page_label for page in found.values()}
    index.build()  # nothing is lost by another one
    assert points(index) == after


def test_it_is_opened_where_it_was_built(tmp_path: Path, schema: IndexSchema, index: EdgeIndex) -> None:
    index.build()
    index.build()
    before = points(index)
    index.close()
    with closing(EdgeIndex.open(tmp_path, schema)) as again:
        assert points(again) == before
    folder = tmp_path / "index" / "default"
    assert shards(folder) == {"g1.2"}
    edge_folder.drop(tmp_path, "default", "g1")
    assert not folder.exists()


def test_what_a_build_that_was_killed_has_left_is_removed(
    tmp_path: Path, schema: IndexSchema, index: EdgeIndex, folder: Path
) -> None:
    index.close()
    (folder / "g1.1").mkdir()
    with closing(EdgeIndex.open(tmp_path, schema)) as again:
        assert again.count() == 20
        assert shards(folder) == {"g1"}


def test_a_build_that_fails_leaves_the_index_as_it_is(
    index: EdgeIndex, folder: Path, monkeypatch: pytest.MonkeyPatch, make_page: MakePage
) -> None:
    monkeypatch.setattr(edge_shard, "start_building", lambda folder, schema: _failing())
    with pytest.raises(RuntimeError, match=r"ended with 3\. no room"):
        index.build()
    assert shards(folder) == {"g1"}
    index.upsert([make_page("later", 1)])
    assert index.count() == 21


def test_a_build_that_fails_in_the_background_is_logged_and_not_tried_at_once_again(
    index: EdgeIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(edge_shard, "start_building", lambda folder, schema: _failing())
    monkeypatch.setattr(index._shard, "_unindexed_pages", 10)
    index.flush()
    assert index._shard._builder is not None
    index._shard._builder.join()
    assert "graph of collection default was not built: the process ended with 3" in caplog.text
    assert not index._shard._is_due()


def test_it_is_not_built_where_there_is_no_room_for_a_copy(
    index: EdgeIndex, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Mock(free=1_000))
    with pytest.raises(RuntimeError, match=r"GB of free space, and there are 0\.0"):
        index.build()
    assert shards(folder) == {"g1"}


def test_closing_gives_up_a_build(index: EdgeIndex, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stays = Mock(side_effect=lambda folder, schema: _process("import time; time.sleep(600)"))
    monkeypatch.setattr(edge_shard, "start_building", stays)
    monkeypatch.setattr(index._shard, "_unindexed_pages", 10)
    index.flush()
    while not stays.called:
        time.sleep(0.01)
    index.close()
    assert shards(folder) == {"g1"}
    index._shard = Mock()  # what the fixture closes


def test_a_process_that_builds_ends_with_the_one_that_started_it() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STAYING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=60) == -signal.SIGIO


def test_a_search_that_began_before_ends_on_what_it_began_with(index: EdgeIndex) -> None:
    served: ServedShard = index._shard
    read = iter(index.points())
    first = next(read)
    index.build()
    assert first.page == PageRef(first.page.document_id, first.page.page_number)
    assert len([first, *read]) == 20
    assert served._shard.info().points_count == 20


def test_a_copy_keeps_holes(tmp_path: Path) -> None:
    source = tmp_path / "source" / "inner"
    source.mkdir(parents=True)
    with (source / "file").open("wb") as file:
        file.write(b"first")
        file.seek(64 * 1024**2)
        file.write(b"last")
        file.truncate(128 * 1024**2)
    (source / "empty").touch()
    copy_folder(tmp_path / "source", tmp_path / "target", lambda: True)
    copied = tmp_path / "target" / "inner" / "file"
    assert copied.read_bytes() == (source / "file").read_bytes()
    assert size_on_disk(tmp_path / "target") == size_on_disk(tmp_path / "source") < 1024**2


def test_a_copy_that_is_not_wanted_any_longer_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "file").write_text("text")
    copy_folder(tmp_path / "source", tmp_path / "target", lambda: False)
    assert list((tmp_path / "target").iterdir()) == []


def test_how_much_is_new_is_known_after_a_restart(tmp_path: Path) -> None:
    state = ShardState("g1", 3_000, 20)
    note_state(tmp_path, "g1", state)
    assert read_state(tmp_path, "g1") == state
    assert read_state(tmp_path, "g2") == ShardState("g2", None)


def _failing() -> "subprocess.Popen[bytes]":
    return _process("import sys; print('no room', file=sys.stderr); sys.exit(3)")


def _process(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
