"""What a page has of a question, by its text layer or by the words read from its pixels."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vdr.search.choice import Held
from vdr.search.passages import Passages
from vdr.search.sought import Sought
from vdr.types import Print
from vdr.words import Found, row_of, wanted_in

# Of what the question's words count: a text layer that has this much is not compared with what was read from
# the pixels, which takes as long again and is less often right.
_ENOUGH = 0.35


@dataclass(frozen=True, slots=True)
class Source:
    """What one source has of a page, and how much of the question."""

    page: Print
    found: tuple[Found, ...]
    reach: float
    is_from_pixels: bool = False


def best_source(
    text_layer: Print,
    pixels: Callable[[], Iterable[Print]],
    sought: Sought,
    *,
    pixels_may_have_more: bool = True,
) -> Source:
    """The text layer, unless one of the `pixels` sources has more of what is sought.

    Where these are known to have no more, they are read only if the text layer has nothing.
    """
    best = source_of(text_layer, sought)
    enough = _ENOUGH * sought.whole if pixels_may_have_more else 0.0
    if best.reach < enough or not best.reach:
        for other in (source_of(page, sought, is_from_pixels=True) for page in pixels()):
            if other.page.texts and (other.reach > best.reach or not best.page.texts):
                best = other
    return best


def source_of(page: Print, sought: Sought, *, is_from_pixels: bool = False) -> Source:
    """One source, and what it has of the question."""
    if not page.texts:
        return Source(page, (), 0.0, is_from_pixels)
    row = row_of(page.texts, wanted=sought.wanted)
    found = tuple(wanted_in(row, sought.wanted))
    return Source(page, found, sought.reach({each.term for each in found}), is_from_pixels)


def held_in(passages: Passages, found: Iterable[Found], sought: Sought) -> Held:
    """Of each passage the words of the question that it has, with the best share of each."""
    now_at = {place: now for now, place in enumerate(passages.places)}
    held: dict[int, dict[str, float]] = {}
    for each in found:
        words = held.setdefault(bisect_right(passages.bounds, now_at[each.start]) - 1, {})
        word, share = sought.terms[each.term]
        words[word] = max(share, words.get(word, 0.0))
    return held
