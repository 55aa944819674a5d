"""The worker indexes what is queued, in the background, and outlives whatever goes wrong."""

import threading
from contextlib import contextmanager
from threading import Event

from sqlalchemy import inspect, text

from indexer.ingest import index_document, index_run
from indexer.jobs.queue import Job
from tests.fixtures import pdfs
from tests.fixtures.embedder import Gate, TinyEmbedder
from tests.fixtures.jobs import PATIENCE_S, JobSetup, job_setup, wait_until
from tests.fixtures.libraries import content, library_in, library_settings
from vdr.errors import IndexUnavailable, ObjectsUnavailable
from vdr.index import EdgeIndex
from vdr.objects.store import ObjectStore
from vdr.types import DocumentState, Priority


@contextmanager
def setup(folder, embedder=None, **jobs):
    settings = library_settings(folder)
    settings = settings.model_copy(update={"jobs": settings.jobs.model_copy(update=jobs)})
    with job_setup(settings, embedder) as made:
        yield made


def test_documents_queued_before_the_start_are_indexed_the_urgent_first(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("indexer.ingest.index_run", lambda *of: seen.append(of[1]) or index_run(*of))
    with setup(tmp_path / "data", documents_at_once=1) as made:
        bulk = made.add(pdfs.write_report(tmp_path / "bulk.pdf", 2, "bulk"), priority=Priority.BULK)
        first = made.add(pdfs.write_report(tmp_path / "first.pdf", 2, "first"))
        second = made.add(pdfs.write_report(tmp_path / "second.pdf", 2, "second"))
        made.start()
        made.wait_for(bulk, DocumentState.INDEXED)
    assert seen == [first, second, bulk]


def test_stopping_leaves_the_rest_to_the_next_start_and_no_run_is_done_twice(tmp_path):
    begun, runs = Event(), []
    with setup(
        tmp_path / "data", TinyEmbedder(lambda images: runs.append(len(images)) or begun.set())
    ) as made:
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 40))
        made.start()
        assert begun.wait(PATIENCE_S)
        made.stop()
        assert made.library.catalogue.get(document_id).indexing.state is DocumentState.EMBEDDING
    assert sum(runs) < 40
    with setup(tmp_path / "data", TinyEmbedder(lambda images: runs.append(len(images)))) as made:
        made.start()
        assert made.wait_for(document_id, DocumentState.INDEXED).indexing.pages_done == 40
        assert made.library.index.count(document_id) == 40
    assert sum(runs) == 40


def test_what_the_worker_makes_is_what_the_command_line_makes(tmp_path):
    report = pdfs.write_report(tmp_path / "a.pdf", 11)
    with setup(tmp_path / "one") as made:
        made.start()
        made.wait_for(made.add(report), DocumentState.INDEXED)
        durable = content(made.library)
    with library_in(tmp_path / "other") as library:
        index_document(library, library.add(report, report.name)[0].document_id)
        assert content(library) == durable


def test_a_document_that_fails_does_not_hold_up_the_next(tmp_path, caplog):
    with setup(tmp_path / "data", documents_at_once=1) as made:
        lost = made.add(pdfs.write_report(tmp_path / "lost.pdf", 1))
        fine = made.add(pdfs.write_report(tmp_path / "fine.pdf", 1, "fine"))
        made.library.objects.delete_document(lost)
        made.start()
        made.wait_for(fine, DocumentState.INDEXED)
        document = made.library.catalogue.get(lost)
    assert (document.indexing.state, document.indexing.error_code) == (DocumentState.FAILED, "not_found")
    assert lost in caplog.text


def test_what_nobody_foresaw_is_logged_and_written_to_the_document(tmp_path, caplog):
    def explode(images):
        raise MemoryError("no more")

    with setup(tmp_path / "data", TinyEmbedder(explode)) as made:
        made.start()
        document = made.wait_for(
            made.add(pdfs.write_report(tmp_path / "a.pdf", 1)), DocumentState.FAILED, DocumentState.INDEXED
        )
    assert document.indexing.error_code == "internal_error"
    assert "MemoryError: no more" in document.indexing.error_message
    assert "Traceback" in caplog.text


def test_what_nobody_foresaw_in_looking_after_the_jobs_is_logged_with_its_place(
    tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr("vdr.catalogue.collections.Collections.busy", lambda _: 1 / 0)
    with setup(tmp_path / "data") as made:
        made.start()
    assert "will retry: division by zero" in caplog.text and "Traceback" in caplog.text


def test_a_store_that_is_away_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.jobs.patience._FIRST_PAUSE_S", 0.01)
    calls, embedded = [], []
    upsert = EdgeIndex.upsert

    def away(index, points):
        calls.append(len(points))
        if len(calls) < 4:
            raise IndexUnavailable("The Qdrant server is not responding.")
        upsert(index, points)

    monkeypatch.setattr(EdgeIndex, "upsert", away)
    with setup(tmp_path / "data", TinyEmbedder(lambda images: embedded.append(len(images)))) as made:
        made.start()
        document = made.wait_for(
            made.add(pdfs.write_report(tmp_path / "a.pdf", 2)), DocumentState.INDEXED, DocumentState.FAILED
        )
    assert document.indexing.state is DocumentState.INDEXED and calls == [2, 2, 2, 2]
    assert embedded == [2]  # once is enough


def test_a_pdf_that_cannot_be_fetched_for_a_while_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.jobs.patience._FIRST_PAUSE_S", 0.01)
    calls, fetch = [], ObjectStore.pdf_file

    def away(objects, document_id):
        calls.append(document_id)
        if len(calls) < 3:
            raise ObjectsUnavailable("The bucket is not responding.")
        return fetch(objects, document_id)

    monkeypatch.setattr(ObjectStore, "pdf_file", away)
    with setup(tmp_path / "data") as made:
        made.start()
        document = made.wait_for(
            made.add(pdfs.write_report(tmp_path / "a.pdf", 2)), DocumentState.INDEXED, DocumentState.FAILED
        )
    assert (document.indexing.state, document.indexing.error_message) == (DocumentState.INDEXED, None)
    assert len(calls) > 2


def remembered(made: JobSetup) -> str:
    """All that the tables of jobs say."""
    inspector = inspect(made.jobs.engine)
    names = [name for name in inspector.get_table_names() if "workflow" in name or "operation" in name]
    with made.jobs.engine.connect() as connection:
        return "".join(
            str(row) for name in names for row in connection.execute(text(f"SELECT * FROM {name}"))
        )


def test_nothing_is_remembered_of_the_jobs_of_a_deleted_collection(tmp_path):
    with setup(tmp_path / "data") as made:
        made.start(patience_s=1)
        kept = made.add(pdfs.write_report(tmp_path / "a.pdf", 2))
        gone = made.services.library("invoices", create=True)
        document, _ = gone.add(pdfs.write_report(tmp_path / "b.pdf", 2, "b"), "b.pdf")
        made.wait_for(kept, DocumentState.INDEXED)
        wait_until(lambda: gone.catalogue.get(document.document_id).indexing.state is DocumentState.INDEXED)
        assert "invoices" in remembered(made)
        made.services.delete_collection("invoices")
        wait_until(lambda: "invoices" not in remembered(made))
        assert kept in remembered(made)


def test_a_document_is_cancelled_while_it_is_indexed_and_leaves_nothing_to_find(tmp_path):
    gate = Gate()
    with setup(tmp_path / "data", TinyEmbedder(gate)) as made:
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 30))
        other = made.add(pdfs.write_report(tmp_path / "b.pdf", 1, "other"))
        made.start()
        assert gate.reached.wait(PATIENCE_S)
        made.library.cancel(document_id)
        gate.opened.set()
        made.wait_for(other, DocumentState.INDEXED)
        made.stop()
        assert made.library.catalogue.get(document_id).indexing.state is DocumentState.CANCELLED
        assert made.library.index.count(document_id) == 0
        made.start()
        made.library.retry(document_id)
        assert made.wait_for(document_id, DocumentState.INDEXED).indexing.attempt == 2
        assert made.library.index.count(document_id) == 30


def test_a_document_cancelled_and_tried_again_at_once_is_indexed_once(tmp_path):
    gate = Gate()
    with setup(tmp_path / "data", TinyEmbedder(gate)) as made:
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 30))
        made.start()
        assert gate.reached.wait(PATIENCE_S)
        made.library.cancel(document_id)
        made.library.retry(document_id)  # the first attempt is still at its first run of pages
        gate.opened.set()
        document = made.wait_for(document_id, DocumentState.INDEXED, DocumentState.FAILED)
        assert (document.indexing.state, document.indexing.attempt) == (DocumentState.INDEXED, 2)
        assert made.library.index.count(document_id) == 30


def test_a_job_of_another_version_is_begun_anew(tmp_path, monkeypatch):
    with setup(tmp_path / "data") as made:
        monkeypatch.setattr("indexer.jobs.queue.JOBS_VERSION", "0")
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 2))
        monkeypatch.undo()
        made.start()
        assert made.wait_for(document_id, DocumentState.INDEXED).indexing.attempt == 2


def test_a_document_deleted_and_uploaded_again_is_indexed_again(tmp_path):
    report = pdfs.write_report(tmp_path / "a.pdf", 3)
    with setup(tmp_path / "data") as made:
        made.start()
        document_id = made.add(report)
        made.wait_for(document_id, DocumentState.INDEXED)
        made.library.delete(document_id)
        assert made.add(report) == document_id
        made.wait_for(document_id, DocumentState.INDEXED)
        assert made.library.index.count(document_id) == 3


def test_a_document_without_a_job_gets_one(tmp_path):
    report = pdfs.write_report(tmp_path / "a.pdf", 2)
    with library_in(tmp_path / "data") as library:
        document, _ = library.add(report, report.name)  # as `vdr index` does before it is interrupted
    with setup(tmp_path / "data") as made:
        assert made.jobs.states([Job.of("default", document)]) == {}
        made.start()
        made.wait_for(document.document_id, DocumentState.INDEXED)


def test_a_job_that_ended_without_its_document_is_begun_anew(tmp_path):
    with setup(tmp_path / "data") as made:
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 2))
        job = Job.of("default", made.library.catalogue.get(document_id))
        made.jobs._client.cancel_workflow(job.workflow_id)
        made.start()
        assert made.wait_for(document_id, DocumentState.INDEXED).indexing.attempt == 2


def test_nothing_is_left_running(tmp_path):
    before = set(threading.enumerate())
    with setup(tmp_path / "data") as made:
        made.start()
        made.wait_for(made.add(pdfs.write_report(tmp_path / "a.pdf", 2)), DocumentState.INDEXED)
    left = [
        thread for thread in set(threading.enumerate()) - before if not thread.daemon and thread.is_alive()
    ]
    assert [thread for thread in left if not thread.name.startswith("dbos-executor")] == []
