"""From similarities to regions: which places of a page answer which words of a query, and how much."""

from collections.abc import Iterable, Sequence
from heapq import nlargest

import numpy as np

from vdr.types import BOX_DECIMALS, Box, FloatArray, Region

# What a person takes in at a glance; a page of small print would have hundreds.
MOST_REGIONS = 50
# Of a word's best place: those that come so near to it answer the word as well.
_NEAR = 0.8
# Of the best place for a whole query: below it, what one part does is not told from what most do.
_HALF = 0.5


def best_regions(
    gains: FloatArray, boxes: Sequence[Box], words: Sequence[Sequence[str]], *, near: float = _NEAR
) -> tuple[Region, ...]:
    """The places that answer best, best first, each with the words of the query that it answers.

    `gains` (tokens, places) are how much each place does for a token, 0 for nothing; `boxes` those of the
    places, `words` those of the query that each token is of, none where that is not known. A place counts
    for the tokens that it does nearly as much for as their best one, as in MaxSim, and weighs what it does
    for all of them. `near` is what share of the best that is.
    """
    if not gains.size:
        return ()
    answers = np.where(gains >= near * gains.max(axis=1, keepdims=True), gains, 0.0)
    weights = answers.sum(axis=0)  # (places,)
    heaviest = float(weights.max())
    regions = (
        Region(
            _within_page(boxes[place]),
            float(weights[place]) / heaviest,
            tuple(word for token in np.flatnonzero(answers[:, place]).tolist() for word in words[token]),
        )
        for place in np.flatnonzero(weights).tolist()
    )
    return merged_regions([regions])


def best_for_all(gains: FloatArray, boxes: Sequence[Box]) -> tuple[Region, ...]:
    """The same for `gains` (places,) of a query as a whole: those that do half as much as the best place.

    They have no words: one vector does not tell which words of a query a place answers.
    """
    return best_regions(gains[None], boxes, [()], near=_HALF)


def above_middle(similarities: FloatArray) -> FloatArray:
    """How far similarities (tokens, places) are above that of the middle place: what most of a page has in
    common is no answer. Where none is, as on a page of one line, the best answer alike."""
    if not similarities.size:
        return similarities
    above: FloatArray = np.maximum(similarities - np.median(similarities, axis=1, keepdims=True), 0.0)
    if above.any():
        return above
    best: FloatArray = np.isclose(similarities, similarities.max(axis=1, keepdims=True)).astype(np.float32)
    return best


def merged_regions(explained: Iterable[Iterable[Region]]) -> tuple[Region, ...]:
    """The regions of several explanations, best first; one that stands in two has the words of both."""
    found: dict[Box, Region] = {}
    for region in (region for regions in explained for region in regions):
        before = found.get(region.box, Region(region.box, 0.0))
        words = tuple(dict.fromkeys((*before.words, *region.words)))
        found[region.box] = Region(region.box, max(before.weight, region.weight), words)
    return tuple(nlargest(MOST_REGIONS, found.values(), key=lambda region: region.weight))


def _within_page(box: Box) -> Box:
    """The part of a box that is on the page, in the precision that all boxes have."""
    return Box(*(round(min(max(side, 0.0), 1.0), BOX_DECIMALS) for side in (box.x0, box.y0, box.x1, box.y1)))
