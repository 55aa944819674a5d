"""A library in another program: what `vdr.OpenLibrary` does, on real parts but for the embedder."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from indexer.services import open_services
from tests.fixtures.libraries import library_settings, tiny_models
from tests.fixtures.pdfs import write_pdf, write_report
from vdr import OpenLibrary, PageRef, open_library
from vdr.errors import BadFilter, BadInput, BadMetadata, CursorExpired, IndexLocked, NotFound, PdfBroken
from vdr.types import DocumentState, Facet, FacetValue, Stage


@pytest.fixture
def library(tmp_path: Path) -> Iterator[OpenLibrary]:
    with opened_in(tmp_path / "data") as library:
        yield library


def opened_in(data_dir: Path) -> OpenLibrary:
    """As `open_library` does, with models that need not be loaded."""
    with ExitStack() as opened:
        services = opened.enter_context(open_services(library_settings(data_dir), tiny_models()))
        return OpenLibrary(services, services.library(), opened.pop_all())


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return write_report(tmp_path / "report.pdf", 3)


def test_hits_say_why_and_come_by_document_where_that_is_asked_for(
    library: OpenLibrary, report: Path
) -> None:
    library.add(report)
    [hit] = library.search("report", explain=True, pages_per_document=1)
    assert "“report”" in hit.reason and hit.votes and hit.marks is not None
    assert all(not hit.reason and not hit.votes for hit in library.search("report"))


def test_hits_come_with_the_pages_around_them(library: OpenLibrary, report: Path) -> None:
    library.add(report)
    found = {hit.page.page_number: hit for hit in library.search("report", neighbours=1)}
    assert [each.page.page_number for each in found[2].neighbours] == [1, 3]
    assert [each.page.page_number for each in found[1].neighbours] == [2]
    for wrong in (-1, 6):
        with pytest.raises(BadInput, match="Use 0 to 5"):
            library.search("report", neighbours=wrong)


def test_what_is_found_is_counted_by_fields(library: OpenLibrary, report: Path) -> None:
    assert library.search_result("report", facets=["year"]).facets == {"year": Facet()}
    library.add(report, metadata={"year": 2023})
    found = library.search_result("report zebras", facets=["year", "year"], limit=1)
    assert found.facets == {"year": Facet((FacetValue(2023, 3, 1),))}
    assert (len(found.hits), found.missing_words) == (1, ("zebras",))
    for wrong, error in ((["$x"], BadFilter), ([str(n) for n in range(11)], BadInput)):
        with pytest.raises(error):
            library.search_result("report", facets=wrong)


def test_a_cursor_goes_on_after_the_result_before(library: OpenLibrary, report: Path) -> None:
    with pytest.raises(CursorExpired):
        library.search_result("report", cursor="of another library")
    library.add(report)
    first = library.search_result("report", limit=2)
    rest = library.search_result("report", cursor=first.next_cursor)
    assert (*first.hits, *rest.hits) == tuple(library.search("report"))
    assert rest.next_cursor is None
    with pytest.raises(BadInput, match="another search"):
        library.search_result("tides", cursor=first.next_cursor)


def test_hits_of_like_relevance_are_sorted_by_date(library: OpenLibrary, tmp_path: Path) -> None:
    for name, due in (("a", "2024-01-01"), ("b", "2025-01-01"), ("c", "2023-01-01")):
        library.add(write_pdf(tmp_path / f"{name}.pdf", [f"report\n{name}"]), metadata={"due": due})
    hits = library.search("report", mode="text", rerank=False, sort="newest", sort_field="due")
    assert [hit.document_name for hit in hits] == ["b.pdf", "a.pdf", "c.pdf"]
    for wrong in ({"sort": "latest"}, {"sort_field": "due"}):
        with pytest.raises(BadInput):
            library.search("report", **wrong)  # type: ignore[arg-type]


def test_what_is_added_is_found_with_its_image(library: OpenLibrary, report: Path) -> None:
    document = library.add(report)
    assert (document.indexing.state, document.page_count) == (DocumentState.INDEXED, 3)
    hits = library.search("report", limit=2)
    assert [hit.rank for hit in hits] == [1, 2]
    assert hits[0].document_name == "report.pdf"
    image = library.page_image(hits[0])
    assert (max(image.size), image.mode) == (256, "RGB")
    assert library.page_image(hits[0].page).tobytes() == image.tobytes()


def test_an_image_and_a_page_may_ask_too(library: OpenLibrary, report: Path) -> None:
    page = PageRef(library.add(str(report)).document_id, 1)
    assert len(library.search(library.page_image(page))) == 3
    assert page not in [hit.page for hit in library.search(page)]


def test_a_question_may_go_with_an_image_or_a_page(library: OpenLibrary, report: Path) -> None:
    page = PageRef(library.add(report).document_id, 1)
    for like in (page, library.page_image(page)):
        hits = library.search("report", like=like)
        assert hits and all({Stage.QUERY, Stage.LIKE} <= hit.stages.keys() for hit in hits)
        with pytest.raises(BadInput, match="like is for a question"):
            library.search(page, like=like)


def test_the_same_bytes_again_are_the_same_document(library: OpenLibrary, report: Path) -> None:
    first = library.add(report)
    again = library.add(report, name="renamed.pdf", metadata={"year": 2023})
    assert again.document_id == first.document_id
    assert (again.name, dict(again.metadata)) == ("renamed.pdf", {"year": 2023})
    assert len(library.search("report", filter={"year": 2023})) == 3
    assert library.search("report", filter={"year": 2022}) == []


def test_the_old_version_of_a_file_is_replaced(library: OpenLibrary, tmp_path: Path, report: Path) -> None:
    old = library.add(report)
    write_report(report, 1, "new")
    new = library.add(report, replace=True)
    assert {hit.page.document_id for hit in library.search("report")} == {new.document_id}
    with pytest.raises(NotFound):
        library.page_image(PageRef(old.document_id, 1))


def test_what_is_deleted_is_not_found(library: OpenLibrary, report: Path) -> None:
    library.delete(library.add(report).document_id)
    assert library.search("report") == []


def test_nothing_is_found_in_an_empty_library(library: OpenLibrary) -> None:
    assert library.search("report") == []


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"query": " "}, BadInput),
        ({"query": "report", "mode": "sideways"}, BadInput),
        ({"query": "report", "limit": 0}, BadInput),
        ({"query": "report", "offset": -1}, BadInput),
        ({"query": "report", "pages_per_document": 0}, BadInput),
        ({"query": "report", "filter": {"year": {"$near": 2023}}}, BadFilter),
        ({"query": PageRef("0" * 64, 1)}, NotFound),
    ],
)
def test_what_cannot_be_asked_is_an_error(
    library: OpenLibrary, report: Path, asked: dict[str, object], error: type[Exception]
) -> None:
    library.add(report)
    with pytest.raises(error):
        library.search(**asked)  # type: ignore[arg-type]


def test_what_cannot_be_added_is_an_error(library: OpenLibrary, tmp_path: Path, report: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    with pytest.raises(PdfBroken):
        library.add(tmp_path / "broken.pdf")
    with pytest.raises(BadMetadata):
        library.add(report, metadata={"nested": {"no": 1}})
    with pytest.raises(FileNotFoundError):
        library.add(tmp_path / "nothing.pdf")


def test_a_folder_and_a_collection_are_made(tmp_path: Path) -> None:
    with open_library(tmp_path / "new", collection="invoices"):
        assert (tmp_path / "new" / "catalogue.sqlite").exists()
    with pytest.raises(BadInput, match="not a valid collection name"):
        open_library(tmp_path / "new", collection="In voices")


def test_an_index_that_another_has_open_is_an_error(
    library: OpenLibrary, report: Path, tmp_path: Path
) -> None:
    library.add(report)
    with opened_in(tmp_path / "data") as other, pytest.raises(IndexLocked):
        other.search("report")


def test_a_closed_library_may_be_closed_again(library: OpenLibrary) -> None:
    library.close()
    library.close()
