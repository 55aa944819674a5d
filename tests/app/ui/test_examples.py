"""Questions to begin with come from the documents' own headings."""

from pathlib import Path

import pytest

from app.ui.examples import GENERIC, example, examples
from tests.app.talking import Service
from tests.fixtures.pdfs import write_pdf, write_with_missing_page
from vdr.objects.store import ObjectStore
from vdr.types import Box, Document, DocumentState, Indexing, PageRef, PageWords, Word


def line(text: str, y: float, height: float) -> list[Word]:
    return [
        Word(part, Box(0.1 * place, y, 0.1 * place + 0.05, y + height))
        for place, part in enumerate(text.split())
    ]


def test_the_largest_line_is_the_example() -> None:
    words = [*line("Annual report of the year", 0.1, 0.02), *line("Net sales by region:", 0.2, 0.05)]
    assert example(words) == "Net sales by region"


@pytest.mark.parametrize(
    "text",
    [
        "Alone",
        "1,204 3,044 (12) 8.5",
        "one two three four five six seven eight",
        "incomprehensibilities counterrevolutionaries internationalizations",
        "disingenuous invention;",
        "DEAN’S MESSAGE",
        "Tobacco Products Act, 2003 imposing advertising",
        "Departure of Directors or",
        "Table of Contents",
        "The Limes R esidential Home",
        "Revenue of (Q3) %",
        "Muslims not warranted",
        "Requires improvement",
        "Sales that were made abroad",
        "By Ada Lovelace and others",
        "I Alternative Function",
        "Of the service is it safe?",
        "Trade of the kind you mean?",
    ],
)
def test_what_does_not_read_like_a_heading_is_passed_over(text: str) -> None:
    assert example(line(text, 0.1, 0.1)) is None


def test_a_question_goes_before_headings() -> None:
    words = [*line("Safety of the service", 0.1, 0.05), *line("Is the service safe?", 0.3, 0.02)]
    assert example(words) == "Is the service safe?"


@pytest.mark.parametrize(
    "text", ["In which year did sales fall?", "What’s the price of krill?", "Wie hoch war der Umsatz?"]
)
def test_a_whole_question_is_one_in_any_language(text: str) -> None:
    assert example(line(text, 0.1, 0.02)) == text


PRINT = frozenset(
    ["cash", "of", "returns", "shareholders", "to", *(f"{a}{b}" for a in "abcdefgh" for b in "stuvwxyz")]
)


@pytest.mark.parametrize(
    ("text", "is_offered"),
    [
        ("Cash Returns to Shareholders", True),
        ("Returns of Amcor", True),
        ("Amcor Returns", False),
        ("OntoNotes FewNERD", False),
        ("Casb Retums to Sharebolders", False),
    ],
)
def test_headings_are_of_words_that_the_print_uses_too(text: str, is_offered: bool) -> None:
    assert (example(line(text, 0.1, 0.1), PRINT) == text) is is_offered
    assert example(line(text, 0.1, 0.1)) == text  # too little print to tell


def test_a_german_heading_is_of_nouns(service: Service, tmp_path: Path) -> None:
    letters = [f"{a}{b}{c}" for a in "abcd" for b in "stuv" for c in "wxyz"]
    text = " ".join(["der und die nicht", *letters])
    service.index(write_pdf(tmp_path / "a.pdf", ["Seite", f"Umsatz der Regionen\n\n\n\n{text}"]))
    assert "Umsatz der Regionen" in service.client.get("/").text


def test_a_part_of_a_longer_heading_is_none() -> None:
    words = [
        *line("Departure of Certain Officers", 0.1, 0.02),
        *line("Arrangements of Directors", 0.13, 0.02),
    ]
    assert example(words) is None


def test_a_line_among_the_print_is_no_heading() -> None:
    print_of_the_page = [word for row in range(5) for word in line("so it goes", 0.1 + 0.1 * row, 0.02)]
    assert example([*print_of_the_page, *line("Humpback whales sing", 0.8, 0.02)]) is None
    assert example([*print_of_the_page, *line("Humpback whales sing", 0.8, 0.03)]) == "Humpback whales sing"


def test_words_read_from_pixels_are_not_offered(service: Service, tmp_path: Path) -> None:
    service.index(write_pdf(tmp_path / "scan.pdf", ["", ""]))
    assert GENERIC[0] in service.client.get("/ui/intro").text


def test_a_page_without_words_has_no_example() -> None:
    assert example([]) is None


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

    def page_words(_: ObjectStore, page: PageRef) -> PageWords:
        read.append(page)
        return PageWords()

    monkeypatch.setattr(ObjectStore, "page_words", page_words)
    document = Document(
        "0" * 64, "scan.pdf", 1, "2025-01-01", Indexing("g1", DocumentState.INDEXED), page_count=9
    )
    library = filled.client.app_state["services"].opened.library()
    assert examples(library, [document] * 500) == GENERIC
    assert len(read) < 50
