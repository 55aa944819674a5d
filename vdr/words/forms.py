"""The terms of one word as it is written: itself, and the other forms that people ask for it in."""

import re
import string
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from vdr.words.dates import MONTHS, days, month_of, named_day, names_and_figures
from vdr.words.letters import plain
from vdr.words.numbers import ALONE, NUMBER, UNIT_ALONE, UNITS, WITH_UNIT, values
from vdr.words.stems import TELLING_WORDS, stems
from vdr.words.whole import ASKING_WORDS, characters, grams, runs, wholes

# How much a form counts beside the word as it is written, on a page as in a question: so much that it is
# found, and so little that the word itself comes first (docs/decisions/0018-words.md has what others give).
STEM = 0.4
PART = 0.5
JOINED = 0.5
NEIGHBOURS = 0.25
VALUE = 0.5
GRAM = 0.3
SINGLE = 0.2
HYPHENS = "-\u2010\u2011\u00ad"
_SHORTEST_PART = 2
_NON_JOINER = "\u200c"
AROUND = string.punctuation
LONGEST_COMPOUND_PART = 8
LONGEST_REMEMBERED = 48  # a file may have words of 64 KB

_PIECE = re.compile(r"[.,'-]")
_LETTERS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{3,}")
_CASED = re.compile(r"[a-z\u00e0-\u024f\u0370-\u052f]+")
# Neither a date nor a code.
PLAIN_NUMBER = re.compile(r"\d+(?:,\d+)*(?:\.\d+)?")
_CODE_MARKS = re.compile(r"[-/_:.']")


class Kind:
    """What a word is to its neighbours, in sums of plain numbers, as every word of every page is asked."""

    DIVIDED = 1  # ends in a hyphen after a letter or digit
    SINGLE = 2  # one character
    NUMBER = 4
    UNIT = 8
    MONTH = 16
    CALENDAR = 32  # has the sign that Chinese, Japanese or Korean years end in
    FIRST = 64  # may begin a compound of two words
    LAST = 128  # may end one
    UNSPACED = 256  # is of a script without spaces


class Form(NamedTuple):
    """A term that stands for a word, and how much it counts beside the word as it is written."""

    term: str
    share: float


class Written(NamedTuple):
    """A word as it is written: its plain text, its wholes, its other forms, its single characters, and the
    terms that all of these are."""

    shown: str
    wholes: tuple[str, ...]
    forms: tuple[Form, ...]
    singles: tuple[str, ...]
    kind: int
    terms: tuple[str, ...]


def written(word: str, languages: tuple[str, ...]) -> Written:
    """All that can be said of a word by itself; `languages` are those of its page or question."""
    return _remembered(word, languages) if len(word) <= LONGEST_REMEMBERED else written_anew(word, languages)


def written_anew(word: str, languages: tuple[str, ...]) -> Written:
    """The same without remembering it."""
    letters = word.strip(AROUND)
    if letters.isascii() and letters.isalpha() and word.isascii():
        return _plain_word(word.lower(), letters.lower(), languages)
    if PLAIN_NUMBER.fullmatch(letters) and word.isascii():
        return _plain_number(word, letters)
    shown = plain(word)
    own = tuple(wholes(word))
    forms = {} if not own else _forms(word, shown, own, languages)
    others = tuple(Form(term, share) for term, share in forms.items() if term not in own)
    return _with_terms(shown, own, others, tuple(_singles(shown, own)), _kind(word, shown, own))


def _plain_number(word: str, figures: str) -> Written:
    forms = (
        () if figures.isdecimal() else tuple(Form(each, VALUE) for each in values(figures) if each != figures)
    )
    kind = Kind.NUMBER if ALONE.fullmatch(word) else 0
    kind |= Kind.DIVIDED if word[-1] == "-" else 0
    kind |= Kind.SINGLE if len(figures) == 1 else 0
    return _with_terms(word, (figures,), forms, (), kind)


def _with_terms(
    shown: str, own: tuple[str, ...], forms: tuple[Form, ...], singles: tuple[str, ...], kind: int
) -> Written:
    return Written(shown, own, forms, singles, kind, (*own, *(form.term for form in forms), *singles))


# Most words of a page are those of the pages before it: 16 MB, and 5 us for each word that is new.
_remembered = lru_cache(16_384)(written_anew)


def _plain_word(shown: str, term: str, languages: tuple[str, ...]) -> Written:
    """What most words are, in a third of the time."""
    is_part = _is_compound_part((term,))
    kind = Kind.DIVIDED if shown[-1] == "-" and len(shown) > 1 else 0
    kind |= Kind.SINGLE if len(term) == 1 else 0
    kind |= Kind.UNIT if term in UNITS and shown[0].isalpha() else 0
    kind |= Kind.MONTH if term in MONTHS else 0
    kind |= Kind.FIRST if is_part and shown[-1].isalpha() else 0
    kind |= Kind.LAST if is_part and shown[0].isalpha() else 0
    forms = tuple(Form(stem, STEM) for stem in stems(term, languages))
    return _with_terms(shown, (term,), forms, (), kind)


def _forms(word: str, shown: str, own: tuple[str, ...], languages: tuple[str, ...]) -> dict[str, float]:
    """Other terms of a word, each with its share, the largest where it has several."""
    found: dict[str, float] = {}
    for term in stems(word, languages):
        found[term] = STEM
    if len(own) == 1 and own[0].isalpha() and own[0].isascii():
        return found
    for share, terms in (
        (PART, _parts(shown)),
        (PART, _without_joiners(word)),
        (GRAM, _grams(shown)),
        (JOINED, _joined(shown, own)),
        (VALUE, _values(shown)),
        (PART, _measured(shown)),
    ):
        for term in terms:
            found[term] = max(share, found.get(term, 0.0))
    return found


def _parts(shown: str) -> Iterator[str]:
    """The pieces between marks, and the runs of letters and of digits in them; numbers have none."""
    for run in runs(shown):
        if characters(run) or (NUMBER.fullmatch(run) and not days(run)):
            continue
        for piece in _PIECE.split(run):
            if len(piece) >= _SHORTEST_PART:
                yield piece
            yield from (part for part in _LETTERS_OR_DIGITS.findall(piece) if len(part) >= _SHORTEST_PART)


def _without_joiners(word: str) -> Iterator[str]:
    """The pieces of a Persian word that stand apart though no space is between."""
    if _NON_JOINER in word:
        yield from (piece for each in word.split(_NON_JOINER) if len(piece := plain(each)) >= _SHORTEST_PART)


def _grams(shown: str) -> Iterator[str]:
    """Neighbouring characters of scripts that write several words as one: of Korean two, of Thai three."""
    for run in _HANGUL.findall(shown):
        yield from (run[start : start + 2] for start in range(len(run) - 1))
    for run in runs(shown):
        if characters(run) and len(characters(run)) < len(run):
            yield from grams(run, 3)


def _joined(shown: str, own: tuple[str, ...]) -> Iterator[str]:
    """Compounds, codes and abbreviations without their marks."""
    for term in own:
        pieces = _PIECE.split(term)
        is_number = NUMBER.fullmatch(term) is not None
        is_abbreviation = max(map(len, pieces)) == 1
        if (
            len(pieces) > 1
            and not is_number
            and ("-" in term or "'" in term or is_abbreviation or _has_digit(term))
        ):
            yield "".join(pieces)
    if len(own) > 1 and _has_digit(shown) and _CODE_MARKS.search(shown) and not days(shown):
        yield "".join(_PIECE.sub("", term) for term in own)


def _values(shown: str) -> Iterator[str]:
    """What numbers and dates come to, numbers with their unit too."""
    if not _has_digit(shown):
        return
    for day in days(shown):
        yield from (day, month_of(day))
    tokens = names_and_figures(shown)
    for place, token in enumerate(tokens):
        if token in MONTHS and (day := named_day(tokens[:place][::-1], token, tokens[place + 1 :])):
            yield from (day, month_of(day))
    for number in NUMBER.findall(shown):
        yield from values(number) if not number.isdecimal() else ()
    if (found := WITH_UNIT.fullmatch(shown)) and found[2] in UNITS:
        yield from (value + found[2] for value in values(found[1]))


def _measured(shown: str) -> Iterator[str]:
    """A number and its unit, be they one character each."""
    if (found := WITH_UNIT.fullmatch(shown)) and found[2] in UNITS:
        yield from (found[1], found[2])


def _singles(shown: str, own: tuple[str, ...]) -> Iterator[str]:
    if not shown.isascii():
        yield from (each for run in runs(shown) for each in characters(run) if each not in own)


def _kind(word: str, shown: str, own: tuple[str, ...]) -> int:
    if not own:
        return 0
    is_kind = {
        Kind.DIVIDED: word[-1] in HYPHENS and len(shown) > 1,
        Kind.SINGLE: len(own) == 1 and 1 in (len(own[0]), len(word.strip(AROUND))),
        Kind.NUMBER: ALONE.fullmatch(shown) is not None,
        Kind.UNIT: (unit := UNIT_ALONE.fullmatch(shown)) is not None and unit[1] in UNITS,
        Kind.MONTH: own[0] in MONTHS,
        Kind.CALENDAR: "年" in shown or "년" in shown,
        Kind.FIRST: _is_compound_part(own) and shown.endswith(own[0]),
        Kind.LAST: _is_compound_part(own) and shown.startswith(own[0]),
        Kind.UNSPACED: not shown.isascii() and any(characters(run) for run in runs(shown)),
    }
    return sum(kind for kind, holds in is_kind.items() if holds)


def _is_compound_part(own: tuple[str, ...]) -> bool:
    """Whether a word may be written together with its neighbour: it is short and names something."""
    return (
        len(own) == 1
        and 1 < len(own[0]) <= LONGEST_COMPOUND_PART
        and _CASED.fullmatch(own[0]) is not None
        and own[0] not in ASKING_WORDS
        and own[0] not in TELLING_WORDS
    )


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
