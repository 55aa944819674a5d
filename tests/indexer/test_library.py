"""PDFs come in whole or say why not, are indexed from wherever they stopped, and go without trace."""

import io
import multiprocessing
import os
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from pikepdf import Name
from PIL import Image

from indexer.fields import resolved, tell_index
from indexer.ingest import index_document
from indexer.naming import clean_name
from indexer.pdf.inspect import inspect
from indexer.pdf.prepare import prepare_pages
from indexer.upkeep import Fault, check, repair
from indexer.words import split_again
from tests.fixtures import pdfs
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import content, library_in
from vdr import errors
from vdr.filters import parse_filter
from vdr.index import Nearest
from vdr.index.schema import FULL
from vdr.objects.checksums import hash_of
from vdr.search.execute import execute
from vdr.search.plan import plan_search
from vdr.settings import SearchSettings
from vdr.types import DocumentState, PageRef, PdfInfo, SearchMode, SearchRequest


@pytest.fixture
def library(tmp_path):
    with library_in(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def report(tmp_path):
    return pdfs.write_report(tmp_path / "report.pdf", 20)


def add(library, path):
    document, _ = library.add(path, path.name)
    return document.document_id


class Killed(BaseException):
    """What a test throws where a process might end."""


def stop_after(batches):
    calls = iter(range(batches))

    def on_batch(images):
        if next(calls, None) is None:
            raise Killed

    return TinyEmbedder(on_batch)


@pytest.mark.parametrize(("at_once", "runs"), [(1, [8, 8, 4]), (16, [16, 4]), (64, [20])])
def test_pages_come_in_runs_as_long_as_the_embedder_asks_for(library, report, at_once, runs):
    batches = []
    embedder = TinyEmbedder(lambda images: batches.append(len(images)))
    embedder.pages_at_once = at_once
    library.embedder = embedder
    document_id = add(library, report)
    index_document(library, document_id)
    assert batches == runs
    assert library.indexed_pages(document_id) == frozenset(range(1, 21))


def test_what_short_runs_have_left_is_done_in_long_ones(library, report):
    document_id = add(library, report)
    library.embedder = stop_after(1)
    with pytest.raises(Killed):
        index_document(library, document_id)
    batches = []
    library.embedder = TinyEmbedder(lambda images: batches.append(len(images)))
    library.embedder.pages_at_once = 16
    index_document(library, document_id)
    assert batches == [16, 4]
    assert library.indexed_pages(document_id) == frozenset(range(1, 21))


def test_a_new_document_is_queued_with_its_pages_counted(library, report):
    document, is_new = library.add(report, "Annual report.pdf")
    assert is_new
    assert document.document_id == hash_of(report)
    assert (document.name, document.size_bytes) == ("Annual report.pdf", report.stat().st_size)
    assert (document.indexing.state, document.page_count, document.indexing.pages_done) == (
        DocumentState.QUEUED,
        20,
        0,
    )


def test_same_bytes_twice_is_one_document(library, report):
    first, _ = library.add(report, "a.pdf")
    second, is_new = library.add(report, "a.pdf")
    assert (second, is_new) == (first, False)
    assert library.catalogue.count() == 1


def test_a_file_that_changes_while_it_is_taken_in_is_the_document_of_the_bytes_kept(
    library, tmp_path, monkeypatch
):
    path, later = pdfs.write_report(tmp_path / "scan.pdf", 1), pdfs.write_report(tmp_path / "later.pdf", 2)

    def grows(seen, *others):
        looked_at = inspect(seen, *others)
        path.write_bytes(later.read_bytes())  # the scanner adds a page just now
        return looked_at

    monkeypatch.setattr("indexer.library.inspect", grows)
    document, _ = library.add(path, "scan.pdf")
    with library.objects.pdf_file(document.document_id) as kept:
        assert (hash_of(kept), document.page_count) == (document.document_id, 1)
    again, is_new = library.add(path, "scan.pdf")
    assert (again.document_id, again.page_count, is_new) == (hash_of(later), 2, True)


def test_what_comes_through_a_pipe_is_taken_in(library, report, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = Thread(target=lambda: (tmp_path / "pipe").write_bytes(report.read_bytes()))
    writer.start()
    document, _ = library.add(tmp_path / "pipe", "a.pdf")
    writer.join()
    assert document.document_id == hash_of(report)


def test_a_stream_without_an_end_is_too_large(library):
    library.settings = library.settings.model_copy(update={"max_file_bytes": 10_000})
    with pytest.raises(errors.FileTooLarge):
        library.add(Path("/dev/zero"), "zeros.pdf")


def found(library, data):
    """The pages that pass a filter, by document name."""
    where = resolved(parse_filter(data), library.catalogue)
    [scores] = library.index.nearest([Nearest(FULL, np.ones(64, np.float32), 100)], where)
    pages = library.index.pages([point for point, _ in scores]).values()
    return sorted((each.document_name, each.page.page_number) for each in pages)


def test_pages_are_found_by_all_that_is_known_of_them(library, tmp_path):
    for name, pages, metadata in (("a", 2, {"year": 2021, "tags": ("q3",)}), ("b", 1, None)):
        path = pdfs.write_report(tmp_path / f"{name}.pdf", pages, name)
        index_document(library, library.add(path, path.name, metadata=metadata)[0].document_id)
    both = [("a.pdf", 1), ("a.pdf", 2)]
    for data in ({"year": 2021}, {"tags": "q3"}, {"page_count": 2}, {"document_name": {"$prefix": "a"}}):
        assert found(library, data) == both
    assert found(library, {"page_label": "2"}) == [("a.pdf", 2)]
    assert found(library, {"kind": "pdf", "added_at": {"$gt": "2020-01-01"}}) == [*both, ("b.pdf", 1)]
    assert resolved(None, library.catalogue) is None
    assert list(check(library)) == []


LABELLED = ("Preface", "Thanks to the divers", "Contents", "Tides of the bay", "Pilots")
LABELS = {0: {"S": Name.r}, 3: {"S": Name.D}}


def labels_of(library, document_id):
    return library.catalogue.page_labels(document_id)


def test_pages_are_called_what_is_printed_on_them(library, tmp_path):
    document_id = add(library, pdfs.write_labelled(tmp_path / "a.pdf", LABELLED, LABELS))
    assert labels_of(library, document_id) == {}  # as long as nobody has looked
    index_document(library, document_id)
    assert list(labels_of(library, document_id).values()) == ["i", "ii", "iii", "1", "2"]
    assert found(library, {"page_label": {"$in": ["iii", "1"]}}) == [("a.pdf", 3), ("a.pdf", 4)]
    assert list(check(library)) == []


def text_hits(library, query):
    vectors = library.embedder.encode_queries([query])[0]
    asked = SearchRequest(query, mode=SearchMode.TEXT)
    plan = plan_search(asked, vectors, library.index.schema, SearchSettings())
    return [(each.page.page_number, each.page_label) for each in execute(plan, library.index).candidates]


def test_a_page_is_found_by_its_label_unless_that_is_just_its_number(library, tmp_path):
    index_document(library, add(library, pdfs.write_labelled(tmp_path / "a.pdf", LABELLED, LABELS)))
    index_document(library, add(library, pdfs.write_pdf(tmp_path / "b.pdf", ["Buoys"] * 3)))
    assert text_hits(library, "page iii")[0] == (3, "iii")
    assert text_hits(library, "iii") == [(3, "iii")]
    assert text_hits(library, "3") == []


TITLED = {"Title": "Breakwater construction handbook", "Author": "Ada", "CreationDate": "D:20310517"}


def test_a_document_is_found_by_the_title_that_stands_in_its_metadata_alone(library, tmp_path):
    pages = ["Chapter one", "The first stone was laid"]
    document_id = add(library, pdfs.write_titled(tmp_path / "scan_0417.pdf", pages, TITLED))
    index_document(library, document_id)
    index_document(library, add(library, pdfs.write_report(tmp_path / "b.pdf", 3)))
    info = library.catalogue.get(document_id).info
    assert (info.title, info.author) == (TITLED["Title"], "Ada")
    assert info.created_at == "2031-05-17T00:00:00.000000+00:00"
    assert text_hits(library, "breakwater handbook") == [(1, "1")]
    both = [("scan_0417.pdf", 1), ("scan_0417.pdf", 2)]
    days = {"pdf_created_at": {"$gte": "2031-05-17", "$lt": "2031-05-18"}}
    for data in ({"pdf_title": TITLED["Title"]}, {"pdf_author": "Ada"}, days):
        assert found(library, data) == both
    assert list(check(library)) == []


def test_titles_that_an_index_was_built_without_come_with_the_next_indexing(library, tmp_path, monkeypatch):
    document_id = add(library, pdfs.write_titled(tmp_path / "a.pdf", ["Chapter one"], TITLED))
    with monkeypatch.context() as patch:
        patch.setattr(library.catalogue, "describe", lambda *_: None)  # the version before knew none
        index_document(library, document_id)
    assert found(library, {"pdf_author": "Ada"}) == text_hits(library, "breakwater") == []
    library.rebuild(document_id)
    index_document(library, document_id)
    assert found(library, {"pdf_author": "Ada"}) == [("a.pdf", 1)]
    assert text_hits(library, "breakwater") == [(1, "1")]


def test_a_page_is_still_found_by_its_label_when_its_words_are_split_again(library, tmp_path):
    document_id = add(library, pdfs.write_labelled(tmp_path / "a.pdf", LABELLED, LABELS))
    index_document(library, document_id)
    before = [point.text_terms for point in library.index.points()]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("vdr.index.records.RULE", None)
        library.index.upsert(list(library.index.points()))
    split_again(library, document_id)
    assert [point.text_terms for point in library.index.points()] == before


def test_pages_indexed_before_anybody_looked_are_labelled_when_indexed_again(library, tmp_path):
    document_id = add(library, pdfs.write_labelled(tmp_path / "a.pdf", LABELLED, LABELS))
    index_document(library, document_id)
    library.catalogue.describe(document_id, (), PdfInfo())  # as the version before has left it
    library.index.set_page_labels(document_id, {n: str(n) for n in range(1, 6)})
    assert found(library, {"page_label": "5"}) == [("a.pdf", 5)]
    assert list(check(library)) == []
    library.rebuild(document_id)
    index_document(library, document_id)
    assert found(library, {"page_label": "iii"}) == [("a.pdf", 3)]


def test_labels_that_the_index_has_lost_are_found_and_repaired(library, tmp_path):
    document_id = add(library, pdfs.write_labelled(tmp_path / "a.pdf", LABELLED, LABELS))
    index_document(library, document_id)
    library.index.set_page_labels(document_id, {3: "3"})
    [finding] = check(library)
    assert (finding.fault, finding.page_numbers) == (Fault.OLD_FIELDS, (3,))
    assert repair(library, finding)
    assert found(library, {"page_label": "iii"}) == [("a.pdf", 3)]


def test_name_and_metadata_are_changed_without_embedding_again(library, tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 2)
    document_id = add(library, path)
    changed = library.change(document_id, edit=lambda _: {"year": 2021})  # before there is any index
    assert (changed.metadata, changed.name) == ({"year": 2021}, "a.pdf")
    index_document(library, document_id)
    vectors = {point.page: point.embedding.tobytes() for point in library.index.points()}
    changed = library.change(document_id, name="../new.pdf", edit=lambda old: {**old, "tags": ("x",)})
    assert (changed.name, changed.metadata) == ("new.pdf", {"year": 2021, "tags": ("x",)})
    assert found(library, {"tags": "x"}) == [("new.pdf", 1), ("new.pdf", 2)]
    assert {point.page: point.embedding.tobytes() for point in library.index.points()} == vectors
    with pytest.raises(errors.NotFound):
        library.change("0" * 64, name="x")


def test_known_bytes_get_the_metadata_they_are_sent_again_with(library, tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    index_document(library, library.add(path, "a.pdf", metadata={"year": 2021})[0].document_id)
    assert library.add(path, "a.pdf")[0].metadata == {"year": 2021}
    assert library.add(path, "a.pdf", metadata={"team": "x"})[0].metadata == {"team": "x"}
    assert found(library, {"team": "x"}) == [("a.pdf", 1)]
    assert found(library, {"year": 2021}) == []


def test_a_change_by_another_process_before_the_pages_are_there_is_not_lost(library, tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    document_id = add(library, path)
    advance = library.catalogue.advance

    def advance_late(*told):
        library.catalogue.change(document_id, edit=lambda _: {"year": 2021})
        advance(*told)

    library.catalogue.advance = advance_late
    index_document(library, document_id)
    assert found(library, {"year": 2021}) == [("a.pdf", 1)]


def test_of_changes_at_once_the_index_says_what_the_catalogue_does(library, tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    document_id = add(library, path)
    stale = index_document(library, document_id)
    assert stale is not None
    library.catalogue.change(document_id, name="newer.pdf")
    assert tell_index(library.index, library.catalogue, stale).name == "newer.pdf"
    assert found(library, {"document_name": "newer.pdf"}) == [("newer.pdf", 1)]


@pytest.mark.parametrize(
    ("write", "error"),
    [
        (lambda p: pdfs.write_encrypted(p, user_password="x"), errors.PdfEncrypted),
        (pdfs.write_truncated, errors.PdfBroken),
        (pdfs.write_without_pages, errors.PdfEmpty),
        (lambda p: p.touch(), errors.PdfEmpty),
        (lambda p: p.write_text("hello"), errors.NotAccepted),
    ],
)
def test_a_file_that_is_refused_leaves_nothing_behind(library, tmp_path, write, error):
    path = tmp_path / "odd.pdf"
    write(path)
    with pytest.raises(error, match=r"odd\.pdf"):
        library.add(path, "odd.pdf")
    assert library.catalogue.count() == 0
    assert not [p for p in (tmp_path / "data" / "objects").rglob("*") if p.is_file()]


def test_every_page_reaches_the_index_with_its_image_and_words(library, report):
    document = index_document(library, add(library, report))
    assert (document.indexing.state, document.indexing.pages_done) == (DocumentState.INDEXED, 20)
    assert library.claim().page_numbers(document.document_id) == frozenset(range(1, 21))
    image = Image.open(io.BytesIO(library.objects.page_image(PageRef(document.document_id, 20))))
    assert (image.format, max(image.size)) == ("WEBP", 256)
    words = library.objects.page_words(PageRef(document.document_id, 20))
    assert [word.text for word in words.text_layer[:3]] == ["report", "page", "20"]
    assert words.read[0].text.startswith("dark")


def test_an_indexed_page_is_found_by_what_it_says(library, report):
    document_id = add(library, report)
    index_document(library, document_id)
    [query] = library.embedder.encode_queries(["row 16 costs 260"])
    request = SearchRequest("row 16 costs 260", mode=SearchMode.TEXT, limit=1)
    index = library.claim()
    [found] = execute(plan_search(request, query, index.schema, SearchSettings()), index).candidates
    assert found.page == PageRef(document_id, 16)


def test_indexing_again_changes_nothing_and_embeds_nothing(library, report):
    document_id = add(library, report)
    index_document(library, document_id)
    before, reports = content(library), []
    index_document(library, document_id, progress=reports.append)
    assert content(library) == before
    assert reports == []


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_an_interrupted_document_goes_on_where_it_stopped(tmp_path, library, report, batches):
    index_document(library, add(library, report))
    with library_in(tmp_path / "other", stop_after(batches)) as stopped, pytest.raises(Killed):
        index_document(stopped, add(stopped, report))
    seen = []
    with library_in(tmp_path / "other", TinyEmbedder(lambda images: seen.append(len(images)))) as resumed:
        document = index_document(resumed, add(resumed, report))
        assert document.indexing.state is DocumentState.INDEXED
        assert seen == [8, 8, 4][batches:]
        assert content(resumed) == content(library)


def test_progress_is_told_after_every_run_of_pages(library, report):
    reports = []
    index_document(library, add(library, report), progress=reports.append)
    assert [(r.document.indexing.pages_done, r.page_count) for r in reports] == [(8, 8), (16, 8), (20, 4)]
    assert {r.document.indexing.state for r in reports} == {DocumentState.EMBEDDING}
    assert all(r.seconds.rasterize > 0 and r.seconds.upsert > 0 for r in reports)


def test_a_page_that_cannot_be_drawn_is_noted_and_passed_over(tmp_path):
    path = pdfs.write_with_endless_page(tmp_path / "a.pdf")
    with library_in(tmp_path / "data", page_timeout_s=2.0) as library:
        document = index_document(library, add(library, path))
        assert (document.indexing.state, document.indexing.pages_done) == (DocumentState.INDEXED, 3)
        assert [(e.page_number, e.code) for e in document.indexing.page_errors] == [(2, "page_timeout")]
        assert library.claim().page_numbers(document.document_id) == {1, 3}
        assert library.objects.page_words(PageRef(document.document_id, 3)).text_layer[0].text == "hello"


def test_a_page_that_is_counted_but_not_there_is_not_a_copy_of_another(library, tmp_path):
    document = index_document(library, add(library, pdfs.write_with_missing_page(tmp_path / "a.pdf")))
    assert [e.page_number for e in document.indexing.page_errors] == [3]
    assert library.claim().count() == 2


def test_a_document_of_which_no_page_can_be_drawn_fails(tmp_path):
    path = pdfs.write_with_endless_page(tmp_path / "a.pdf", pages=2, endless=(1, 2))
    with library_in(tmp_path / "data", page_timeout_s=0.5) as library:
        document_id = add(library, path)
        with pytest.raises(errors.PageFailed, match=r"No page of a\.pdf"):
            index_document(library, document_id)
        document = library.catalogue.get(document_id)
        assert (document.indexing.state, document.indexing.error_code) == (
            DocumentState.FAILED,
            "page_failed",
        )
        assert "No page of a.pdf" in str(document.indexing.error_message)


def test_a_page_whose_text_cannot_be_read_is_indexed_by_its_looks(
    library, report, tmp_path, monkeypatch, caplog
):
    document_id = add(library, pdfs.write_report(tmp_path / "b.pdf", 2))
    program = tmp_path / "pdftotext"
    program.write_text("#!/bin/sh\nexec cat /dev/zero\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    library.settings = library.settings.model_copy(update={"page_timeout_s": 2.0})
    document = index_document(library, document_id)
    assert (document.indexing.state, library.claim().count()) == (DocumentState.INDEXED, 2)
    assert library.objects.page_words(PageRef(document_id, 1)).text_layer == ()
    assert "without its text layer" in caplog.text


def test_a_failed_document_is_tried_anew_when_it_is_added_again(library, report):
    document_id = add(library, report)
    library.catalogue.fail(document_id, errors.PdfBroken("It was the disk."))
    document, is_new = library.add(report, "report.pdf")
    assert (document.indexing.state, document.indexing.error_code, is_new) == (
        DocumentState.QUEUED,
        None,
        False,
    )
    assert index_document(library, document_id).indexing.state is DocumentState.INDEXED


def test_a_document_whose_vectors_are_lost_is_indexed_again(library, report):
    document_id = add(library, report)
    index_document(library, document_id)
    assert library.add(report, "report.pdf")[0].indexing.state is DocumentState.INDEXED
    library.claim().delete_document(document_id)
    assert library.add(report, "report.pdf")[0].indexing.state is DocumentState.QUEUED
    assert index_document(library, document_id).indexing.pages_done == 20
    assert library.claim().count() == 20


def test_a_document_whose_bytes_are_lost_fails(library, report):
    document_id = add(library, report)
    library.objects.delete_document(document_id)
    with pytest.raises(errors.NotFound, match="is missing"):
        index_document(library, document_id)
    assert library.catalogue.get(document_id).indexing.state is DocumentState.FAILED


def test_a_lost_index_server_is_no_fault_of_the_document(library, report, monkeypatch):
    document_id = add(library, report)

    def upsert(index, points):
        raise errors.IndexUnavailable("Nobody answers.")

    monkeypatch.setattr("vdr.index.edge.EdgeIndex.upsert", upsert)
    with pytest.raises(errors.IndexUnavailable):
        index_document(library, document_id)
    monkeypatch.undo()
    assert library.catalogue.get(document_id).indexing.error_code is None
    assert index_document(library, document_id).indexing.state is DocumentState.INDEXED


def test_deleting_leaves_nothing_of_the_document(library, report, tmp_path):
    other = add(library, pdfs.write_report(tmp_path / "other.pdf", 2, "other"))
    index_document(library, other)
    kept = content(library)
    document_id = add(library, report)
    index_document(library, document_id)
    library.delete(document_id)
    assert content(library) == kept
    assert not list((tmp_path / "data" / "objects").rglob(f"*{document_id}*"))
    with pytest.raises(errors.NotFound):
        library.delete(document_id)


def test_a_deletion_that_was_cut_off_can_be_ended(library, report):
    document_id = add(library, report)
    index_document(library, document_id)
    library.catalogue.mark_deleted(document_id)  # as far as a crash would have let it come
    library.finish_deletions()
    assert content(library) == {}
    assert library.catalogue.half_deleted() == []


def test_a_half_deleted_document_can_be_added_anew(library, report):
    document_id = add(library, report)
    index_document(library, document_id)
    library.catalogue.mark_deleted(document_id)
    document, is_new = library.add(report, "report.pdf")
    assert (document.indexing.state, is_new) == (DocumentState.QUEUED, True)
    assert library.indexed_pages(document_id) == frozenset()


@pytest.mark.parametrize("batch", [0, 1, 2])
def test_a_document_deleted_while_it_is_indexed_stays_deleted(tmp_path, report, batch):
    calls = []

    def delete_at(images):
        calls.append(images)
        if len(calls) == batch + 1:
            library.delete(document_id)

    with library_in(tmp_path / "data", TinyEmbedder(delete_at)) as library:
        document_id = add(library, report)
        with pytest.raises(errors.NotFound):
            index_document(library, document_id)
        assert content(library) == {}
        assert library.catalogue.count() == 0
        assert not list((tmp_path / "data" / "objects").rglob(f"*{document_id}*"))


def test_what_another_process_deleted_after_our_last_write_is_erased(library, report):
    document_id = add(library, report)

    def delete_elsewhere(progress):
        if progress.document.indexing.pages_done == 20:
            library.catalogue.mark_deleted(document_id)
            library.catalogue.remove(document_id)

    with pytest.raises(errors.NotFound):
        index_document(library, document_id, progress=delete_elsewhere)
    assert library.indexed_pages(document_id) == frozenset()


def test_three_hundred_pages(library, tmp_path):
    document = index_document(library, add(library, pdfs.write_report(tmp_path / "long.pdf", 300)))
    assert (document.indexing.state, document.indexing.page_errors) == (DocumentState.INDEXED, ())
    assert library.claim().page_numbers(document.document_id) == frozenset(range(1, 301))
    assert library.objects.page_words(PageRef(document.document_id, 300)).text_layer[2].text == "300"


def test_few_page_images_are_held_at_once(tmp_path, report, monkeypatch):
    held, highest = [], []

    class Watched(TinyEmbedder):
        def encode_pages(self, images, words=()):
            highest.append(len(held) * 8)
            held.pop(0)
            return super().encode_pages(images, words)

    real = prepare_pages

    def watched(*arguments):
        held.append(None)
        return real(*arguments)

    monkeypatch.setattr("indexer.ingest.prepare_pages", watched)
    long = pdfs.write_report(tmp_path / "long.pdf", 100)
    with library_in(tmp_path / "data", Watched(), rasterize_workers=2) as library:
        index_document(library, add(library, long))
    assert max(highest) <= 8 * (2 + 1)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zahlen 📈 2024.pdf", "Zahlen 📈 2024.pdf"),
        ('it\'s "final".pdf', 'it\'s "final".pdf'),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\x00b\nc\u202e.pdf", "abc.pdf"),
        ("\udcff.pdf", "?.pdf"),
        ("\\\\server\\share\\a.pdf", "a.pdf"),
        ("file:///home/ada/a.pdf", "a.pdf"),
        ("folder.pdf/", "folder.pdf"),
        ("Bru\u0308hgera\u0308t.pdf", "Br\u00fchger\u00e4t.pdf"),
        ("\u1112\u1161\u11ab.pdf", "\ud55c.pdf"),
        ("..", "document.pdf"),
        ("", "document.pdf"),
        (" / ", "document.pdf"),
        ("x" * 300, "x" * 255),
    ],
)
def test_names_are_made_fit_to_show(library, report, name, shown):
    assert clean_name(name) == shown
    document, _ = library.add(report, name)
    assert library.catalogue.get(document.document_id).name == shown


def add_same(data_dir, path, barrier, answers):
    barrier.wait()
    with library_in(data_dir) as library:
        answers.put(library.add(path, path.name)[1])


def test_two_processes_that_add_the_same_file_make_one_document(tmp_path, report):
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(2), context.Queue()
    arguments = (tmp_path / "data", report, barrier, answers)
    processes = [context.Process(target=add_same, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    assert sorted(answers.get(timeout=300) for _ in processes) == [False, True]
    for process in processes:
        process.join()
    answers.close()
    answers.join_thread()
    with library_in(tmp_path / "data") as library:
        assert library.catalogue.count() == 1
        assert index_document(library, hash_of(report)).indexing.state is DocumentState.INDEXED


class Again(TinyEmbedder):
    """Has the document queued again, once, while its pages are embedded; then may fail."""

    def __init__(self, error=None):
        super().__init__(self.step_in)
        self.error, self.library, self.document_id = error, None, ""

    def step_in(self, images):
        library, self.library = self.library, None
        if library is not None:
            library.cancel(self.document_id)
            library.retry(self.document_id)
            if self.error is not None:
                raise self.error


@pytest.mark.parametrize("error", [None, MemoryError("no more")])
def test_an_attempt_that_another_has_replaced_leaves_the_document_to_that_one(tmp_path, error):
    embedder = Again(error)
    with library_in(tmp_path / "data", embedder) as library:
        document_id = add(library, pdfs.write_report(tmp_path / "a.pdf", 2))
        embedder.library, embedder.document_id = library, document_id
        with pytest.raises(errors.Cancelled if error is None else MemoryError):
            index_document(library, document_id, attempt=1)
        indexing = library.catalogue.get(document_id).indexing
        assert (indexing.state, indexing.attempt, indexing.pages_done) == (DocumentState.QUEUED, 2, 0)
        assert index_document(library, document_id, attempt=2).indexing.state is DocumentState.INDEXED


def test_a_deletion_that_somebody_else_ends_meanwhile_is_no_error(library, report, monkeypatch):
    document_id = add(library, report)
    library.delete(document_id)
    monkeypatch.setattr(library.catalogue, "half_deleted", lambda: [document_id])
    library.finish_deletions()
    assert add(library, report) == document_id


def test_a_document_whose_file_was_lost_has_it_again_when_it_is_sent_again(library, report):
    document_id = add(library, report)
    index_document(library, document_id)
    library.objects._place.delete_below(document_id)
    assert not library.has_sound_pdf(document_id)
    assert library.add(report, "report.pdf")[1] is False
    assert library.has_sound_pdf(document_id)


def test_a_document_that_failed_for_its_damaged_file_is_indexed_when_it_is_sent_again(library, report):
    document_id = add(library, report)
    (stored,) = (library.objects._place._root / document_id).glob("*.pdf")
    stored.write_bytes(stored.read_bytes()[:-1] + b"x")
    with pytest.raises(errors.ObjectDamaged):
        index_document(library, document_id)
    assert library.catalogue.get(document_id).indexing.state is DocumentState.FAILED
    assert add(library, report) == document_id
    assert index_document(library, document_id).indexing.state is DocumentState.INDEXED
