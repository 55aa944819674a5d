"""A portfolio brings its documents along, or says that it did not; a form of XFA says what it is."""

from pathlib import Path

import pytest

from indexer.commands.index import index_files
from indexer.ingest import index_document
from indexer.library import Library
from indexer.upkeep import check
from tests.fixtures.libraries import library_in
from tests.fixtures.pdfs import attach, write_pdf, write_xfa
from vdr.filters import parse_filter
from vdr.types import Document, DocumentState


def portfolio(folder: Path) -> Path:
    files = {}
    for name, text in (("tender.pdf", "Tender for dredging"), ("drawing.pdf", "Drawing of the lock gate")):
        files[name] = write_pdf(folder / name, [text]).read_bytes()
    return attach(write_pdf(folder / "portfolio.pdf", ["Open it elsewhere"]), files, is_portfolio=True)


def by_name(library: Library) -> dict[str, Document]:
    return {each.name: each for each in library.catalogue.page(20)}


def test_without_the_setting_the_cover_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with library_in(tmp_path / "data") as library:
        assert index_files([portfolio(tmp_path)], library).documents == 1
        [cover] = by_name(library).values()
    [warning] = cover.warnings
    assert warning.code == "attachments_not_indexed"
    assert warning.message.startswith("2 attached documents were not indexed. Set VDR_INDEX_ATTACHMENTS=true")
    assert f"portfolio.pdf: {warning.message}" in capsys.readouterr().err


def test_with_it_they_are_documents_that_name_their_parent(tmp_path: Path) -> None:
    path = portfolio(tmp_path)
    with library_in(tmp_path / "data", index_attachments=True) as library:
        assert library.add(path, path.name, metadata={"year": 2021})[1]
        assert index_files([path], library).documents == 3
        found = by_name(library)
        cover = found["portfolio.pdf"]
        assert found.keys() == {"portfolio.pdf", "tender.pdf", "drawing.pdf"}
        assert cover.warnings == () and cover.parent_id is cover.parent_name is None
        for name in ("tender.pdf", "drawing.pdf"):
            assert (found[name].parent_id, found[name].parent_name) == (cover.document_id, "portfolio.pdf")
            assert found[name].indexing.state is DocumentState.INDEXED
            assert found[name].metadata == {"year": 2021}
        where = parse_filter({"parent_document_id": cover.document_id})
        assert len(library.catalogue.ids(where)) == 2
        assert {p.parent_id for p in library.claim().points()} == {None, cover.document_id}
        assert list(check(library)) == []
        library.change(cover.document_id, name="renamed.pdf")
        assert by_name(library)["tender.pdf"].parent_name == "renamed.pdf"
        library.delete(cover.document_id)
        assert by_name(library)["tender.pdf"].parent_name is None


def test_a_document_that_is_known_already_stays_what_it_is(tmp_path: Path) -> None:
    path = portfolio(tmp_path)
    with library_in(tmp_path / "data", index_attachments=True) as library:
        index_files([tmp_path / "tender.pdf", path], library)
        index_files([path], library)
        found = by_name(library)
        assert found["tender.pdf"].parent_id is None and len(found) == 3


def test_documents_indexed_before_bring_theirs_when_indexed_again(tmp_path: Path) -> None:
    path = portfolio(tmp_path)
    with library_in(tmp_path / "data") as library:
        index_files([path], library)
    with library_in(tmp_path / "data", index_attachments=True) as library:
        [cover] = by_name(library).values()
        library.rebuild(cover.document_id)
        index_document(library, cover.document_id)
        assert len(by_name(library)) == 3
        assert library.catalogue.get(cover.document_id).warnings == ()


def test_those_beyond_the_limit_are_said_to_be_missing(tmp_path: Path) -> None:
    with library_in(tmp_path / "data", index_attachments=True, max_attachments=1) as library:
        index_files([portfolio(tmp_path)], library)
        [warning] = by_name(library)["portfolio.pdf"].warnings
        assert warning.message.startswith("1 attached document was not indexed. ")
        assert len(by_name(library)) == 2


def test_a_form_whose_page_is_a_placeholder_is_said_to_be_one(tmp_path: Path) -> None:
    with library_in(tmp_path / "data") as library:
        index_files([write_xfa(tmp_path / "form.pdf")], library)
        [form] = by_name(library).values()
    assert [each.code for each in form.warnings] == ["xfa_form"]
    assert form.indexing.state is DocumentState.INDEXED
