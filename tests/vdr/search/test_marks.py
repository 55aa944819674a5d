"""Where a query's words stand on a page."""

from collections.abc import Mapping, Sequence

import pytest

from vdr.merging import merged
from vdr.models.embedder import load_embedder
from vdr.prints import print_of
from vdr.search.marks import densest
from vdr.search.marks import find_marks as find_in_prints
from vdr.settings import PAGE_READER, ModelSettings
from vdr.types import BOX_DECIMALS, Box, Marks, PageWords, Word
from vdr.words import query_terms


def find_marks(words: PageWords, asked: Sequence[str], related: Mapping[str, str]) -> Marks:
    return find_in_prints(print_of(merged(words)), print_of(words.read), asked, related)


def word(text: str, x: float = 0.1, y: float = 0.1) -> Word:
    return Word(text, Box(*(round(side, BOX_DECIMALS) for side in (x, y, x + 0.1, y + 0.02))))


def test_related_terms_stand_in_for_those_the_page_lacks() -> None:
    related = {"sales": "revenue", "income": "revenue", "yearly": "annual"}
    lacking = PageWords(text_layer=(word("Net sales"),), read=(word("ANNUAL"),))
    asked = ("annual", "revenue")
    assert find_marks(lacking, asked, related).terms == {"annual", "revenue", "sales", "income"}
    holding = PageWords(ocr=(word("Revenue"),))
    assert find_marks(holding, asked, related).terms == {"annual", "revenue", "yearly"}


def test_words_that_name_nothing_mark_none_of_their_relatives() -> None:
    words = PageWords(text_layer=(word("logo"), word("likely", 0.3), word("liked", 0.5), word("simply", 0.7)))
    question = "what does the logo look like, or just the look?"
    related = load_embedder(ModelSettings(embedder=PAGE_READER)).related_terms(question)
    assert find_marks(words, query_terms(question), related).boxes == (word("logo").box,)


def test_boxes_are_those_of_the_text_layer() -> None:
    words = PageWords(text_layer=(word("whales"), word("eat", 0.3)), read=(word("whales", 0.9),))
    assert find_marks(words, ("whales",), {}).boxes == (word("whales").box,)


def test_what_was_read_counts_where_the_text_layer_has_nothing() -> None:
    words = PageWords(text_layer=(word("page"),), read=(word("whales", 0.9),))
    assert find_marks(words, ("whales",), {}).boxes == (word("whales", 0.9).box,)


def test_a_page_full_of_one_word_is_not_covered_in_boxes() -> None:
    words = PageWords(text_layer=(word("whales"),) * 500)
    assert len(find_marks(words, ("whales",), {}).boxes) == 200


def test_repeated_words_weigh_less_than_rare_ones() -> None:
    years = tuple(word("2019", 0.1, 0.001 * n) for n in range(60))
    words = PageWords(text_layer=(*years, word("goodwill", 0.5, 0.5)))
    marks = find_marks(words, ("2019", "goodwill"), {})
    assert len(marks.weights) == len(marks.boxes) == 61
    assert marks.weights[-1] == 1
    assert max(marks.weights[:60]) < 0.25


def test_of_too_many_marks_the_rare_ones_stay() -> None:
    words = PageWords(text_layer=(*((word("2019"),) * 500), word("goodwill", 0.5, 0.5)))
    assert find_marks(words, ("2019", "goodwill"), {}).boxes[-1] == word("goodwill", 0.5, 0.5).box


def test_of_too_many_marks_every_word_keeps_its_first() -> None:
    years = tuple(word("2019", 0.1, 0.001 * n) for n in range(400))
    words = PageWords(text_layer=(*years, *((word("whales"),) * 300)))
    marks = find_marks(words, ("2019", "whales"), {})
    assert len(marks.boxes) == 200
    assert marks.boxes[0] == years[0].box
    assert set(marks.words) == {"2019", "whales"}


def test_where_marks_weigh_most_is_densest() -> None:
    apart = [word("goodwill", 0.1, 0.1), *(word("2019", 0.1, 0.2 + 0.01 * n) for n in range(9))]
    row = [word("goodwill", 0.1, 0.8), word("impaired", 0.2, 0.8), word("2019", 0.3, 0.8)]
    marks = find_marks(PageWords(text_layer=(*apart, *row)), ("2019", "goodwill", "impaired"), {})
    assert densest(marks) in range(10, 13)
    assert densest(find_marks(PageWords(), ("goodwill",), {})) is None


def test_related_terms_are_boxed_too() -> None:
    words = PageWords(text_layer=(word("Net"), word("sales", 0.3)))
    marks = find_marks(words, ("revenue",), {"sales": "revenue"})
    assert marks.boxes == (word("sales", 0.3).box,)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("commencement", ["com-", "mencement"]),
        ("regatta", list("REGATTA")),
        ("12480.5", ["12", "480,50"]),
        ("17/05/2031", ["17", "May", "2031"]),
        ("pumphouse", ["pump", "house"]),
        ("7721", ["KX-7721-B"]),
        ("계약서", ["계약서에"]),
        ("boats", ["boat"]),
    ],
)
def test_every_word_of_a_form_that_is_asked_for_is_boxed(asked: str, written: list[str]) -> None:
    each = [word(text, 0.05 + 0.1 * place) for place, text in enumerate(written)]
    words = PageWords(text_layer=(word("before", y=0.5), *each, word("after", y=0.7)))
    assert find_marks(words, query_terms(asked), {}).boxes == tuple(one.box for one in each)
