"""How large words are printed beside each other."""

import pytest

from tests.fixtures.words import said
from vdr.prints import print_weights
from vdr.types import Box, Word


def test_large_print_counts_more_small_print_as_much_as_all() -> None:
    heights = [0.01] * 5 + [0.005, 0.02, 0.2]
    words = [Word("net", Box(0.1, 0.1, 0.3, 0.1 + height)) for height in heights]
    assert print_weights(words) == pytest.approx([1.0] * 6 + [2.0, 4.0])


def test_a_word_that_stands_upright_is_no_large_print() -> None:
    words = [*said(["some", "words"]), Word("Thousands", Box(0.1, 0.2, 0.12, 0.5))]
    assert print_weights(words) == [1.0, 1.0, 1.0]


def test_a_page_on_its_side_has_large_print_as_well() -> None:
    widths = [0.01, 0.01, 0.01, 0.03]
    words = [Word("barometer", Box(0.1, 0.1, 0.1 + width, 0.4)) for width in widths]
    level = Word("printed level", Box(0.1, 0.1, 0.9, 0.11))
    assert print_weights([*words, level]) == pytest.approx([1.0, 1.0, 1.0, 3.0, 1.0])
