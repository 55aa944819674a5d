"""How large words are printed: a heading says what a page is about."""

from collections.abc import Sequence
from statistics import median

from vdr.types import Word

_LARGEST_PRINT = 4.0
# A box so much higher than wide holds a word that stands upright: its height is no size of print.
_UPRIGHT = 1.5


def print_weights(words: Sequence[Word]) -> list[float]:
    """How large each word is printed beside the page's others: 1 up to the middle one's size, 4 at most."""
    heights = [_height(word) for word in words]
    usual = median([height for height in heights if height] or [1.0])
    return [min(max(height / usual, 1.0), _LARGEST_PRINT) for height in heights]


def _height(word: Word) -> float:
    height, width = word.box.y1 - word.box.y0, word.box.x1 - word.box.x0
    return 0.0 if height > _UPRIGHT * width and len(word.text) > 2 else height
