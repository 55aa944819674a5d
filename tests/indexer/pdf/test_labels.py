"""Labels of pages as ISO 32000-2 (12.4.2) writes them."""

import pytest

from indexer.pdf.labels import MAX_LABEL, LabelRange, page_labels


def numbered(style: str, first: int, count: int, prefix: str = "") -> list[str]:
    return list(page_labels([LabelRange(0, style, prefix, first)], count))


def test_a_preface_in_roman_numerals_and_a_body_that_begins_with_one() -> None:
    ranges = [LabelRange(0, "r", "", 1), LabelRange(3, "D", "", 1)]
    assert page_labels(ranges, 5) == ("i", "ii", "iii", "1", "2")


@pytest.mark.parametrize(
    ("style", "first", "expected"),
    [
        ("r", 3, ["iii", "iv", "v"]),
        ("R", 8, ["VIII", "IX", "X"]),
        ("r", 1998, ["mcmxcviii", "mcmxcix", "mm"]),
        ("A", 25, ["Y", "Z", "AA"]),
        ("a", 52, ["zz", "aaa", "bbb"]),
        ("D", 99, ["99", "100", "101"]),
        ("D", 0, ["0", "1", "2"]),
    ],
)
def test_styles(style: str, first: int, expected: list[str]) -> None:
    assert numbered(style, first, 3) == expected


def test_a_prefix_stands_before_the_number() -> None:
    assert numbered("D", 7, 2, "A-") == ["A-7", "A-8"]


def test_without_a_style_the_prefix_is_all() -> None:
    assert numbered("", 1, 2, "Cover") == ["Cover", "Cover"]


def test_a_page_without_a_label_has_its_number() -> None:
    assert page_labels([LabelRange(2, "r", "", 1), LabelRange(3, "", "", 1)], 4) == ("1", "2", "i", "4")


def test_labels_that_are_the_page_numbers_are_none() -> None:
    assert page_labels([], 3) == page_labels([LabelRange(0, "D", "", 1)], 3) == ()


@pytest.mark.parametrize(
    ("style", "first"), [("r", 0), ("R", -5), ("r", 4_000), ("R", 10**12), ("a", 0), ("A", -5), ("a", 10**12)]
)
def test_what_a_style_cannot_write_is_decimal(style: str, first: int) -> None:
    assert numbered(style, first, 1) == [str(first)]


def test_ranges_in_any_order_and_beyond_the_end() -> None:
    ranges = [LabelRange(9, "D", "", 1), LabelRange(1, "a", "", 1), LabelRange(-1, "D", "x", 1)]
    assert page_labels(ranges, 2) == ("1", "a")


def test_labels_are_short_and_can_be_printed() -> None:
    assert numbered("D", 1, 1, "\x07\n\u202e A ") == ["A 1"]
    assert numbered("D", 1, 1, "x" * 99) == ["x" * MAX_LABEL]
