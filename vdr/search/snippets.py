"""Snippets: the few words of a page that say most about a query."""

from collections import Counter
from collections.abc import Sequence

from vdr.types import PageTexts, Snippet
from vdr.words import row_of, wanted_in

_LENGTH = 28


def snippet(words: PageTexts, query: Sequence[str], related: Sequence[str] = ()) -> Snippet:
    """The passage with most distinct query terms; from the text layer unless the pixels have more.

    If a page contains none of them, `related` ones are searched.
    """
    count, text = _best(words.text_layer, query)
    is_from_pixels = False
    for source in (words.ocr, words.read):
        found, stretch = _best(source, query)
        if source and (found > count or not text):
            count, text, is_from_pixels = found, stretch, True
    if not count and related:
        return snippet(words, related)
    return Snippet(text, is_from_pixels)


def _best(words: Sequence[str], query: Sequence[str]) -> tuple[int, str]:
    """How many distinct query terms the best passage contains, and its text, started a little before."""
    places = _matches(words, frozenset(query))
    count, start = _fullest(places)
    begin = max(start - _LENGTH // 5, 0)
    stretch = words[begin : begin + _LENGTH]
    before, after = "… " if begin else "", " …" if begin + _LENGTH < len(words) else ""
    return count, before + " ".join(stretch) + after


def _fullest(places: Sequence[tuple[int, str]]) -> tuple[int, int]:
    """The most distinct terms of a stretch that begins with a match, and where the first such one begins."""
    most = first = end = 0
    held = Counter[str]()  # of the stretch at hand
    for place, term in places:
        while end < len(places) and places[end][0] < place + _LENGTH:
            held[places[end][1]] += 1
            end += 1
        if len(held) > most:
            most, first = len(held), place
        held[term] -= 1
        if not held[term]:
            del held[term]
    return most, first


def _matches(words: Sequence[str], wanted: frozenset[str]) -> list[tuple[int, str]]:
    """Places of words that contain a wanted term, and the term."""
    return sorted((found.start, found.term) for found in wanted_in(row_of(words), wanted))
