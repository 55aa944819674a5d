"""Blocks of a page: what is read together, a heading or label with what stands below it."""

import numpy as np

from vdr.search.choice import is_header
from vdr.search.passages import Passages, ends_sentence
from vdr.types import FloatArray, Print

_LONG = 30  # words: what has as many says something by itself, whatever it is
_NEAR = 0.06  # of the page's height: what a heading heads is no further below it


def blocks_of(page: Print, passages: Passages) -> list[range]:
    """The passages of each block, in order.

    A sentence that ends and a row with amounts are blocks of their own. What is neither, a heading, a label,
    the header of a table, a line without end, is one with the passages after it, up to the first that is, and
    while these stand right below it.
    """
    sides = _sides(page, passages)
    blocks: list[range] = []
    start = 0
    for end in range(1, len(passages) + 1):
        goes_on = (
            end < len(passages)
            and passages.bounds[end] - passages.bounds[start] < _LONG
            and not _is_whole(passages, end - 1)
            and _is_below(sides[start:end], sides[end])
        )
        if not goes_on:
            blocks.append(range(start, end))
            start = end
    return blocks


def _is_whole(passages: Passages, passage: int) -> bool:
    words = passages.words(passage)
    return not is_header(words) if passage in passages.rows else ends_sentence(words[-1])


def _is_below(block: FloatArray, other: FloatArray) -> bool:
    """Whether a passage stands right below the last of some, and not beside all of them, by their sides."""
    left, top, right, _ = other
    is_beside = right <= block[:, 0].min() or block[:, 2].max() <= left
    return bool(not is_beside and -_NEAR / 2 < top - block[-1, 3] < _NEAR)


def _sides(page: Print, passages: Passages) -> FloatArray:
    """The sides of each passage, (passages, 4)."""
    boxes, starts = page.boxes[list(passages.places)], passages.bounds[:-1]
    least, most = np.minimum.reduceat(boxes, starts), np.maximum.reduceat(boxes, starts)
    return np.concatenate([least[:, :2], most[:, 2:]], axis=1)
