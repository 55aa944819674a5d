"""Several workers index what one service takes in: all of it, once, whatever dies on the way."""

import time
from collections import Counter
from pathlib import Path

import pytest

from indexer import upkeep
from tests.fixtures.pdfs import write_report
from tests.fixtures.postgres import PostgresServer
from tests.scale.conftest import Cluster, is_of, wait_for
from vdr.types import DocumentState, PageRef

pytestmark = pytest.mark.slow

AWAY_S = 3.0


def write_reports(folder: Path, count: int) -> list[Path]:
    """Reports of one, two and three pages in turn."""
    folder.mkdir()
    return [write_report(folder / f"{n}.pdf", 1 + n % 3, f"report {n}") for n in range(count)]


def assert_indexed_once(cluster: Cluster, count: int) -> None:
    """So many documents, each indexed by its first attempt, and everything kept of them agrees."""
    library = cluster.library
    documents = [library.catalogue.get(document_id) for document_id in library.catalogue.ids()]
    states = Counter((each.indexing.state, each.indexing.attempt) for each in documents)
    assert states == {(DocumentState.INDEXED, 1): count}
    pages = {PageRef(each.document_id, n) for each in documents for n in range(1, each.page_count + 1)}
    assert sorted(library.index.page_keys()) == sorted(pages)
    assert len(pages) == library.index.count() == sum(1 + n % 3 for n in range(count))
    assert list(upkeep.check(library)) == []
    wait_for(lambda: all(each.status == "SUCCESS" for each in cluster.ingests()))  # noted after the document
    assert len(cluster.ingests()) == count


def test_every_upload_is_indexed_once_though_a_worker_is_killed(tmp_path: Path, cluster: Cluster) -> None:
    workers = [cluster.start("worker") for _ in range(3)]
    cluster.upload(write_reports(tmp_path / "pdfs", 120))
    wait_for(lambda: cluster.indexed() >= 30)
    under_way = cluster.kill_at_work(workers[0])
    assert cluster.indexed() < 120
    wait_for(lambda: cluster.indexed() == 120)
    assert_indexed_once(cluster, 120)
    taken_over = [each for each in cluster.ingests() if each.id in under_way]
    assert len(taken_over) == len(under_way)
    assert all(any(is_of(each, worker) for worker in workers[1:]) for each in taken_over)
    assert "has died; its" in cluster.said()
    assert [worker.poll() for worker in workers[1:]] == [None, None]


def test_it_goes_on_by_itself_after_the_database_was_away(
    tmp_path: Path, cluster: Cluster, postgres: PostgresServer
) -> None:
    workers = [cluster.start("worker") for _ in range(2)]
    cluster.upload(write_reports(tmp_path / "pdfs", 40))
    wait_for(lambda: cluster.indexed() >= 10)
    postgres.stop()
    time.sleep(AWAY_S)
    postgres.start()
    assert cluster.indexed() < 40
    wait_for(lambda: cluster.indexed() == 40)
    assert_indexed_once(cluster, 40)
    assert [worker.poll() for worker in workers] == [None, None]
