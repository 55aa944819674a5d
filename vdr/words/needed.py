"""Which words of a page can have a part in a wanted term at all, told without making their forms.

Most words of a page have no part in what is asked, and making the forms of each takes most of a snippet's
time. What is told here may be too much, never too little.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from vdr.remembered import remembering
from vdr.words.dates import MONTHS
from vdr.words.forms import (
    AROUND,
    HYPHENS,
    LONGEST_COMPOUND_PART,
    LONGEST_REMEMBERED,
    PLAIN_NUMBER,
    Kind,
    written_anew,
)
from vdr.words.numbers import UNITS

_NOT_COUNTED = str.maketrans("", "", "0.,")  # what numbers that are worth the same may differ in
_DATE = re.compile(r"\d+-\d+")
_MEASURE = re.compile(r"\d.*[^\W\d_]")
_NEAR_DATE = 6  # words that a date may reach to
_DIVIDES = tuple(HYPHENS)
_JOINS = Kind.DIVIDED | Kind.SINGLE | Kind.NUMBER | Kind.CALENDAR | Kind.UNSPACED
_FEWEST = 2  # letters of a part of a compound
_BYTES_A_WORD = 250


class _Sought(NamedTuple):
    """What follows from the wanted terms alone.

    `digits` are those that count of the numbers, `tails` how a compound goes on after each word that it may
    begin with, `others` months and units where a date or a measure is wanted.
    """

    digits: tuple[str, ...]
    tails: Mapping[str, Set[str]]
    others: Set[str]
    has_date: bool


class _Brief(NamedTuple):
    """What a word by itself tells: its terms, or of a plain number the digits that count.

    Neither is told of words that make others together with their neighbours.
    """

    terms: tuple[str, ...] = ()
    digits: str | None = None


class _Briefs(NamedTuple):
    """What the distinct words of a page tell: their terms, numbers, and those of which neither is told.

    `firsts` are the words by the first of their terms.
    """

    terms: tuple[tuple[str, tuple[str, ...]], ...]
    firsts: Mapping[str, Sequence[str]]
    numbers: tuple[tuple[str, str], ...]
    others: frozenset[str]


def needed(texts: Sequence[str], wanted: frozenset[str], languages: tuple[str, ...]) -> set[str]:
    """Those of the words that may be, or be part of, a wanted term; `languages` are of Latin letters."""
    sought, page = _sought(wanted), _briefs((tuple(texts), languages))
    words = wanted | sought.others
    chosen = {text for text, terms in page.terms if not words.isdisjoint(terms)} | page.others
    if sought.digits:
        chosen |= {text for text, digits in page.numbers if any(digits in each for each in sought.digits)}
    begun = sought.tails.keys() & page.firsts.keys()
    heads = {text: sought.tails[first] for first in begun for text in page.firsts[first]}
    for place in _joints(texts, chosen, heads):
        chosen.update(texts[place : place + 2])
    if sought.has_date:
        chosen.update(_near_dates(texts, chosen))
    return chosen


# Pages that are asked for are asked for again: some thousand of them.
@remembering(64 * 2**20, lambda briefs: _BYTES_A_WORD * (1 + len(briefs.terms) + len(briefs.numbers)))
def _briefs(of: tuple[tuple[str, ...], tuple[str, ...]]) -> _Briefs:
    texts, languages = of
    briefs = {text: _brief(text, languages) for text in dict.fromkeys(texts)}
    terms = tuple((text, brief.terms) for text, brief in briefs.items() if brief.terms)
    firsts: dict[str, list[str]] = {}
    for text, (first, *_) in terms:
        firsts.setdefault(first, []).append(text)
    numbers = tuple((text, brief.digits) for text, brief in briefs.items() if brief.digits is not None)
    others = (text for text, brief in briefs.items() if not brief.terms and brief.digits is None)
    return _Briefs(terms, firsts, numbers, frozenset(others))


# The words of some hundred pages: 25 MB, and 5 us for each that is new.
@lru_cache(65_536)
def _brief(text: str, languages: tuple[str, ...]) -> _Brief:
    letters = text.strip(AROUND)
    if text.isascii() and len(letters) > 1 and text[-1] != "-" and PLAIN_NUMBER.fullmatch(letters):
        return _Brief(digits=letters.translate(_NOT_COUNTED))
    word = written_anew(text, languages)
    joins = _JOINS if len(word.wholes) == 1 else _JOINS | Kind.MONTH | Kind.UNIT
    return _Brief() if word.kind & joins or len(text) > LONGEST_REMEMBERED else _Brief(word.terms)


@lru_cache(16)
def _sought(wanted: frozenset[str]) -> _Sought:
    tails: dict[str, set[str]] = {}
    for term in wanted:
        for size in range(_FEWEST, min(LONGEST_COMPOUND_PART, len(term) - _FEWEST) + 1):
            tails.setdefault(term[:size], set()).add(term[size:])
    has_date = any(_DATE.search(term) for term in wanted)
    has_measure = any(_MEASURE.search(term) for term in wanted)
    others = (MONTHS.keys() if has_date else set()) | (UNITS if has_measure else set())
    numbers = {_counted(term) for term in wanted if any(c.isdigit() for c in term)}
    return _Sought(tuple(numbers), tails, others, has_date)


def _counted(term: str) -> str:
    return "".join(c for c in term if c.isdigit()).translate(_NOT_COUNTED)


def _joints(texts: Sequence[str], chosen: Set[str], heads: Mapping[str, Set[str]]) -> Iterator[int]:
    """Where a word may make a wanted term with the next one: the two are divided, or a compound."""
    divided = {text for text in chosen if text.endswith(_DIVIDES)}
    joints = divided | heads.keys()
    for place in [place for place, text in enumerate(texts[:-1]) if text in joints]:
        text, after = texts[place], texts[place + 1]
        if text in divided or not after.isascii() or _letters(after) in heads[text]:
            yield place


def _letters(text: str) -> str:
    return text.strip(AROUND).lower()


def _near_dates(texts: Sequence[str], chosen: Set[str]) -> set[str]:
    dated = {text for text in chosen if any(character.isalpha() for character in text)}
    places = (place for place, text in enumerate(texts) if text in dated)
    return {each for place in places for each in texts[max(place - _NEAR_DATE, 0) : place + _NEAR_DATE + 1]}
