"""Marks: where on a page the words of a query stand."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from types import MappingProxyType

import numpy as np

from vdr.prints import boxes_of
from vdr.types import Box, Marks, Print
from vdr.words import Row, having_relatives, row_of, wanted_in

_NEAR = (0.4, 0.06)  # of the page's width and height: as far as an answer goes
_MAX_BOXES = 200  # a page full of one word needs no more marks to make the point


def find_marks(
    shown: Print,
    read: Print,
    asked: Sequence[str],
    related: Mapping[str, str],
    forms: Mapping[str, str] = MappingProxyType({}),
) -> Marks:
    """Where the terms asked and their `forms` stand, and where the page lacks one, those `related` to it.

    Of the words that are `shown`; only where these have none of them, of those `read` from pixels.
    """
    stood_for = {**related, **forms}
    asked = (*asked, *forms)
    wanted = _wanted((shown, read), having_relatives(asked) or asked, related)
    of_shown = _marked(shown, wanted)
    marked = of_shown or _marked(read, wanted)
    return Marks(
        wanted,
        tuple(box for box, _, _ in marked),
        tuple(weight for _, weight, _ in marked),
        tuple(stood_for.get(term, term) for _, _, term in marked),
        from_pixels=bool(marked) and not of_shown,
    )


def densest(marks: Marks) -> int | None:
    """The box around which marks weigh most, None where there are none."""
    if not marks.boxes:
        return None
    middles = np.array([((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in marks.boxes])
    near = (np.abs(middles[:, None] - middles[None]) < _NEAR).all(axis=2)  # (boxes, boxes)
    return int(np.argmax(near @ np.square(marks.weights)))  # a rare word outweighs many of a common one


def wanted_places(words: Row, wanted: frozenset[str]) -> set[int]:
    """Places of words that are a wanted term, each by itself or several together."""
    return {place for found in wanted_in(words, wanted) for place in range(found.start, found.end)}


def _wanted(sources: Iterable[Print], asked: Sequence[str], related: Mapping[str, str]) -> frozenset[str]:
    if not related:
        return frozenset(asked)
    stood_for = frozenset(related.values())
    held = {found.term for source in sources for found in wanted_in(_row(source, stood_for), stood_for)}
    return frozenset((*asked, *(other for other, term in related.items() if term not in held)))


def _marked(page: Print, wanted: frozenset[str]) -> list[tuple[Box, float, str]]:
    """The boxes of wanted terms, with weights and terms; of too many the first of each, and the rarest."""
    found = list(wanted_in(_row(page, wanted), wanted))
    counts = Counter(each.term for each in found)
    often: dict[int, int] = {}
    terms: dict[int, str] = {}
    for each in found:
        for place in range(each.start, each.end):
            often[place] = max(counts[each.term], often.get(place, 0))
            terms.setdefault(place, each.term)
    rarity = {place: math.log(1 + len(often) / count) for place, count in often.items()}
    firsts = {term: place for place, term in sorted(terms.items(), reverse=True)}.values()
    kept = sorted(nlargest(_MAX_BOXES, rarity, key=lambda place: (place in firsts, rarity[place], -place)))
    rarest = max(rarity.values(), default=1.0)
    boxes = boxes_of(page)
    return [(boxes[place], rarity[place] / rarest, terms[place]) for place in kept]


def _row(page: Print, wanted: frozenset[str]) -> Row:
    return row_of(page.texts, boxes_of(page), wanted=wanted)
