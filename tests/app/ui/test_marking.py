"""A query's words are found in text and on pages."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.ui.marking import Segment, boxes, joined, lines, marked, wanted_terms
from vdr.types import Box, PageWords, Word


def wanted(query: str) -> frozenset[str]:
    return wanted_terms(PageWords(), query, {})


def word(text: str, x: float = 0.1, y: float = 0.1) -> Word:
    return Word(text, Box(x, y, x + 0.1, y + 0.02))


def test_the_words_of_the_query_are_marked() -> None:
    assert marked("Whales eat krill", wanted("what do whales eat?")) == (
        Segment("Whales eat", True),
        Segment(" krill", False),
    )


def test_words_that_stand_everywhere_are_not() -> None:
    assert marked("the sum of the parts", wanted("the sum of what?")) == (
        Segment("the ", False),
        Segment("sum", True),
        Segment(" of the parts", False),
    )


def test_case_accents_and_punctuation_do_not_matter() -> None:
    [segment] = marked("(ZÜRICH),", wanted("zurich"))
    assert segment.is_marked


def test_nothing_is_marked_where_nothing_is() -> None:
    assert marked("", wanted("whales")) == ()


@given(st.text(), st.text())
def test_the_segments_joined_are_the_text(text: str, query: str) -> None:
    segments = marked(text, wanted(query))
    assert "".join(segment.text for segment in segments) == " ".join(text.split())
    assert all(one.is_marked != next_.is_marked for one, next_ in pairwise(segments))


def test_related_terms_stand_in_for_those_the_page_lacks() -> None:
    related = {"sales": "revenue", "income": "revenue", "yearly": "annual"}
    lacking = PageWords(text_layer=(word("Net sales"),), read=(word("ANNUAL"),))
    assert wanted_terms(lacking, "annual revenue", related) == {"annual", "revenue", "sales", "income"}
    holding = PageWords(ocr=(word("Revenue"),))
    assert wanted_terms(holding, "annual revenue", related) == {"annual", "revenue", "yearly"}


def test_boxes_are_those_of_the_text_layer() -> None:
    words = PageWords(text_layer=(word("whales"), word("eat", 0.3)), read=(word("whales", 0.9),))
    assert boxes(words, wanted("whales")) == (word("whales").box,)


def test_what_was_read_counts_where_the_text_layer_has_nothing() -> None:
    words = PageWords(text_layer=(word("page"),), read=(word("whales", 0.9),))
    assert boxes(words, wanted("whales")) == (word("whales", 0.9).box,)


def test_a_page_full_of_one_word_is_not_covered_in_boxes() -> None:
    assert len(boxes(PageWords(text_layer=(word("whales"),) * 500), wanted("whales"))) == 200


def test_words_on_one_height_are_a_line() -> None:
    words = [word("one", 0.1), word("line", 0.3), word("another", 0.1, 0.2), word("column", 0.5, 0.1)]
    assert [joined(line) for line in lines(words)] == ["one line", "another", "column"]


def test_a_second_column_begins_a_line_of_its_own() -> None:
    assert [joined(line) for line in lines([word("right", 0.6), word("left", 0.1)])] == ["right", "left"]
