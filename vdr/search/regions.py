"""Regions that answer: what a model finds likeness in becomes the passage that a person reads.

A model names words, lines or patches. A word of the question seldom is the answer: that is what stands beside
it, in the same sentence or the same row of a table.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from vdr.legible import legible
from vdr.merging import merged
from vdr.prints import box_around, boxes_of, print_of
from vdr.search.blocks import blocks_of
from vdr.search.choice import emphasis
from vdr.search.expected import Shows
from vdr.search.passages import passages_of
from vdr.types import Box, FloatArray, PageWords, Print, Region

# Of the print that a region covers: where no block has as much, the region covers several and stays.
_MOSTLY = 0.5
_AS_A_WHOLE = ""  # stands for the words of a question where the model does not tell which


class _Place(NamedTuple):
    """A block of print and its words; a region that is in none has no words."""

    box: Box
    texts: tuple[str, ...] = ()


def in_passages(
    regions: Sequence[Region], words: PageWords, shows: Shows | None = None
) -> tuple[Region, ...]:
    """The regions as the sentences and table rows that they stand in, or headings with what they head.

    Best first. Such a block weighs what its best region for each word of the question weighs, as in MaxSim.
    As in snippets, words of many blocks count less, and one that is short or `shows` what an answer must
    counts more. What covers several blocks or no print stays as it is; all do where none stands in a block.
    """
    shown = legible(words)
    prints = [page for page in (print_of(merged(shown)), print_of(shown.read)) if page.has_boxes]
    cuts = [_Cut(page) for page in prints]
    held: dict[_Place, list[Region]] = {}
    for region in regions:
        held.setdefault(_place_of(region, cuts), []).append(region)
    if not any(place.texts for place in held):
        return tuple(regions)
    return _weighed(held, max(cut.count for cut in cuts), shows)


class _Cut:
    """A page's print in blocks, and where these begin among its words in reading order."""

    def __init__(self, page: Print) -> None:
        self._page, self._passages = page, passages_of(page)
        self._bounds = [self._passages.bounds[block.start] for block in blocks_of(page, self._passages)]
        self._bounds.append(len(page.texts))
        self.count = len(self._bounds) - 1

    def areas(self, box: Box) -> FloatArray:
        """How much of each block's print lies within a box, (blocks,)."""
        covered = _covered(self._page, box)[np.array(self._passages.places)]
        areas: FloatArray = np.add.reduceat(covered, self._bounds[:-1])
        return areas

    def place(self, block: int) -> _Place:
        """A block and its words."""
        start, end = self._bounds[block : block + 2]
        boxes = boxes_of(self._page)
        around = box_around([boxes[place] for place in self._passages.places[start:end]])
        return _Place(around, tuple(self._passages.texts[start:end]))


def _place_of(region: Region, cuts: Sequence[_Cut]) -> _Place:
    """The block that most of the print within a region is of, by the first source that has any there."""
    for cut in cuts:
        areas = cut.areas(region.box)
        if areas.any():
            best = int(areas.argmax())
            return cut.place(best) if areas[best] >= _MOSTLY * areas.sum() else _Place(region.box)
    return _Place(region.box)


def _covered(page: Print, box: Box) -> FloatArray:
    """How much of each word lies within a box, (words,), in shares of the page."""
    x0, y0, x1, y1 = page.boxes.T
    across = np.minimum(x1, box.x1) - np.maximum(x0, box.x0)
    down = np.minimum(y1, box.y1) - np.maximum(y0, box.y0)
    covered: FloatArray = np.maximum(across, 0) * np.maximum(down, 0)
    return covered


def _weighed(held: Mapping[_Place, Sequence[Region]], blocks: int, shows: Shows | None) -> tuple[Region, ...]:
    shares = {place: _shares(regions) for place, regions in held.items()}
    holders = Counter(word for each in shares.values() for word in each)
    rarities = {word: math.log(1 + blocks / count) for word, count in holders.items()}
    weights = {
        place: emphasis(place.texts, shows) * sum(share * rarities[word] for word, share in each.items())
        for place, each in shares.items()
    }
    heaviest = max(weights.values())
    regions = (
        Region(place.box, weights[place] / heaviest, tuple(word for word in shares[place] if word))
        for place in held
    )
    return tuple(sorted(regions, key=lambda region: -region.weight))


def _shares(regions: Sequence[Region]) -> dict[str, float]:
    """What the best of some regions does for each word of the question."""
    shares: dict[str, float] = {}
    for region in regions:
        words = region.words or (_AS_A_WHOLE,)
        for word in words:
            shares[word] = max(region.weight / len(words), shares.get(word, 0.0))
    return shares
