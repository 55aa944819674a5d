"""Marks: where on a page the words of a query stand."""

from collections.abc import Mapping, Sequence, Set

from vdr.merging import merged
from vdr.types import Box, Marks, PageWords
from vdr.words import terms

_MAX_BOXES = 200  # a page full of one word needs no more marks to make the point


def find_marks(words: PageWords, asked: Sequence[str], related: Mapping[str, str]) -> Marks:
    """Where the terms asked stand, and where the page lacks one, those `related` that stand for it."""
    wanted = _wanted(words, asked, related)
    return Marks(wanted, _boxes(words, wanted))


def is_wanted(word: str, wanted: Set[str]) -> bool:
    """Whether a word contains a wanted term."""
    return any(term in wanted for term in terms(word))


def _wanted(words: PageWords, asked: Sequence[str], related: Mapping[str, str]) -> frozenset[str]:
    if not related:
        return frozenset(asked)
    on_page = (*merged(words), *words.read)
    held = {term for word in on_page for term in terms(word.text)}
    return frozenset((*asked, *(other for other, term in related.items() if term not in held)))


def _boxes(words: PageWords, wanted: Set[str]) -> tuple[Box, ...]:
    """Where wanted terms stand: by text layer and OCR, or by what was read if those have none."""
    found = [word.box for word in merged(words) if is_wanted(word.text, wanted)]
    found = found or [word.box for word in words.read if is_wanted(word.text, wanted)]
    return tuple(found[:_MAX_BOXES])
