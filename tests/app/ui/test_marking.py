"""A query's words are marked in text, and a page's words are put in lines."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.ui.marking import Segment, from_the_marks, joined, marked
from vdr.prints import lines
from vdr.types import Box, Word
from vdr.words import query_terms


def wanted(query: str) -> frozenset[str]:
    return frozenset(query_terms(query))


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


def test_a_card_begins_where_most_marks_stand() -> None:
    text = "whales " + "word " * 30 + "many blue whales eat krill and " + "word " * 20
    shown = from_the_marks(text, wanted("whales eat krill"))
    assert shown.startswith("… word word many blue whales eat krill")


def test_a_card_begins_at_the_beginning_where_the_marks_do() -> None:
    for text in ("the blue whales eat krill", "no word at all", ""):
        assert from_the_marks(text, wanted("whales eat krill")) == text


def test_words_on_one_height_are_a_line() -> None:
    words = [word("one", 0.1), word("line", 0.3), word("another", 0.1, 0.2), word("column", 0.5, 0.1)]
    assert [joined(line) for line in lines(words)] == ["one line", "another", "column"]


def test_a_second_column_begins_a_line_of_its_own() -> None:
    assert [joined(line) for line in lines([word("right", 0.6), word("left", 0.1)])] == ["right", "left"]
