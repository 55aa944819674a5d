"""The catalogue knows each document once, newest first, through threads, processes and restarts."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from indexer.catalogue import Catalogue
from vdr.errors import NotFound, PdfBroken
from vdr.settings import IndexSettings
from vdr.types import Document, DocumentState, PageError


def document(n, **changes):
    made = Document(f"{n:064x}", f"{n}.pdf", 10 * n, DocumentState.QUEUED, f"2025-01-01T00:00:{n:02}", 3)
    return replace(made, **changes)


@pytest.fixture
def settings(tmp_path):
    return IndexSettings(data_dir=tmp_path)


@pytest.fixture
def catalogue(settings):
    opened = Catalogue.open(settings)
    yield opened
    opened.close()


def test_a_document_comes_back_as_it_was_added(catalogue):
    assert catalogue.add(document(1)) is True
    assert catalogue.get(document(1).document_id) == document(1)


def test_adding_twice_changes_nothing(catalogue):
    catalogue.add(document(1))
    assert catalogue.add(document(1, name="again.pdf")) is False
    assert catalogue.get(document(1).document_id).name == "1.pdf"
    assert catalogue.count() == 1


def test_what_was_added_is_there_after_a_restart(catalogue, settings):
    catalogue.add(document(1, name="Ergebnis “Q3” 📈.pdf"))
    again = Catalogue.open(settings)
    assert again.get(document(1).document_id).name == "Ergebnis “Q3” 📈.pdf"
    again.close()


def test_collections_do_not_see_each_other(catalogue, settings):
    catalogue.add(document(1))
    other = Catalogue.open(settings.model_copy(update={"collection": "other"}))
    assert other.count() == 0
    assert other.add(document(1)) is True
    other.remove(document(1).document_id)
    other.close()
    assert catalogue.count() == 1


def test_pages_of_documents_newest_first(catalogue):
    same_moment = {"created_at": "2025-01-01T00:00:09"}
    added = [document(n) for n in (3, 1, 2)] + [document(n, **same_moment) for n in (11, 12, 13)]
    for one in added:
        catalogue.add(one)
    seen, after = [], None
    while page := catalogue.page(2, after):
        assert len(page) <= 2
        seen += page
        after = page[-1].document_id
    assert [int(one.document_id, 16) for one in seen] == [13, 12, 11, 3, 2, 1]


def test_a_new_document_does_not_shift_the_pages_already_seen(catalogue):
    for n in (1, 2, 3):
        catalogue.add(document(n))
    first = catalogue.page(2)
    catalogue.add(document(4))
    assert [one.name for one in catalogue.page(2, first[-1].document_id)] == ["1.pdf"]


def test_the_oldest_unfinished_document_is_next(catalogue):
    assert catalogue.next_unfinished() is None
    for n in (2, 1, 3):
        catalogue.add(document(n))
    assert catalogue.next_unfinished() == document(1)
    catalogue.enter(document(1).document_id, DocumentState.INDEXED)
    catalogue.enter(document(2).document_id, DocumentState.EMBEDDING)
    assert catalogue.next_unfinished() == document(2, state=DocumentState.EMBEDDING)
    catalogue.fail(document(2).document_id, PdfBroken("no"))
    assert catalogue.next_unfinished() == document(3)


def test_progress_and_page_errors_are_kept(catalogue):
    catalogue.add(document(1))
    errors = [PageError(3, "page_failed", "three"), PageError(2, "page_timeout", "two")]
    for _ in range(2):
        catalogue.add_page_errors(document(1).document_id, errors)
    catalogue.advance(document(1).document_id, 2)
    found = catalogue.get(document(1).document_id)
    assert (found.pages_done, found.page_errors) == (2, (errors[1], errors[0]))


def test_a_failed_document_says_why_until_it_is_tried_anew(catalogue):
    catalogue.add(document(1, page_count=3))
    catalogue.add_page_errors(document(1).document_id, [PageError(1, "page_failed", "one")])
    catalogue.advance(document(1).document_id, 3)
    catalogue.fail(document(1).document_id, PdfBroken("It is damaged."))
    failed = catalogue.get(document(1).document_id)
    assert (failed.state, failed.error_code) == (DocumentState.FAILED, "pdf_broken")
    assert failed.error_message == "It is damaged."
    catalogue.requeue(document(1).document_id)
    assert catalogue.get(document(1).document_id) == document(1)


def test_a_document_marked_as_deleted_is_hidden_until_it_is_removed(catalogue):
    document_id = document(1).document_id
    catalogue.add(document(1))
    catalogue.mark_deleted(document_id)
    catalogue.mark_deleted(document_id)
    assert catalogue.find(document_id) is None
    assert (catalogue.page(10), catalogue.count(), catalogue.next_unfinished()) == ([], 0, None)
    assert catalogue.half_deleted() == [document_id]
    catalogue.remove(document_id)
    catalogue.remove(document_id)
    assert catalogue.half_deleted() == []
    with pytest.raises(NotFound):
        catalogue.mark_deleted(document_id)


@pytest.mark.parametrize(
    "call",
    [
        lambda c, d: c.get(d),
        lambda c, d: c.enter(d, DocumentState.INDEXED),
        lambda c, d: c.advance(d, 1),
        lambda c, d: c.add_page_errors(d, []),
        lambda c, d: c.fail(d, PdfBroken("no")),
        lambda c, d: c.requeue(d),
        lambda c, d: c.page(10, d),
    ],
)
@pytest.mark.parametrize("was_there", [True, False])
def test_nothing_can_be_done_to_a_document_that_is_gone(catalogue, call, was_there):
    if was_there:
        catalogue.add(document(1))
        catalogue.mark_deleted(document(1).document_id)
    with pytest.raises(NotFound, match=document(1).document_id):
        call(catalogue, document(1).document_id)


def test_many_threads_write_at_once(catalogue):
    def work(n):
        catalogue.add(document(n % 20 + 1))
        catalogue.advance(document(n % 20 + 1).document_id, n)
        return catalogue.count()

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(work, range(200))) == 20


def add_some(data_dir, barrier, added):
    barrier.wait()
    catalogue = Catalogue.open(IndexSettings(data_dir=data_dir))
    added.put(sum(catalogue.add(document(n)) for n in range(1, 31)))
    catalogue.close()


def test_processes_that_begin_at_once_add_each_document_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier, added = context.Barrier(3), context.Queue()
    processes = [context.Process(target=add_some, args=(tmp_path, barrier, added)) for _ in range(3)]
    for process in processes:
        process.start()
    assert sum(added.get(timeout=300) for _ in processes) == 30
    for process in processes:
        process.join()
        assert process.exitcode == 0
    added.close()
    added.join_thread()
