"""Large print, read from afar: a word of a poster takes the place of what its parts were read as."""

from collections.abc import Sequence

from vdr.merging import uncovered
from vdr.types import Box, Word

# Of the geometric mean of its letters' probabilities, as the nets give it: a picture is read with 0.4 to 0.7.
_SURE = 0.85


def with_large_print(words: Sequence[Word], large: Sequence[Word]) -> list[Word]:
    """The words of a page with those of large print before them, and without what these cover."""
    sure = [word for word in words if word.confidence >= _SURE] if large else []
    kept = tuple(word for word in large if word.confidence >= _SURE and _is_one(word, sure))
    return [*kept, *uncovered(tuple(words), kept)]


def _is_one(large: Word, sure: Sequence[Word]) -> bool:
    """Whether no other text is sure to stand there: a paragraph looks like a line from afar."""
    letters = sum(len(word.text) for word in sure if _is_inside(word.box, large.box))
    return letters <= len(large.text)


def _is_inside(box: Box, other: Box) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return other.x0 <= x <= other.x1 and other.y0 <= y <= other.y1
