"""Questions to begin with come from the documents' own headings."""

from pathlib import Path

import pytest

from app.ui.examples import GENERIC, examples, heading
from tests.app.talking import Service
from tests.fixtures.pdfs import write_pdf, write_with_missing_page
from vdr.objects.store import ObjectStore
from vdr.types import Box, Document, DocumentState, Indexing, PageWords, Word


def line(text: str, y: float, height: float) -> list[Word]:
    return [
        Word(part, Box(0.1 * place, y, 0.1 * place + 0.05, y + height))
        for place, part in enumerate(text.split())
    ]


def test_the_largest_line_is_the_heading() -> None:
    words = [*line("Annual report of the year", 0.1, 0.02), *line("Net sales by region:", 0.2, 0.05)]
    assert heading(words) == "Net sales by region"


@pytest.mark.parametrize(
    "text",
    [
        "Alone",
        "1,204 3,044 (12) 8.5",
        "one two three four five six seven eight",
        "incomprehensibilities counterrevolutionaries internationalizations",
    ],
)
def test_what_does_not_read_like_a_heading_is_passed_over(text: str) -> None:
    assert heading(line(text, 0.1, 0.1)) is None


def test_a_page_without_words_has_no_heading() -> None:
    assert heading([]) is None


def test_the_page_offers_headings_of_what_is_there(service: Service, tmp_path: Path) -> None:
    service.index(write_pdf(tmp_path / "a.pdf", ["Cover page", "Migration of whales"]))
    assert "Migration of whales" in service.client.get("/").text


def test_a_page_that_failed_is_passed_over(service: Service, tmp_path: Path) -> None:
    service.index(write_with_missing_page(tmp_path / "gap.pdf"))
    assert GENERIC[0] in service.client.get("/ui/intro").text


def test_documents_without_headings_leave_general_questions(service: Service, tmp_path: Path) -> None:
    service.index(write_pdf(tmp_path / "a.pdf", ["1 2 3"]))
    assert GENERIC[0] in service.client.get("/ui/intro").text


def test_many_documents_without_headings_are_not_all_read(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def page_words(_: ObjectStore, document_id: str, page_number: int) -> PageWords:
        read.append((document_id, page_number))
        return PageWords()

    monkeypatch.setattr(ObjectStore, "page_words", page_words)
    document = Document(
        "0" * 64, "scan.pdf", 1, "2025-01-01", Indexing("g1", DocumentState.INDEXED), page_count=9
    )
    library = filled.client.app_state["services"].opened.library()
    assert examples(library, [document] * 500) == GENERIC
    assert len(read) < 50
