"""Large pages are looked at more closely where their image shows too little, and only there."""

import numpy as np
import pytest
from PIL import Image

from vdr.closer import Tile, is_legible, read_closely
from vdr.types import Box, Word

SIZE = (1_000, 1_000)


def word(text, x, y, height=0.02, confidence=0.95):
    return Word(text, Box(x, y, x + 0.1, y + height), confidence)


def lines(count, **options):
    return [word(f"word{n}", 0.1, n / 50, **options) for n in range(count)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (lines(40), True),
        (lines(20), False),  # too few to say
        (lines(40, height=0.008), False),  # too small
        (lines(40, confidence=0.5), False),  # nothing but guesses
        (lines(40) + lines(10, height=0.008), False),  # some small print
        (lines(40) + lines(15, confidence=0.5), False),
        (lines(40) + lines(2, height=0.008), True),
        ([], False),
    ],
)
def test_what_can_be_read_is_many_sure_words_in_print_of_some_size(words, expected):
    assert is_legible(words, SIZE) is expected


def test_print_that_runs_upwards_is_measured_across():
    upright = [Word(f"word{n}", Box(n / 50, 0.1, n / 50 + 0.02, 0.3)) for n in range(40)]
    assert is_legible(upright, SIZE)


def halves():
    """A page in two tiles that overlap by a fifth of it."""
    for number, (top, bottom) in enumerate(((0.0, 0.6), (0.4, 1.0))):
        core = Box(0.0, 0.0, 1.0, 0.5) if number == 0 else Box(0.0, 0.5, 1.0, 1.0)
        yield Tile(Image.new("L", (10, 6), number), Box(0.0, top, 1.0, bottom), core)


def test_words_of_tiles_stand_where_they_stand_on_the_page():
    (found,) = read_closely(
        [], SIZE, lambda: (tile for tile in [next(halves())]), lambda _: [word("a", 0.2, 0.5)]
    )
    box = found.box
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((0.2, 0.3, 0.3, 0.312))


def test_a_word_in_two_tiles_is_one():
    place = {0: 0.48, 1: 0.485}  # on the page; each tile sees it a little elsewhere

    def read(tile):
        top = 0.4 * np.asarray(tile)[0, 0]
        return [word("seen", 0.2, (place[int(np.asarray(tile)[0, 0])] - top) / 0.6)]

    assert [each.text for each in read_closely([], SIZE, halves, read)] == ["seen"]


def test_large_print_is_taken_from_the_page_and_small_print_from_its_tiles():
    heading, small, guess = (
        word("heading", 0.1, 0.1, 0.1),
        word("sma11", 0.1, 0.4),
        word("?", 0.5, 0.1, 0.1, 0.3),
    )
    cut = [Word("small", Box(0.1, 0.66, 0.2, 0.7)), Word("head", Box(0.1, 0.17, 0.15, 0.33))]

    def read(tile):
        return cut if np.asarray(tile)[0, 0] == 0 else []

    words = read_closely([heading, small, guess], SIZE, halves, read)
    assert [each.text for each in words] == ["heading", "small"]


def test_a_page_that_can_be_read_is_not_looked_at_again():
    def never(*_):
        raise AssertionError

    assert read_closely(lines(40), SIZE, never, never) == lines(40)
