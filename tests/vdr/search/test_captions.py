"""What pages print of places: captions, headings, numbers in the margins."""

import pytest

from vdr.prints import print_of
from vdr.search.captions import MENTIONED, caption_share, may_tell, printed_numbers, text_of
from vdr.search.places import Captioned
from vdr.types import Box, Print, Word

_WORD, _GAP, _LINE = 0.06, 0.005, 0.02


def page_of(*lines: str, first_y: float = 0.2) -> Print:
    """A page of lines of print, one below the other."""
    words = []
    for n, line in enumerate(lines):
        y = first_y + 1.5 * _LINE * n
        for place, text in enumerate(line.split()):
            x = 0.1 + place * (_WORD + _GAP)
            words.append(Word(text, Box(x, y, x + _WORD, y + _LINE)))
    return print_of(words)


def share(text: str, kind: str = "figure", number: str = "3") -> float:
    page, place = page_of("Sales rose in Asia.", text), Captioned(kind, number)
    found = caption_share(text_of(page), place)
    assert may_tell(" ".join(page.texts), place) or found == 0.0, "a page is not looked at that has it"
    return found


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("Figure 3: Sales by region", "figure", "3"),
        ("Figure 3. Sales by region", "figure", "3"),
        ("Fig. 3 Sales by region", "figure", "3"),
        ("FIGURE 3 – Sales", "figure", "3"),
        ("Figure 3", "figure", "3"),
        ("Figure 3a: Sales", "figure", "3"),
        ("Figure 3: Sales", "figure", "3a"),
        ("Table 1-1 Sales", "table", "1-1"),
        ("Table IV: Sales", "table", "iv"),
        ("Exhibit P-10", "exhibit", "p-10"),
        ("Exhibit 10.1 Sales", "exhibit", "10.1"),
    ],
)
def test_a_caption_begins_a_line(text: str, kind: str, number: str) -> None:
    assert share(text, kind, number) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "as Figure 3 tells",
        "Figure 3 shows that sales rose",
        "Figure 3, which is on the next page,",
        "figure 3 Sales",
        "Figure 3: Sales by region . . . . . . 12",
    ],
)
def test_running_text_and_contents_only_mention_it(text: str) -> None:
    assert share(text) == MENTIONED


@pytest.mark.parametrize("text", ["Figure 30: Sales", "Figure 3.1: Sales", "Table 3: Sales", "3 figures", ""])
def test_other_numbers_and_kinds_are_nothing(text: str) -> None:
    assert share(text) == 0.0


@pytest.mark.parametrize("text", ["Figure 5: Sales", "Sales 3", "", "Table 3", "Figure by 3"])
def test_a_page_that_does_not_name_the_place_need_not_be_read_in_lines(text: str) -> None:
    assert not may_tell(text, Captioned("figure", "3a"))


@pytest.mark.parametrize("text", ["5 Results", "4.10 Results", "Item 4.1a"])
def test_nor_one_without_the_number_of_a_heading(text: str) -> None:
    assert not may_tell(text, Captioned("section", "4.1"))


def test_a_list_of_figures_only_mentions_them() -> None:
    listed = page_of(*(f"Figure {n} Sales" for n in range(1, 9)))
    assert caption_share(text_of(listed), Captioned("figure", "3")) == MENTIONED


def test_a_section_is_told_by_its_heading_and_counts_less_than_a_figure() -> None:
    assert share("4.1 Results of the year", "section", "4.1") == share(
        "Section 4.1 Results", "section", "4.1"
    )
    assert 0.5 < share("4.1 Results of the year", "section", "4.1") < 1.0
    assert share("4.1 Results of the year 12", "section", "4.1") == 0.0
    assert share("4.1 percent of sales", "section", "4.1") == 0.0
    assert 0.0 < share("see Section 4.1 for details", "section", "4.1") < MENTIONED


def test_the_appendix_is_told_by_its_heading() -> None:
    assert share("Appendix A", "appendix", "") > share("see the appendix", "appendix", "") > 0.0


def test_a_page_of_dots_or_captions_is_read_at_once() -> None:
    dots = Print(("Figure", "3", *("." for _ in range(40_000)), "x", "-"))
    assert caption_share(text_of(dots), Captioned("figure", "3")) == MENTIONED
    captions = page_of(*("Figure 3" for _ in range(3_000)))
    assert caption_share(text_of(captions), Captioned("figure", "3")) == 1.0


def test_words_without_boxes_are_one_line() -> None:
    assert (
        caption_share(text_of(Print(("As", "Figure", "3", "tells"))), Captioned("figure", "3")) == MENTIONED
    )
    assert caption_share(text_of(Print()), Captioned("figure", "3")) == 0.0


def test_a_page_number_stands_at_an_end_of_a_line_in_the_margins() -> None:
    words = [
        Word(text, Box(x, y, x + 0.02, y + 0.02))
        for text, x, y in [
            ("Annual", 0.1, 0.03),
            ("iv", 0.9, 0.03),
            ("7", 0.5, 0.5),  # not in a margin
            ("-", 0.1, 0.95),
            ("A-3", 0.13, 0.95),
            ("Report", 0.3, 0.95),
            ("Page", 0.7, 0.95),
            ("12", 0.725, 0.95),
            ("of", 0.75, 0.95),
            ("20", 0.775, 0.95),
        ]
    ]
    page = print_of(words)
    assert {"iv", "12"} <= printed_numbers(page)
    assert "7" not in printed_numbers(page)
    assert printed_numbers(Print(("12",))) == frozenset()
