"""Finds a query's words: in a snippet, to mark them, and on a page, to show where they stand."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from vdr.merging import merged
from vdr.types import Box, PageWords, Word
from vdr.words import query_terms, terms

_MAX_BOXES = 200  # a page full of one word needs no more marks to make the point


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text, marked or not."""

    text: str
    is_marked: bool


def wanted_terms(words: PageWords, query: str, related: Mapping[str, str]) -> frozenset[str]:
    """The query's terms, and the related ones (each with the term it stands for) of those the page lacks."""
    asked = query_terms(query)
    if not related:
        return frozenset(asked)
    on_page = (*merged(words), *words.read)
    held = {term for word in on_page for term in terms(word.text)}
    return frozenset((*asked, *(other for other, term in related.items() if term not in held)))


def marked(text: str, wanted: Set[str]) -> tuple[Segment, ...]:
    """The text cut into runs, words that hold a wanted term marked; joined again they are the text."""
    segments: list[Segment] = []
    for word in text.split():
        is_marked = _is_wanted(word, wanted)
        if segments:
            both = is_marked and segments[-1].is_marked
            _append(segments, Segment(" ", both))
        _append(segments, Segment(word, is_marked))
    return tuple(segments)


def boxes(words: PageWords, wanted: Set[str]) -> tuple[Box, ...]:
    """Where wanted terms stand: by text layer and OCR, or by what was read if those have none."""
    found = [word.box for word in merged(words) if _is_wanted(word.text, wanted)]
    found = found or [word.box for word in words.read if _is_wanted(word.text, wanted)]
    return tuple(found[:_MAX_BOXES])


def lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped into lines of print: one that is not level with the word before begins a new line."""
    grouped: list[list[Word]] = []
    for word in words:
        if grouped and _is_level(grouped[-1][-1].box, word.box):
            grouped[-1].append(word)
        else:
            grouped.append([word])
    return grouped


def joined(words: Iterable[Word]) -> str:
    """The words as text, one space between them."""
    return " ".join(word.text for word in words)


def _is_wanted(word: str, wanted: Set[str]) -> bool:
    return any(term in wanted for term in terms(word))


def _append(segments: list[Segment], segment: Segment) -> None:
    if segments and segments[-1].is_marked == segment.is_marked:
        segments[-1] = Segment(segments[-1].text + segment.text, segment.is_marked)
    else:
        segments.append(segment)


def _is_level(before: Box, after: Box) -> bool:
    middle = (after.y0 + after.y1) / 2
    return before.y0 <= middle <= before.y1 and after.x0 >= before.x0
