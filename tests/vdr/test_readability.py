"""How well a page could be read, by the reader's own confidence."""

from dataclasses import replace

import pytest

from vdr.readability import LOW, is_hardly_read, readability
from vdr.types import Box, PageWords, Word


def lines(confidence: float, count: int = 20, text: str = "abcdefghij") -> tuple[Word, ...]:
    return tuple(Word(text, Box(0.1, 0.04 * n, 0.4, 0.04 * n + 0.02), confidence) for n in range(count))


def test_it_is_the_share_of_letters_that_are_likely_right():
    words = (*lines(0.9, 1), Word("ab", Box(0.1, 0.5, 0.2, 0.52), 0.3))
    assert readability(PageWords(read=words)) == pytest.approx((10 * 0.9 + 2 * 0.3) / 12)


@pytest.mark.parametrize("read", [(), lines(0.1, 1)])
def test_of_hardly_any_letters_there_is_none(read):
    assert readability(PageWords(read=read)) is None
    assert not is_hardly_read(PageWords(read=read))


def test_what_the_text_layer_or_ocr_has_does_not_count():
    guessed = PageWords(read=lines(0.3))
    assert is_hardly_read(guessed)
    for known in (replace(guessed, text_layer=lines(1.0)), replace(guessed, ocr=lines(0.9))):
        assert readability(known) is None
        assert not is_hardly_read(known)
    assert readability(replace(guessed, text_layer=lines(1.0, 10))) == pytest.approx(0.3)


def test_a_word_or_two_in_a_chart_are_no_paragraph():
    assert readability(PageWords(read=lines(0.3, 5))) == pytest.approx(0.3)
    assert not is_hardly_read(PageWords(read=lines(0.3, 5)))


def test_print_that_is_surely_read_is_not_hardly_read():
    assert not is_hardly_read(PageWords(read=lines(LOW + 0.01)))
    assert is_hardly_read(PageWords(read=lines(LOW - 0.01)))
