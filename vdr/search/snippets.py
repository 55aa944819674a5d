"""Snippets: the passages of a page that most likely hold the answer."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vdr.search.choice import Held, choose
from vdr.search.passages import Passages, passages_of
from vdr.search.sought import Sought
from vdr.types import Print, Snippet
from vdr.words import Found, row_of, wanted_in

# Of what the question's words count: a text layer that has this much is not compared with what was read from
# the pixels, which takes as long again and is less often right.
_ENOUGH = 0.35
_GAP = "…"


@dataclass(frozen=True, slots=True)
class _Source:
    """What one source has of a page, and how much of the question."""

    page: Print
    found: tuple[Found, ...]
    reach: float


def snippet(
    text_layer: Print,
    pixels: Callable[[], Iterable[Print]],
    sought: Sought,
    *,
    pixels_may_have_more: bool = True,
) -> Snippet:
    """The passages, of 40 to 60 words in all, that most likely answer; of a page without any, its beginning.

    They are of the text layer, unless one of the `pixels` sources has more of what is sought. Where these are
    known to have no more, they are read only if the text layer has nothing.
    """
    best, is_from_pixels = _source(text_layer, sought), False
    enough = _ENOUGH * sought.whole if pixels_may_have_more else 0.0
    if best.reach < enough or not best.reach:
        for other in (_source(page, sought) for page in pixels()):
            if other.page.texts and (other.reach > best.reach or not best.page.texts):
                best, is_from_pixels = other, True
    matched = dict.fromkeys(sought.terms[each.term][0] for each in best.found)
    return Snippet(_text(best, sought), is_from_pixels, tuple(matched))


def _source(page: Print, sought: Sought) -> _Source:
    if not page.texts:
        return _Source(page, (), 0.0)
    row = row_of(page.texts, wanted=sought.wanted)
    found = tuple(wanted_in(row, sought.wanted))
    return _Source(page, found, sought.reach({each.term for each in found}))


def _text(source: _Source, sought: Sought) -> str:
    passages = passages_of(source.page)
    chosen = choose(passages, _held(passages, source.found, sought), sought)
    parts: list[str] = []
    end = 0
    for passage in chosen:
        parts += [_GAP] if passage != end else []
        parts += passages.words(passage)
        end = passage + 1
    return " ".join([*parts, _GAP] if end < len(passages) else parts)


def _held(passages: Passages, found: Iterable[Found], sought: Sought) -> Held:
    """Of each passage the words of the question that it has, with the best share of each."""
    now_at = {place: now for now, place in enumerate(passages.places)}
    held: dict[int, dict[str, float]] = {}
    for each in found:
        words = held.setdefault(bisect_right(passages.bounds, now_at[each.start]) - 1, {})
        word, share = sought.terms[each.term]
        words[word] = max(share, words.get(word, 0.0))
    return held
