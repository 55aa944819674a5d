"""What a document is called, what it is found by, and how new bytes take the place of old ones."""

import os

import pytest

from indexer.fields import resolved
from indexer.ingest import index_document
from indexer.naming import file_name, ids_in_any_case, named, not_named, told_apart
from indexer.upkeep import check
from tests.fixtures import pdfs
from tests.fixtures.libraries import content, library_in
from vdr.filters import parse_filter


@pytest.fixture
def library(tmp_path):
    with library_in(tmp_path / "data") as opened:
        yield opened


def ids_of(catalogue, wanted):
    return catalogue.ids(named(wanted)) or ids_in_any_case(wanted, catalogue.names())


def added(library, tmp_path, text, name):
    """A document of one page, indexed."""
    path = pdfs.write_report(tmp_path / "written.pdf", 1, text)
    document, _ = library.add(path, name)
    index_document(library, document.document_id)
    return document.document_id


def test_known_bytes_are_shown_by_their_newest_name_and_found_by_each(library, tmp_path):
    one = added(library, tmp_path, "a", "scan1.pdf")
    assert added(library, tmp_path, "a", "better.pdf") == one
    assert {shown for shown, *_ in content(library).values()} == {"better.pdf"}
    for name in ("scan1.pdf", "better.pdf", "folder/better.pdf", one, one[:8]):
        assert ids_of(library.catalogue, name) == [one]
    assert resolved(parse_filter({"document_name": "scan1.pdf"}), library.catalogue).value == (one,)
    assert list(check(library)) == []


def test_a_file_in_two_places_does_not_change_its_name_with_every_run(library, tmp_path):
    for _ in range(2):
        for name in ("a.pdf", "b.pdf"):
            one = added(library, tmp_path, "a", name)
    assert library.catalogue.get(one).name == "b.pdf"


def test_a_decomposed_name_is_found_as_it_is_typed(library, tmp_path):
    one = added(library, tmp_path, "a", "Bru\u0308h.pdf")
    assert ids_of(library.catalogue, "Br\u00fch.pdf") == ids_of(library.catalogue, "Bru\u0308h.pdf") == [one]


def test_an_id_is_not_taken_for_the_beginning_of_another_name(library, tmp_path):
    one = added(library, tmp_path, "a", "deadbeef")
    assert ids_of(library.catalogue, "deadbeef") == [one]
    assert ids_of(library.catalogue, one[:7]) == ids_of(library.catalogue, "deadbee") == []


def test_a_name_is_found_in_any_case_unless_there_is_one_just_so(library, tmp_path):
    one, two = added(library, tmp_path, "a", "Report.pdf"), added(library, tmp_path, "b", "REPORT.pdf")
    assert ids_of(library.catalogue, "REPORT.pdf") == [two]
    assert sorted(ids_of(library.catalogue, "report.PDF")) == sorted([one, two])


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("ferry-2O23.pdf", "Did you mean ferry-2023.pdf?"),
        ("AMCOR", "Did you mean Amcor_2023Q4.pdf or Annual report of Amcor.pdf?"),
        ("qqqqqqqq", "vdr documents list shows all names and ids."),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_nearest(wanted, said):
    names = ("Annual report of Amcor.pdf", "ferry-2023.pdf", "Amcor_2023Q4.pdf")
    assert not_named(wanted, names).remedy == said


def test_documents_of_the_same_name_are_told_apart(library, tmp_path):
    one, two, three = (added(library, tmp_path, text, f"{text[0]}.pdf") for text in ("a1", "a2", "b"))
    names = {one: "a.pdf", two: "a.pdf", three: "b.pdf"}
    shown = told_apart(library.catalogue, names)
    added_at = library.catalogue.get(one).created_at
    assert shown[one] == f"a.pdf [{one[:8]}, {added_at[:10]} {added_at[11:16]}]"
    assert shown[two].startswith(f"a.pdf [{two[:8]}, ")
    assert shown[three] == "b.pdf"


def test_a_new_version_replaces_the_old_one_with_all_that_belongs_to_it(library, tmp_path):
    old = added(library, tmp_path, "one", "ferry.pdf")
    path = pdfs.write_report(tmp_path / "written.pdf", 2, "two")
    new, _ = library.add(path, "ferry.pdf")
    library.replace(new.document_id)
    assert library.indexed_pages(old)
    index_document(library, new.document_id)
    assert {document_id for document_id, _ in content(library)} == {new.document_id}
    assert library.catalogue.ids() == [new.document_id] and library.catalogue.half_deleted() == []
    assert not list((tmp_path / "data" / "objects").rglob(f"*{old}*"))


def test_an_old_version_that_comes_back_replaces_the_new_one_at_once(library, tmp_path):
    old, new = (added(library, tmp_path, text, "ferry.pdf") for text in ("one", "two"))
    library.replace(old)
    assert library.catalogue.ids() == [old]
    assert library.indexed_pages(new) == frozenset()


def test_a_replacement_that_was_cut_off_is_ended(library, tmp_path):
    old, new = (added(library, tmp_path, text, "ferry.pdf") for text in ("one", "two"))
    assert library.catalogue.replace(new) == [old]  # and no further
    assert library.catalogue.ids() == [new]
    library.finish_deletions()
    assert library.indexed_pages(old) == frozenset()
    assert list(check(library)) == []


@pytest.mark.parametrize(
    ("written", "shown"), [("Köln.pdf".encode(), "Köln.pdf"), (b"caf\xe9.pdf", "caf?.pdf")]
)
def test_the_name_of_a_file_does_not_depend_on_the_terminal(tmp_path, written, shown):
    assert file_name(tmp_path / os.fsdecode(written)) == shown
