"""Titles of PDFs: shown where they tell people more than the name of the file."""

import pytest

from app.ui.titles import title_of
from vdr.types import Document, Indexing, PdfInfo


def title(title: str, name: str = "379f44022b.pdf") -> str:
    return title_of(Document("0" * 64, name, 1, "2031-05-17", Indexing("g1"), info=PdfInfo(title=title)))


@pytest.mark.parametrize("said", ["The Limes Residential Home", "Form 8-K for Pepsico", "潮汐与领航员"])
def test_a_title_that_says_something_is_shown(said: str) -> None:
    assert title(said) == said
    assert title(f"  {said}\n") == said


@pytest.mark.parametrize(
    "said",
    [
        "",
        "UG",
        "2023",
        "Microsoft Word - report.docx",
        "report.indd",
        "Untitled-1",
        "PowerPoint Presentation",
    ],
)
def test_what_a_program_wrote_is_not(said: str) -> None:
    assert title(said) == ""


def test_what_the_name_says_already_is_not() -> None:
    assert title("Annual Report 2023", "annual_report_2023.pdf") == ""
    assert title("Annual Report 2023 of Amcor", "annual_report_2023.pdf") != ""
