"""Marks: where on a page the words of a query stand."""

from collections.abc import Mapping, Sequence

from vdr.merging import merged
from vdr.types import Box, Marks, PageWords, Word
from vdr.words import Row, row_of, wanted_in

_MAX_BOXES = 200  # a page full of one word needs no more marks to make the point


def find_marks(words: PageWords, asked: Sequence[str], related: Mapping[str, str]) -> Marks:
    """Where the terms asked stand, and where the page lacks one, those `related` that stand for it."""
    wanted = _wanted(words, asked, related)
    return Marks(wanted, _boxes(words, wanted))


def wanted_places(words: Row, wanted: frozenset[str]) -> set[int]:
    """Places of words that are a wanted term, each by itself or several together."""
    return {place for found in wanted_in(words, wanted) for place in range(found.start, found.end)}


def _wanted(words: PageWords, asked: Sequence[str], related: Mapping[str, str]) -> frozenset[str]:
    if not related:
        return frozenset(asked)
    stood_for = frozenset(related.values())
    held = {
        found.term
        for source in (merged(words), words.read)
        for found in wanted_in(_row(source, stood_for), stood_for)
    }
    return frozenset((*asked, *(other for other, term in related.items() if term not in held)))


def _boxes(words: PageWords, wanted: frozenset[str]) -> tuple[Box, ...]:
    """Where wanted terms stand: by text layer and OCR, or by what was read if those have none."""
    found = _marked(merged(words), wanted) or _marked(words.read, wanted)
    return tuple(found[:_MAX_BOXES])


def _marked(words: Sequence[Word], wanted: frozenset[str]) -> list[Box]:
    return [words[place].box for place in sorted(wanted_places(_row(words, wanted), wanted))]


def _row(words: Sequence[Word], wanted: frozenset[str]) -> Row:
    return row_of([word.text for word in words], [word.box for word in words], wanted=wanted)
