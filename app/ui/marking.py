"""Draws what was found: words marked in a snippet, words as text."""

from collections.abc import Iterable
from dataclasses import dataclass

from vdr.search.marks import wanted_places
from vdr.types import Word
from vdr.words import LATIN_LANGUAGES, row_of

_ON_A_CARD = 24  # words
_BEFORE_MARKS = 4  # words, so that they do not begin in the middle of nothing


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text, marked or not."""

    text: str
    is_marked: bool


def marked(text: str, wanted: frozenset[str]) -> tuple[Segment, ...]:
    """The text cut into runs, words that contain a wanted term marked; joined again they are the text."""
    segments: list[Segment] = []
    words = text.split()
    # A few words do not tell their language, and the page that they are of is not at hand.
    places = wanted_places(row_of(words, languages=LATIN_LANGUAGES), wanted)
    for place, word in enumerate(words):
        is_marked = place in places
        if segments:
            both = is_marked and segments[-1].is_marked
            _append(segments, Segment(" ", both))
        _append(segments, Segment(word, is_marked))
    return tuple(segments)


def from_the_marks(text: str, wanted: frozenset[str]) -> str:
    """The text from where its marks stand, for a card that shows only what is first of it."""
    words = text.split()
    places = sorted(wanted_places(row_of(words, languages=LATIN_LANGUAGES), wanted))

    def in_sight(start: int) -> int:
        return len({words[place].lower() for place in places if start <= place < start + _ON_A_CARD})

    best = max(places, key=lambda place: (in_sight(place), -place), default=0)
    begin = best - _BEFORE_MARKS
    return " ".join(["…", *words[begin:]]) if begin > _BEFORE_MARKS else text


def joined(words: Iterable[Word]) -> str:
    """The words as text, one space between them."""
    return " ".join(word.text for word in words)


def _append(segments: list[Segment], segment: Segment) -> None:
    if segments and segments[-1].is_marked == segment.is_marked:
        segments[-1] = Segment(segments[-1].text + segment.text, segment.is_marked)
    else:
        segments.append(segment)
