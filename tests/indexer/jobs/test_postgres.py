"""Documents and jobs in PostgreSQL, where several processes share them."""

import threading
from contextlib import suppress
from queue import Empty, Queue
from threading import Event

import pytest
from dbos import DBOSClient
from pydantic import SecretStr
from sqlalchemy import text

from indexer.jobs.queue import Job, Jobs
from indexer.jobs.worker import Worker
from tests.fixtures import pdfs
from tests.fixtures.catalogues import database_in
from tests.fixtures.embedder import Gate, TinyEmbedder
from tests.fixtures.jobs import PATIENCE_S, job_setup
from tests.fixtures.libraries import library_settings
from tests.fixtures.processes import run_at_once
from tests.indexer.jobs import test_heartbeat
from vdr.errors import DatabaseUnavailable
from vdr.settings import IndexSettings
from vdr.types import DocumentState

BEAT_PATIENCE_S = 1.0
REFUSED_WITHIN_S = 20.0  # far less than a client of DBOS would wait


def index_settings(url, **others):
    return IndexSettings(database_url=SecretStr(url), **others)


@pytest.fixture
def settings(tmp_path, database_url):
    made = library_settings(tmp_path / "data")
    index = index_settings(database_url, data_dir=tmp_path / "data")
    return made.model_copy(update={"index": index})


@pytest.fixture
def engine(database_url):
    opened = database_in(index_settings(database_url))
    yield opened
    opened.dispose()


def test_a_document_is_indexed_and_deleted_and_indexed_again(tmp_path, settings):
    report = pdfs.write_report(tmp_path / "a.pdf", 3)
    with job_setup(settings) as made:
        made.start()
        document_id = made.add(report)
        made.wait_for(document_id, DocumentState.INDEXED)
        assert made.library.index.count() == 3
        made.library.delete(document_id)
        assert (made.library.index.count(), made.library.catalogue.ids()) == (0, [])
        assert made.add(report) == document_id
        made.wait_for(document_id, DocumentState.INDEXED)
        assert made.library.index.count() == 3


def test_a_cancelled_document_leaves_no_pages_and_can_be_tried_again(tmp_path, settings):
    gate = Gate()
    with job_setup(settings, TinyEmbedder(gate)) as made:
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 30))
        made.start()
        assert gate.reached.wait(PATIENCE_S)
        made.library.cancel(document_id)
        gate.opened.set()
        made.stop()
        assert made.library.catalogue.get(document_id).indexing.state is DocumentState.CANCELLED
        assert made.library.index.count() == 0
        made.start()
        made.library.retry(document_id)
        assert made.wait_for(document_id, DocumentState.INDEXED).indexing.attempt == 2
        assert made.library.index.count() == 30


def test_a_document_whose_job_is_refused_is_not_entered_either(tmp_path, settings, monkeypatch):
    def refuse(*_):
        raise RuntimeError("no place in the queue")

    with job_setup(settings) as made:
        monkeypatch.setattr(DBOSClient, "enqueue_in_transaction", refuse)
        with pytest.raises(RuntimeError, match="no place"):
            made.add(pdfs.write_report(tmp_path / "a.pdf", 1))
        assert made.library.catalogue.ids() == []


def test_a_document_that_is_not_entered_has_no_job(tmp_path, settings, monkeypatch):
    with job_setup(settings) as made:
        queue = made.jobs.queued
        queued = []

        def fail_afterwards(connection, collection, document):
            queue(connection, collection, document)
            queued.append(Job.of(collection, document))
            raise RuntimeError("the connection is lost")

        monkeypatch.setattr(made.jobs, "queued", fail_afterwards)
        with pytest.raises(RuntimeError, match="lost"):
            made.add(pdfs.write_report(tmp_path / "a.pdf", 1))
        assert len(queued) == 1
        assert made.jobs.states(queued) == {}


def test_one_document_added_by_many_at_once_is_one_document_with_one_job(tmp_path, settings):
    report = pdfs.write_report(tmp_path / "a.pdf", 2)
    with job_setup(settings) as made:
        together = threading.Barrier(8)
        added = []

        def add():
            together.wait()
            added.append(made.library.add(report, "a.pdf"))

        threads = [threading.Thread(target=add) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(is_new for _, is_new in added) == [False] * 7 + [True]
        made.start()
        document = made.wait_for(added[0][0].document_id, DocumentState.INDEXED)
        assert (document.indexing.attempt, made.library.index.count()) == (1, 2)


def test_a_worker_goes_on_with_what_another_had_under_way_when_it_died(tmp_path, settings):
    with job_setup(settings) as made:
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 2))
        job = Job.of("default", made.library.catalogue.get(document_id))
        with made.jobs.engine.begin() as connection:  # as a worker leaves it that was killed
            taken = "UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = 'dead'"
            where = " WHERE workflow_uuid = :id"
            assert connection.execute(text(taken + where), {"id": job.workflow_id}).rowcount == 1
        made.start(patience_s=BEAT_PATIENCE_S)
        assert made.wait_for(document_id, DocumentState.INDEXED).indexing.attempt == 1


def migrate_at_once(settings, barrier):
    barrier.wait()
    database_in(settings.index).dispose()
    Jobs.open(settings).close()


def test_processes_that_begin_at_once_migrate_once(settings):
    run_at_once(3, migrate_at_once, settings)
    engine = database_in(settings.index)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    engine.dispose()


def test_connections_lost_when_the_server_starts_anew_are_made_anew(postgres, engine):
    with engine.connect() as first, engine.connect() as second:  # which the pool then keeps
        assert first.execute(text("SELECT 1")).scalar() == second.execute(text("SELECT 1")).scalar()
    postgres.stop()
    postgres.start()
    with engine.connect() as first, engine.connect() as second:
        assert first.execute(text("SELECT 1")).scalar() == second.execute(text("SELECT 1")).scalar()


def test_asking_for_jobs_of_a_server_that_is_away_is_refused_not_waited_for(tmp_path, postgres, settings):
    with job_setup(settings) as made:
        job = Job.of("default", made.library.add(pdfs.write_report(tmp_path / "a.pdf", 1), "a.pdf")[0])
        told = Queue()

        def ask():
            try:
                told.put(made.jobs.states([job]))
            except Exception as error:
                told.put(error)

        postgres.stop()
        try:
            threading.Thread(target=ask, daemon=True).start()
            with suppress(Empty):
                assert isinstance(told.get(timeout=REFUSED_WITHIN_S), DatabaseUnavailable)
                return
            pytest.fail("it waits, and the worker does not beat meanwhile")
        finally:
            postgres.start()


@pytest.mark.parametrize("whose", ["worker", "jobs", "services"])
def test_a_connection_in_use_when_all_is_closed_is_closed_when_it_is_given_back(settings, whose):
    with job_setup(settings) as made:
        made.start()
        engines = {"worker": made.worker._engine, "jobs": made.jobs.engine, "services": made.services.engine}
        in_use = engines[whose].connect()  # by a thread of DBOS, say, that notes the end of a job
        on_the_wire = in_use.connection.dbapi_connection
    assert not on_the_wire.closed
    in_use.close()
    assert on_the_wire.closed


def test_a_worker_says_in_one_line_that_the_server_is_away(postgres, settings, caplog):
    with job_setup(settings) as made:
        worker = Worker(made.services)
        postgres.stop()
        try:
            worker._keep_once()
        finally:
            postgres.start()
    (said,) = [record for record in caplog.records if record.name == "indexer.jobs.worker"]
    assert "will retry: The database is not responding" in said.getMessage()
    assert (said.levelname, said.exc_info) == ("WARNING", None)


def test_a_webhook_is_not_lost_when_the_database_is_away_at_the_end_of_a_job(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("indexer.jobs.patience._FIRST_PAUSE_S", 0.01)
    jobs = settings.jobs.model_copy(update={"webhook_url": "http://127.0.0.1:1/"})
    told, away = Event(), iter([True, True, False])

    def ended(connection, collection, document):
        if next(away):
            raise DatabaseUnavailable("The database is not responding.")
        told.set()

    with job_setup(settings.model_copy(update={"jobs": jobs})) as made:
        monkeypatch.setattr(made.jobs, "ended", ended)
        made.start()
        made.wait_for(made.add(pdfs.write_report(tmp_path / "a.pdf", 1)), DocumentState.INDEXED)
        assert told.wait(REFUSED_WITHIN_S)


def test_one_that_stopped_beating_is_claimed_by_one_of_the_others(engine):
    watchers = [test_heartbeat.Worker(engine, "one"), test_heartbeat.Worker(engine, "two")]
    test_heartbeat.Worker(engine, "dead").beat()
    test_heartbeat.pass_patience(*watchers)
    assert [watcher.claimed for watcher in watchers] == [["dead"], []]
