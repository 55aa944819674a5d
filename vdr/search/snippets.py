"""Snippets: the passages of a page that most likely hold the answer."""

from collections.abc import Callable, Iterable

from vdr.search.choice import choose
from vdr.search.passages import passages_of
from vdr.search.sought import Sought
from vdr.search.source import Source, best_source, held_in
from vdr.types import Print, Snippet

_GAP = "…"


def snippet(
    text_layer: Print,
    pixels: Callable[[], Iterable[Print]],
    sought: Sought,
    *,
    pixels_may_have_more: bool = True,
) -> Snippet:
    """The passages, of 40 to 60 words in all, that most likely answer; of a page without any, its beginning.

    They are of the source that has most of what is sought; see `best_source`.
    """
    source = best_source(text_layer, pixels, sought, pixels_may_have_more=pixels_may_have_more)
    matched = dict.fromkeys(sought.terms[each.term][0] for each in source.found)
    terms = frozenset(each.term for each in source.found)
    return Snippet(_text(source, sought), source.is_from_pixels, tuple(matched), terms)


def _text(source: Source, sought: Sought) -> str:
    passages = passages_of(source.page)
    chosen = choose(passages, held_in(passages, source.found, sought), sought)
    parts: list[str] = []
    end = 0
    for passage in chosen:
        parts += [_GAP] if passage != end else []
        parts += passages.words(passage)
        end = passage + 1
    return " ".join([*parts, _GAP] if end < len(passages) else parts)
