"""The catalogue knows each document once, newest first, through threads, processes and restarts."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import pytest

from tests.fixtures.catalogues import catalogue_in
from tests.fixtures.processes import run_at_once
from vdr.catalogue.listing import place_of
from vdr.errors import AlreadyFinished, BadFilter, BadMetadata, Cancelled, NotFound, PdfBroken
from vdr.filters import parse_filter
from vdr.settings import IndexSettings
from vdr.types import (
    UNFINISHED,
    Document,
    DocumentState,
    Indexing,
    Listing,
    PageError,
    PdfInfo,
    Priority,
)


def document(n, **changes):
    of_indexing = {name: changes.pop(name) for name in set(changes) & {f.name for f in fields(Indexing)}}
    indexing = Indexing("g1", **{"turn": n, **of_indexing})
    made = Document(f"{n:064x}", f"{n}.pdf", 10 * n, f"2025-01-01T00:00:{n:02}", indexing, 3)
    return replace(made, **changes)


@pytest.fixture
def settings(tmp_path):
    return IndexSettings(data_dir=tmp_path)


@pytest.fixture
def catalogue(settings):
    with catalogue_in(settings) as opened:
        yield opened


def test_a_document_comes_back_as_it_was_added(catalogue):
    assert catalogue.add(document(1)) is True
    assert catalogue.get(document(1).document_id) == document(1)


def test_labels_of_pages_are_noted_and_taken_back(catalogue):
    catalogue.add(document(1))
    document_id = document(1).document_id
    before = catalogue.get(document_id).indexing.revision
    catalogue.describe(document_id, ("i", "ii", "1"), PdfInfo())
    assert catalogue.page_labels(document_id) == {1: "i", 2: "ii", 3: "1"}
    assert catalogue.get(document_id).indexing.revision == before + 1  # so that those who follow it are told
    catalogue.describe(document_id, (), PdfInfo())
    assert catalogue.page_labels(document_id) == catalogue.page_labels("0" * 64) == {}
    with pytest.raises(NotFound):
        catalogue.describe("0" * 64, ("i",), PdfInfo())


def test_what_a_pdf_says_of_itself_is_kept_and_filtered_by(catalogue):
    for n in (1, 2):
        catalogue.add(document(n))
    info = PdfInfo("Tides", "Ada", "2031-05-17T00:00:00.000000+00:00", None)
    catalogue.describe(document(1).document_id, (), info)
    assert catalogue.get(document(1).document_id).info == info
    for data in (
        {"pdf_title": "Tides"},
        {"pdf_author": {"$in": ["Ada", "Bob"]}},
        {"pdf_created_at": {"$gte": "2031-05-17", "$lt": "2031-05-18"}},
        {"pdf_title": {"$exists": True}},
        {"$not": {"pdf_author": {"$exists": False}}},
    ):
        assert catalogue.ids(parse_filter(data)) == [document(1).document_id]
    assert catalogue.ids(parse_filter({"pdf_modified_at": {"$gt": "1000-01-01"}})) == []
    assert catalogue.ids(parse_filter({"pdf_title": {"$ne": "Tides"}})) == [document(2).document_id]


def test_adding_twice_changes_nothing(catalogue):
    catalogue.add(document(1))
    assert catalogue.add(document(1, name="again.pdf")) is False
    assert catalogue.get(document(1).document_id).name == "1.pdf"
    assert catalogue.count() == 1


def test_what_was_added_is_there_after_a_restart(catalogue, settings):
    catalogue.add(document(1, name="Ergebnis “Q3” 📈.pdf"))
    with catalogue_in(settings) as again:
        assert again.get(document(1).document_id).name == "Ergebnis “Q3” 📈.pdf"


def test_collections_do_not_see_each_other(catalogue, settings):
    catalogue.add(document(1))
    with catalogue_in(settings, "other") as other:
        assert other.count() == 0
        assert other.add(document(1)) is True
        other.remove(document(1).document_id)
    assert catalogue.count() == 1


def test_pages_of_documents_newest_first(catalogue):
    same_moment = {"created_at": "2025-01-01T00:00:09"}
    added = [document(n) for n in (3, 1, 2)] + [document(n, **same_moment) for n in (11, 12, 13)]
    for one in added:
        catalogue.add(one)
    seen, after = [], None
    while page := catalogue.page(2, after=after):
        assert len(page) <= 2
        seen += page
        after = place_of(page[-1])
    assert [int(one.document_id, 16) for one in seen] == [13, 12, 11, 3, 2, 1]


def test_a_new_document_does_not_shift_the_pages_already_seen(catalogue):
    for n in (1, 2, 3):
        catalogue.add(document(n))
    first = catalogue.page(2)
    catalogue.add(document(4))
    assert names(catalogue.page(2, after=place_of(first[-1]))) == ["1.pdf"]


def names(documents):
    return [one.name for one in documents]


def test_unfinished_documents_come_the_urgent_first_then_as_they_were_queued(catalogue):
    assert catalogue.unfinished() == []
    catalogue.add(document(1, priority=Priority.BULK))
    for n in (4, 3, 2):
        catalogue.add(document(n))
    assert names(catalogue.unfinished()) == ["4.pdf", "3.pdf", "2.pdf", "1.pdf"]
    catalogue.finish(document(2).document_id)
    catalogue.begin(document(4).document_id, 0)
    catalogue.fail(document(3).document_id, PdfBroken("no"))
    assert names(catalogue.unfinished()) == ["4.pdf", "1.pdf"]
    assert catalogue.count(Listing(states=UNFINISHED)) == 2 and catalogue.count() == 4


def test_progress_and_page_errors_are_kept(catalogue):
    catalogue.add(document(1))
    errors = [PageError(3, "page_failed", "three"), PageError(2, "page_timeout", "two")]
    for _ in range(2):
        catalogue.advance(document(1).document_id, 2, errors)
    found = catalogue.get(document(1).document_id)
    assert (found.indexing.pages_done, found.indexing.page_errors) == (2, (errors[1], errors[0]))
    assert found.indexing.state is DocumentState.EMBEDDING


def where(data):
    return parse_filter(data)


@pytest.fixture
def described(catalogue):
    """Four documents, of which the first two are told more of."""
    catalogue.add(document(1, metadata={"year": 2021, "größe": ("q3", "ü📈")}, kind="office"))
    catalogue.add(document(2, metadata={"year": 2019, "due": "2024-12-31"}, state=DocumentState.INDEXED))
    catalogue.add(document(3, name="report 3.pdf"))
    catalogue.add(document(4, name="Report 4.pdf"))
    return catalogue


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"year": {"$gte": 2020}}, [1]),
        ({"größe": "ü📈"}, [1]),
        ({"due": {"$lt": "2025-01-01"}}, [2]),
        ({"year": {"$exists": False}}, [4, 3]),
        ({"document_name": {"$prefix": "report"}}, [3]),
        ({"kind": "pdf", "added_at": {"$gt": "2025-01-01T00:00:02"}}, [4, 3]),
        ({"document_id": {"$in": [f"{2:064x}", f"{9:064x}"]}}, [2]),
        ({"$or": [{"year": 2021}, {"page_count": 3}]}, [4, 3, 2, 1]),
    ],
)
def test_documents_are_narrowed_by_a_filter(described, data, expected):
    listing = Listing(where(data))
    assert [int(one.document_id, 16) for one in described.page(10, listing)] == expected
    assert described.count(listing) == len(expected)
    assert sorted(described.ids(where(data))) == sorted(f"{n:064x}" for n in expected)
    seen, after = [], None
    while page := described.page(1, listing, after):
        seen, after = [*seen, int(page[0].document_id, 16)], place_of(page[0])
    assert seen == expected


def test_documents_cannot_be_narrowed_by_their_pages(described):
    for ask in (
        described.ids,
        lambda f: described.page(1, Listing(f)),
        lambda f: described.count(Listing(f)),
    ):
        with pytest.raises(BadFilter, match="page_number belongs to pages"):
            ask(where({"page_number": 1}))


def test_a_filter_passes_no_document_that_is_deleted_or_elsewhere(described, settings):
    described.mark_deleted(document(1).document_id)
    with catalogue_in(settings, "other") as other:
        assert other.ids(where({"year": {"$exists": True}})) == []
    assert described.ids(where({"year": {"$exists": True}})) == [document(2).document_id]


def test_metadata_comes_back_as_it_was(described):
    assert described.get(document(1).document_id).metadata == {"year": 2021, "größe": ("q3", "ü📈")}
    assert described.get(document(2).document_id).metadata == {"year": 2019, "due": "2024-12-31"}


def test_name_and_metadata_are_changed(described):
    key = document(1).document_id
    changed = described.change(key, name="new.pdf", edit=lambda old: {**old, "year": 2022})
    assert (changed.name, changed.metadata["year"], changed.indexing.revision) == ("new.pdf", 2022, 1)
    assert described.get(key) == changed
    assert described.ids(where({"year": 2022})) == [key]
    assert described.change(key) == changed
    with pytest.raises(NotFound):
        described.change(document(9).document_id, name="x")


def test_an_edit_that_fails_changes_nothing(described):
    def fail(_):
        raise BadMetadata("No.")

    before = described.get(document(1).document_id)
    with pytest.raises(BadMetadata):
        described.change(before.document_id, name="new.pdf", edit=fail)
    assert described.get(before.document_id) == before


def test_edits_at_once_are_all_kept(described):
    key = document(3).document_id
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: described.change(key, edit=lambda old: {**old, f"k{n}": n}), range(12)))
    assert described.get(key).metadata == {f"k{n}": n for n in range(12)}


def test_every_change_is_a_new_revision(catalogue):
    catalogue.add(document(1))
    document_id, revisions = document(1).document_id, []
    for change in (
        lambda: catalogue.begin(document_id, 0),
        lambda: catalogue.advance(document_id, 3),
        lambda: catalogue.finish(document_id),
        lambda: catalogue.requeue(document_id),
        lambda: catalogue.cancel(document_id),
    ):
        change()
        revisions.append(catalogue.get(document_id).indexing.revision)
    assert revisions == [1, 2, 3, 4, 5]


def test_a_failed_document_says_why_until_it_is_tried_anew(catalogue):
    catalogue.add(document(1, page_count=3))
    catalogue.advance(document(1).document_id, 3, [PageError(1, "page_failed", "one")])
    catalogue.fail(document(1).document_id, PdfBroken("It is damaged."))
    failed = catalogue.get(document(1).document_id)
    assert (failed.indexing.state, failed.indexing.error_code) == (DocumentState.FAILED, "pdf_broken")
    assert failed.indexing.error_message == "It is damaged." and failed.indexing.finished_at is not None
    catalogue.requeue(document(1).document_id)
    again = catalogue.get(document(1).document_id)
    assert again == document(1, attempt=2, turn=2, revision=again.indexing.revision)


def test_a_cancelled_document_stays_so_whatever_its_job_still_does(catalogue):
    document_id = document(1).document_id
    catalogue.add(document(1))
    assert catalogue.cancel(document_id).indexing.state is DocumentState.CANCELLED
    assert catalogue.cancel(document_id).indexing.state is DocumentState.CANCELLED
    for late in (
        lambda: catalogue.begin(document_id, 0),
        lambda: catalogue.advance(document_id, 1),
        lambda: catalogue.finish(document_id),
        lambda: catalogue.fail(document_id, PdfBroken("no")),
    ):
        with pytest.raises(Cancelled):
            late()
    assert catalogue.get(document_id).indexing.state is DocumentState.CANCELLED
    catalogue.requeue(document_id)
    assert catalogue.get(document_id).indexing.state is DocumentState.QUEUED


def test_a_finished_document_cannot_be_cancelled(catalogue):
    catalogue.add(document(1))
    catalogue.finish(document(1).document_id)
    with pytest.raises(AlreadyFinished, match="already indexed"):
        catalogue.cancel(document(1).document_id)


def test_what_has_changed_since_is_not_queued_anew(catalogue):
    catalogue.add(document(1))
    seen = catalogue.get(document(1).document_id)
    catalogue.cancel(seen.document_id)
    catalogue.requeue(seen.document_id, revision=seen.indexing.revision)
    assert catalogue.get(seen.document_id).indexing.state is DocumentState.CANCELLED


class Told:
    """Notes what happens, and refuses the first of it."""

    def __init__(self):
        self.queue, self.ends = [], []

    def queued(self, connection, collection, document):
        self.queue.append((collection, document.name, document.indexing.attempt))
        if len(self.queue) == 1:
            raise RuntimeError("no room")

    def ended(self, connection, collection, document):
        self.ends.append((collection, document.name, document.indexing.state))


def test_a_document_is_queued_in_the_transaction_that_enters_it(settings):
    told = Told()
    with catalogue_in(settings, events=told) as catalogue:
        with pytest.raises(RuntimeError):
            catalogue.add(document(1))
        assert catalogue.count() == 0
        assert catalogue.add(document(1)) and not catalogue.add(document(1))
        catalogue.requeue(document(1).document_id)
    assert told.queue == [("default", "1.pdf", 1), ("default", "1.pdf", 1), ("default", "1.pdf", 2)]


def test_whoever_ends_a_document_has_it_told(settings):
    told = Told()
    told.queue.append("not the first")
    with catalogue_in(settings, events=told) as catalogue:
        for n in (1, 2, 3):
            catalogue.add(document(n))
        catalogue.finish(document(1).document_id)
        catalogue.fail(document(2).document_id, PdfBroken("no"))
        for _ in range(2):
            catalogue.cancel(document(3).document_id)
    states = (DocumentState.INDEXED, DocumentState.FAILED, DocumentState.CANCELLED)
    assert told.ends == [("default", f"{n}.pdf", state) for n, state in enumerate(states, 1)]


def test_a_document_marked_as_deleted_is_hidden_until_it_is_removed(catalogue):
    document_id = document(1).document_id
    catalogue.add(document(1))
    catalogue.mark_deleted(document_id)
    catalogue.mark_deleted(document_id)
    assert catalogue.find(document_id) is None
    assert (catalogue.page(10), catalogue.count(), catalogue.unfinished()) == ([], 0, [])
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
        lambda c, d: c.begin(d, 0),
        lambda c, d: c.finish(d),
        lambda c, d: c.cancel(d),
        lambda c, d: c.advance(d, 1),
        lambda c, d: c.fail(d, PdfBroken("no")),
        lambda c, d: c.requeue(d),
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


def add_some(data_dir, added, barrier):
    barrier.wait()
    with catalogue_in(IndexSettings(data_dir=data_dir)) as catalogue:
        added.put(sum(catalogue.add(document(n)) for n in range(1, 31)))


def test_processes_that_begin_at_once_add_each_document_once(tmp_path):
    added = multiprocessing.get_context("spawn").SimpleQueue()
    run_at_once(3, add_some, tmp_path, added)
    assert sum(added.get() for _ in range(3)) == 30
    added.close()
