"""Words as they are printed: where they stand, and how large, as a heading says what a page is about."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import overload

import numpy as np

from vdr.types import BOX_DECIMALS, Box, FloatArray, Print, Word

_LARGEST_PRINT = 4.0
# A box so much higher than wide holds a word that stands upright: its height is no size of print.
_UPRIGHT = 1.5


def print_weights(words: Sequence[Word]) -> list[float]:
    """How large each word is printed beside the page's others: 1 up to the middle one's size, 4 at most."""
    sizes = _sizes(words)
    usual = median([size for size in sizes if size] or [1.0])
    return [min(max(size / usual, 1.0), _LARGEST_PRINT) for size in sizes]


def _sizes(words: Sequence[Word]) -> list[float]:
    """How high the print of each word is; 0 for one that stands across the others."""
    heights = [word.box.y1 - word.box.y0 for word in words]
    widths = [word.box.x1 - word.box.x0 for word in words]
    stands = [
        len(word.text) > 2 and height > _UPRIGHT * width
        for word, height, width in zip(words, heights, widths, strict=True)
    ]
    lies = [
        len(word.text) > 2 and width > _UPRIGHT * height
        for word, height, width in zip(words, heights, widths, strict=True)
    ]
    if sum(stands) > sum(lies):  # the page lies on its side
        return [0.0 if flat else width for flat, width in zip(lies, widths, strict=True)]
    return [0.0 if upright else height for upright, height in zip(stands, heights, strict=True)]


def lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped into lines of print: one that is not level with the word before begins a new line."""
    grouped: list[list[Word]] = []
    for word in words:
        if grouped and _is_level(grouped[-1][-1].box, word.box):
            grouped[-1].append(word)
        else:
            grouped.append([word])
    return grouped


def print_of(words: Sequence[Word]) -> Print:
    """Words as they stand on a page."""
    if not words:
        return Print()
    boxes = [(word.box.x0, word.box.y0, word.box.x1, word.box.y1) for word in words]
    return Print(tuple(word.text for word in words), np.array(boxes, np.float32))


def boxes_of(page: Print) -> Sequence[Box]:
    """The box of each word, made when it is looked at; a page has hundreds of which few are."""
    return _Boxes(page.boxes)


def box_around(boxes: Iterable[Box]) -> Box:
    """The box of several boxes."""
    sides = np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes])
    return Box(*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist())


def _is_level(before: Box, after: Box) -> bool:
    middle = (after.y0 + after.y1) / 2
    return before.y0 <= middle <= before.y1 and after.x0 >= before.x0


class _Boxes(Sequence[Box]):
    def __init__(self, boxes: FloatArray) -> None:
        self._boxes = boxes

    def __len__(self) -> int:
        return len(self._boxes)

    @overload
    def __getitem__(self, place: int) -> Box: ...

    @overload
    def __getitem__(self, place: slice) -> list[Box]: ...

    def __getitem__(self, place: int | slice) -> Box | list[Box]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return Box(*(round(side, BOX_DECIMALS) for side in self._boxes[place].tolist()))
