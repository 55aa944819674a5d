"""The worker indexes what is queued, in the background, and outlives whatever goes wrong."""

import logging
from threading import Event

import pytest

from indexer.worker import Worker
from tests.fixtures import pdfs
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import library_in
from vdr.errors import IndexUnavailable
from vdr.types import DocumentState

PATIENCE_S = 300


class Watcher:
    """A progress that lets a test wait for a document to come to an end."""

    def __init__(self, library):
        self._library = library

    def wait_until(self, condition):
        tick = Event()
        for _ in range(PATIENCE_S * 100):
            if condition(self._library.catalogue):
                return
            tick.wait(0.01)
        pytest.fail("The worker did not get there.")

    def wait_for(self, document_id, state):
        self.wait_until(lambda catalogue: catalogue.get(document_id).state is state)


@pytest.fixture
def library(tmp_path):
    with library_in(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def start(library):
    workers = []

    def started(**arguments):
        workers.append(Worker(library, **arguments))
        workers[-1].start()
        return workers[-1]

    yield started
    for worker in workers:
        worker.stop()


def add(library, path):
    return library.add(path, path.name)[0].document_id


def test_documents_queued_before_the_start_are_indexed_oldest_first(library, start, tmp_path):
    seen, done = [], Event()

    def progress(report):
        seen.append(report.document.name)
        if len(seen) == 3:
            done.set()

    for name in ("b.pdf", "a.pdf", "c.pdf"):
        add(library, pdfs.write_report(tmp_path / name, 2, name))
    start(progress=progress)
    assert done.wait(PATIENCE_S)
    assert seen == ["b.pdf", "a.pdf", "c.pdf"]


def test_a_waiting_worker_wakes_for_a_new_document(library, start, tmp_path):
    worker = start(pause_s=3600)
    document_id = add(library, pdfs.write_report(tmp_path / "a.pdf", 2))
    worker.wake()
    Watcher(library).wait_for(document_id, DocumentState.INDEXED)


def test_stopping_leaves_the_rest_to_the_next_start(library, tmp_path):
    begun = Event()
    document_id = add(library, pdfs.write_report(tmp_path / "a.pdf", 40))
    worker = Worker(library, progress=lambda report: begun.set() or worker._stop.set())
    worker.start()
    assert begun.wait(PATIENCE_S)
    worker.stop()
    assert library.catalogue.get(document_id).state is DocumentState.EMBEDDING
    again = Worker(library)
    again.start()
    Watcher(library).wait_for(document_id, DocumentState.INDEXED)
    again.stop()


def test_a_document_that_fails_does_not_hold_up_the_next(library, start, tmp_path, caplog):
    lost = add(library, pdfs.write_report(tmp_path / "lost.pdf", 1))
    fine = add(library, pdfs.write_report(tmp_path / "fine.pdf", 1, "fine"))
    library.objects.delete_document(lost)
    start()
    Watcher(library).wait_for(fine, DocumentState.INDEXED)
    document = library.catalogue.get(lost)
    assert (document.state, document.error_code) == (DocumentState.FAILED, "not_found")
    assert "lost.pdf" in caplog.text and "failed" in caplog.text


def test_what_nobody_foresaw_is_logged_and_written_to_the_document(tmp_path, caplog):
    def explode(images):
        raise MemoryError("no more")

    with library_in(tmp_path / "data", TinyEmbedder(explode)) as library:
        document_id = add(library, pdfs.write_report(tmp_path / "a.pdf", 1))
        worker = Worker(library)
        worker.start()
        Watcher(library).wait_for(document_id, DocumentState.FAILED)
        worker.stop()
        document = library.catalogue.get(document_id)
    assert document.error_code == "internal_error"
    assert "MemoryError: no more" in document.error_message
    assert "a.pdf" in caplog.text and "Traceback" in caplog.text


def test_a_document_deleted_while_it_is_indexed_ends_quietly(tmp_path, caplog):
    caplog.set_level(logging.INFO)

    def delete(images):
        library.delete(document_id)

    with library_in(tmp_path / "data", TinyEmbedder(delete)) as library:
        document_id = add(library, pdfs.write_report(tmp_path / "a.pdf", 1))
        worker = Worker(library)
        worker.start()
        Watcher(library).wait_until(lambda _: "deleted while" in caplog.text)
        worker.stop()
        assert (library.catalogue.count(), library.index.count()) == (0, 0)
    assert {record.levelname for record in caplog.records} == {"INFO"}


def test_a_deletion_that_was_cut_off_is_ended(library, start, tmp_path):
    document_id = add(library, pdfs.write_report(tmp_path / "a.pdf", 1))
    library.process(document_id)
    library.catalogue.mark_deleted(document_id)
    start()
    Watcher(library).wait_until(lambda catalogue: not catalogue.half_deleted())
    assert library.index.count() == 0


class FailsOnce:
    """Stands before a method and raises the first time."""

    def __init__(self, method, error):
        self._method, self._error = method, error

    def __call__(self, *arguments):
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return self._method(*arguments)


def test_a_document_waits_for_a_lost_index_server(library, start, tmp_path, caplog):
    document_id = add(library, pdfs.write_report(tmp_path / "a.pdf", 1))
    library.index.upsert = FailsOnce(library.index.upsert, IndexUnavailable("Nobody answers."))
    start(pause_s=0.01)
    Watcher(library).wait_for(document_id, DocumentState.INDEXED)
    assert "Nobody answers." in caplog.text


def test_the_worker_outlives_a_catalogue_that_fails_for_a_moment(library, start, tmp_path, caplog):
    document_id = add(library, pdfs.write_report(tmp_path / "a.pdf", 1))
    next_unfinished = library.catalogue.next_unfinished
    library.catalogue.next_unfinished = FailsOnce(next_unfinished, OSError("The disk is full."))
    start(pause_s=0.01)
    Watcher(library).wait_for(document_id, DocumentState.INDEXED)
    assert "The disk is full." in caplog.text
