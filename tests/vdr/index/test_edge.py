"""The embedded engine: durability, locking, one schema a collection, many threads."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Timer
from unittest.mock import Mock

import numpy as np
import pytest

from vdr.errors import IndexLocked, IndexMismatch, StorageFull
from vdr.index import IndexSchema
from vdr.index import edge as edge_module
from vdr.index.edge import EdgeIndex
from vdr.search.execute import execute
from vdr.search.plan import SearchPlan
from vdr.types import PagePoint, PageRef, QueryVectors, Stage

MakePage = Callable[..., PagePoint]
Plan = Callable[..., SearchPlan]

CHILD = """
import os, sys
from pathlib import Path
import numpy as np
from vdr.index import EdgeIndex, IndexSchema
from vdr.types import PagePoint, PageRef

index = EdgeIndex.open(Path(sys.argv[1]), IndexSchema("default", "0123456789abcdef", 32, 16, 8))
page_number = 0
while True:
    page_number += 1
    index.upsert([PagePoint(PageRef("doc", page_number), "doc.pdf", np.ones(32, np.float32))])
    print(page_number, flush=True)
"""
ROOT = Path(__file__).parents[3]


def same(one: PagePoint, other: PagePoint) -> bool:
    regions_equal = (one.regions is None and other.regions is None) or np.array_equal(
        np.asarray(one.regions), np.asarray(other.regions)
    )
    return (
        (one.page, one.document_name, one.text_terms, one.read_terms)
        == (other.page, other.document_name, other.text_terms, other.read_terms)
        and np.array_equal(one.embedding, other.embedding)
        and regions_equal
    )


def _of_document(prefix: str, point: PagePoint) -> PagePoint:
    return replace(point, page=PageRef(prefix + point.page.document_id, point.page.page_number))


def writing_process(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(data_dir)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def test_what_was_written_survives_kill_9(tmp_path: Path, schema: IndexSchema) -> None:
    with writing_process(tmp_path) as child:
        assert child.stdout is not None
        acknowledged = [int(next(child.stdout)) for _ in range(200)][-1]
        child.kill()
        acknowledged = max([acknowledged, *(int(line) for line in child.stdout if line.endswith("\n"))])
    assert child.returncode == -signal.SIGKILL
    index = EdgeIndex.open(tmp_path, schema)
    assert index.page_numbers("doc") >= set(range(1, acknowledged + 1))
    index.close()


def test_second_process_is_refused(tmp_path: Path, schema: IndexSchema) -> None:
    with writing_process(tmp_path) as child:
        assert child.stdout is not None
        next(child.stdout)
        with pytest.raises(IndexLocked, match="Another process is using the index of collection 'default'"):
            EdgeIndex.open(tmp_path, schema)
        child.kill()
    EdgeIndex.open(tmp_path, schema).close()


def test_who_is_refused_leaves_the_index_as_it_is(
    tmp_path: Path, schema: IndexSchema, library: list[PagePoint]
) -> None:
    index = EdgeIndex.open(tmp_path, schema)
    index.upsert(library)
    index.flush()
    index.upsert([_of_document("b", page) for page in library])
    with pytest.raises(IndexLocked):
        EdgeIndex.open(tmp_path, schema)
    index.upsert([_of_document("c", page) for page in library])
    index.flush()
    index.close()
    again = EdgeIndex.open(tmp_path, schema)
    assert again.count() == 3 * len(library)
    again.close()


def test_waits_a_moment_for_whoever_is_about_to_let_go(tmp_path: Path, schema: IndexSchema) -> None:
    letting_go = Timer(0.2, EdgeIndex.open(tmp_path, schema).close)
    letting_go.start()
    EdgeIndex.open(tmp_path, schema).close()
    letting_go.join()


def test_opens_again_after_close(tmp_path: Path, schema: IndexSchema, library: list[PagePoint]) -> None:
    index = EdgeIndex.open(tmp_path, schema)
    index.upsert(library)
    before = list(index.points())
    index.close()
    again = EdgeIndex.open(tmp_path, schema)
    assert all(same(one, other) for one, other in zip(before, again.points(), strict=True))
    again.close()


def test_copy_of_an_index_is_the_same_point_for_point(
    tmp_path: Path, edge: EdgeIndex, schema: IndexSchema, library: list[PagePoint]
) -> None:
    edge.upsert(library)
    copy = EdgeIndex.open(tmp_path / "copy", schema)
    copy.upsert(list(edge.points()))
    assert all(same(one, other) for one, other in zip(edge.points(), copy.points(), strict=True))
    copy.close()


@pytest.mark.parametrize("change", [{"fingerprint": "f" * 16}, {"dims": 64}, {"coarse_dims": 8}], ids=str)
def test_a_generation_has_one_schema(tmp_path: Path, schema: IndexSchema, change: dict[str, object]) -> None:
    named = replace(schema, name="g1")
    EdgeIndex.open(tmp_path, named).close()
    with pytest.raises(IndexMismatch, match="'default' has an index built with model 0123456789ab"):
        EdgeIndex.open(tmp_path, replace(named, **change))  # type: ignore[arg-type]


def test_other_collections_have_their_own_schema(tmp_path: Path, schema: IndexSchema) -> None:
    EdgeIndex.open(tmp_path, schema).close()
    other = replace(schema, collection="other", dims=64, region_dims=None)
    EdgeIndex.open(tmp_path, other).close()
    assert (tmp_path / "index" / "other" / other.generation).is_dir()


def test_broken_schema_file_is_refused(tmp_path: Path, schema: IndexSchema) -> None:
    EdgeIndex.open(tmp_path, schema).close()
    (tmp_path / "index" / "default" / f"schema-{schema.generation}.json").write_text("{")
    with pytest.raises(IndexMismatch, match=r"schema-.*\.json of collection 'default' cannot be read"):
        EdgeIndex.open(tmp_path, schema)


def test_crash_while_the_shard_was_made_leaves_no_trace(tmp_path: Path, schema: IndexSchema) -> None:
    half = tmp_path / "index" / "default" / f"{schema.generation}.new"
    (half / "segments").mkdir(parents=True)
    index = EdgeIndex.open(tmp_path, schema)
    assert index.count() == 0
    assert not half.exists()
    index.close()


def test_an_index_of_another_format_is_refused(tmp_path: Path, schema: IndexSchema) -> None:
    """As when regions were kept in float16; the model may be the same."""
    EdgeIndex.open(tmp_path, schema).close()
    for config in (tmp_path / "index" / "default" / schema.generation).rglob("*.json"):
        config.write_text(config.read_text().replace("uint8", "float16"))
    with pytest.raises(IndexMismatch, match="'default' has an index in another format"):
        EdgeIndex.open(tmp_path, schema)


def test_damaged_shard_is_not_taken_for_a_locked_one(tmp_path: Path, schema: IndexSchema) -> None:
    EdgeIndex.open(tmp_path, schema).close()
    config = tmp_path / "index" / "default" / schema.generation / "edge_config.json"
    config.write_text(json.dumps({"vectors": 7}))
    with pytest.raises(Exception, match="config") as failed:
        EdgeIndex.open(tmp_path, schema)
    assert not isinstance(failed.value, IndexLocked)


def test_without_coarse_the_full_embedding_is_searched(
    tmp_path: Path, schema: IndexSchema, library: list[PagePoint], plan: Plan
) -> None:
    index = EdgeIndex.open(tmp_path, replace(schema, coarse_dims=32, region_dims=None))
    index.upsert(library)
    (dense,) = plan(QueryVectors(library[3].embedding)).dense
    found = execute(
        replace(plan(rerank=False), dense=(replace(dense, coarse=None),), sparse=()), index
    ).candidates
    assert found[0].page == PageRef("doc0", 4)
    assert set(found[0].stages) == {Stage.FULL, Stage.FUSION}
    assert all(point.regions is None for point in index.points())
    index.close()


def test_log_is_cut_short_every_so_many_pages(
    edge: EdgeIndex, library: list[PagePoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_module, "PAGES_PER_FLUSH", 15)
    edge.upsert(library[:10])
    assert edge._pages_since_flush == 10
    edge.upsert(library[10:])
    assert edge._pages_since_flush == 0


def test_searches_go_on_while_pages_are_written(
    edge: EdgeIndex, library: list[PagePoint], plan: Plan, make_page: MakePage
) -> None:
    edge.upsert(library)
    more = [make_page("more", n) for n in range(1, 101)]
    with ThreadPoolExecutor(4) as threads:
        writes = [threads.submit(edge.upsert, more[n : n + 10]) for n in range(0, 100, 10)]
        removes = [threads.submit(edge.delete_document, "doc0")]
        searches = [threads.submit(execute, plan(), edge) for _ in range(50)]
        assert all(len(search.result().candidates) == 20 for search in searches)
        assert all(done.result() is None for done in writes + removes)
    assert edge.count("more") == 100
    assert edge.count() == 115


def test_on_a_full_disk_it_is_said_before_the_engine_writes(
    tmp_path: Path, schema: IndexSchema, library: list[PagePoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = EdgeIndex.open(tmp_path, schema)
    index.upsert(library[:1])
    monkeypatch.setattr("shutil.disk_usage", lambda _: Mock(free=63 * 1024**2))
    with pytest.raises(StorageFull, match=r"needs 64 MB .* has 63"):
        index.upsert(library[1:])
    assert index.count() == 1
    index.close()
    with closing(EdgeIndex.open(tmp_path, schema)) as again:  # what is there can still be searched
        assert again.count() == 1
    with pytest.raises(StorageFull):
        EdgeIndex.open(tmp_path / "new", schema)
