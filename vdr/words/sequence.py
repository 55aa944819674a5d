"""The terms of words in a row: those of each, and those that several make together.

A word may be divided at the end of a line, a heading set letter by letter, a number written in groups, a date
in three words, a compound in two. Pages, questions, snippets and marks all go through here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import lru_cache
from itertools import pairwise, repeat
from statistics import median
from typing import NamedTuple

from vdr.types import Box
from vdr.words.dates import days, month_of, named_day, names_and_figures
from vdr.words.forms import (
    GRAM,
    JOINED,
    LONGEST_COMPOUND_PART,
    NEIGHBOURS,
    PART,
    SINGLE,
    VALUE,
    Kind,
    Written,
    written,
)
from vdr.words.needed import needed
from vdr.words.numbers import ALONE, UNIT_ALONE, values
from vdr.words.stems import languages_of
from vdr.words.whole import ASKING_WORDS, characters, runs

_ENGLISH = "english"  # where nothing tells
_GROUPS = 5  # of thousands in one number
_NEAR_MONTH, _NEAR_YEAR = 4, 6  # words that a date may reach to
# Words that join others stay apart; but online and setup are written as two words, too.
_NEVER_JOINED = ASKING_WORDS - {"on", "in", "by", "at", "all", "any", "no", "with"}
_SHORT_QUESTION = 40  # words; what is longer is a page
_FEWEST_LETTERS, _MOST_LETTERS = 3, 100
# Of its width: how much further than the others a letter of a word may be off, and how far a digit.
_LETTER_GAP, _DIGIT_GAP = 0.5, 0.8
_PASSED_OVER = Written("", (), (), (), 0, ())
_HANGUL = re.compile("[\uac00-\ud7a3]")
_FIRST_GROUP = re.compile(r"\W*\d{1,3}")
_MIDDLE_GROUP = re.compile(r"\d{3}")
_GROUP = re.compile(r"\d{3}(?:[.,]\d+)?\W*")


class Found(NamedTuple):
    """A term, how much it counts beside a word as it is written, and the words that it is made of."""

    term: str
    share: float
    start: int
    end: int


class Row(NamedTuple):
    """Words in a row, and what is known of them. `languages` are those of words in Latin letters.

    `known` are the places of the words that were looked at; of the others nothing is known.
    """

    texts: Sequence[str]
    words: Sequence[Written]
    known: Sequence[int]
    boxes: Sequence[Box] | None
    languages: tuple[str, ...]
    is_question: bool


def row_of(
    texts: Sequence[str],
    boxes: Sequence[Box] | None = None,
    *,
    languages: tuple[str, ...] | None = None,
    is_question: bool = False,
    wanted: frozenset[str] | None = None,
) -> Row:
    """Words in a row.

    With `boxes`, letters set apart are words as far as the gaps say so, and figures far apart no number.
    Without `languages`, the words tell which one they are of. What a question asks for is the same as what
    a page has, but single characters of whole passages. With `wanted`, forms are made only of words that
    may have a part in these terms: the row is for `wanted_in` them.
    """
    chosen = _language_of(tuple(texts)) if languages is None else languages
    parts = dict.fromkeys(texts) if wanted is None else needed(texts, wanted, chosen)
    made = {text: written(text, chosen) for text in parts}
    words = list(map(made.get, texts, repeat(_PASSED_OVER)))
    known = [place for place, word in enumerate(words) if word is not _PASSED_OVER]
    return Row(texts, words, known, boxes, chosen, is_question)


@lru_cache(2_048)
def _language_of(texts: tuple[str, ...]) -> tuple[str, ...]:
    return languages_of(dict.fromkeys(texts))[:1] or (_ENGLISH,)


def found_in(row: Row) -> Iterator[Found]:
    """The terms of words in a row, each as often as it occurs."""
    for place, word in enumerate(row.words):
        yield from _of_word(row, word, place, place + 1)
    yield from found_together(row)


def wanted_in(row: Row, wanted: frozenset[str]) -> Iterator[Found]:
    """Those of them that are wanted, in a fraction of the time."""
    for place in row.known:
        word = row.words[place]
        if not wanted.isdisjoint(word.terms):
            yield from (found for found in _of_word(row, word, place, place + 1) if found.term in wanted)
    yield from (found for found in found_together(row, _heads(wanted)) if found.term in wanted)


@lru_cache(16)
def _heads(wanted: frozenset[str]) -> frozenset[str]:
    """All that the first word of a wanted compound may be."""
    return frozenset(term[:size] for term in wanted for size in range(2, LONGEST_COMPOUND_PART + 1))


def found_together(row: Row, heads: Set[str] | None = None) -> Iterator[Found]:
    """The terms that several words make together; of compounds those that begin with one of `heads`."""
    kinds = [(place, row.words[place].kind) for place in row.known if row.words[place].kind]
    first = [place for place, kind in kinds if kind & Kind.FIRST]
    if heads is not None:  # most words begin a compound, and few one that is asked for
        first = [place for place in first if row.words[place].wholes[0] in heads]
    yield from _compounds(row, first)
    others = [each for each in kinds if each[1] & _RARE]
    for kind, together in _TOGETHER:
        if places := [place for place, own in others if own & kind]:
            yield from together(row, places)


def _of_word(row: Row, word: Written, start: int, end: int) -> Iterator[Found]:
    for whole in word.wholes:
        yield Found(whole, 1.0, start, end)
    for term, share in word.forms:
        yield Found(term, share, start, end)
    if not row.is_question:
        for single in word.singles:
            yield Found(single, SINGLE, start, end)


def _of_words(row: Row, text: str, start: int, end: int) -> Iterator[Found]:
    """The terms of a word that several make."""
    return _of_word(row, written(text, row.languages), start, end)


def _neighbours(row: Row, places: Sequence[int]) -> Iterator[tuple[int, Written, Written]]:
    """Words at these places and those after them."""
    return ((place, row.words[place], row.words[place + 1]) for place in places if place + 1 < len(row.words))


def _compounds(row: Row, places: Sequence[int]) -> Iterator[Found]:
    """Two words as the one that others write: pump house as pumphouse. A question may ask for any two."""
    share = JOINED if row.is_question else NEIGHBOURS
    asks_any = row.is_question and len(row.words) <= _SHORT_QUESTION
    for place, one, other in _neighbours(row, range(len(row.words)) if asks_any else places):
        if (one.kind & Kind.FIRST and other.kind & Kind.LAST) or (asks_any and _touch(one, other)):
            yield Found(one.wholes[0] + other.wholes[0], share, place, place + 2)


def _touch(one: Written, other: Written) -> bool:
    """Whether two words have nothing but a space between them, and others may write them as one."""
    are_words = len(one.wholes) == 1 == len(other.wholes)
    joins = any(word.wholes[0] in _NEVER_JOINED for word in (one, other)) if are_words else True
    return not joins and one.shown[-1:].isalpha() and other.shown[:1].isalpha()


def _divided(row: Row, places: Sequence[int]) -> Iterator[Found]:
    """Words divided at the end of a line, with the hyphen, which may be their own, and without."""
    for place, one, other in _neighbours(row, places):
        head, tail = row.texts[place][:-1], row.texts[place + 1]
        if _continues(head, tail):
            is_word = head[-1:].isalpha() and tail[0].isalpha()
            found = list(_of_words(row, head + tail, place, place + 2)) if is_word else []
            known = {*(each.term for each in found), *one.terms, *other.terms}
            yield from found
            hyphenated = _of_words(row, f"{head}-{tail}", place, place + 2)
            yield from (each for each in hyphenated if each.term not in known)


def _continues(head: str, tail: str) -> bool:
    """Whether a word may go on in the next one: small letters after any, capitals after capitals alone."""
    first, last = tail[:1], head[-1:]
    is_small = first.isalnum() and not first.isupper()
    return is_small or (first.isupper() and (last.isupper() or last.isdigit()))


def _spaced(row: Row, places: Sequence[int]) -> Iterator[Found]:
    """Words that are written letter by letter."""
    for start, end in _stretches(places):
        if end - start > 1:
            for first, last in _letters_of_words(row, start, end):
                word = "".join(row.texts[first:last])
                if last - first >= _fewest(row.words[first]) and not word.isdigit():
                    yield from _of_words(row, word, first, last)


def _stretches(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Places next to each other, as (from, to)."""
    start = places[0]
    for place, after in pairwise((*places, -1)):
        if after != place + 1:
            yield start, place + 1
            start = after


def _fewest(word: Written) -> int:
    return 2 if word.kind & Kind.UNSPACED or _HANGUL.match(word.shown) else _FEWEST_LETTERS


def _letters_of_words(row: Row, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Letters in a row as words: a wider gap than the others ends one, so does a new line."""
    breaks = _breaks(row.boxes[start:end]) if row.boxes else []
    ends = sorted(
        {*(start + place for place in breaks), *range(start + _MOST_LETTERS, end, _MOST_LETTERS), end}
    )
    yield from pairwise((start, *ends))


def _breaks(boxes: Sequence[Box]) -> list[int]:
    is_level = _is_level(boxes)
    spans = [(box.x0, box.x1) if is_level else (box.y0, box.y1) for box in boxes]
    others = [(box.y0, box.y1) if is_level else (box.x0, box.x1) for box in boxes]
    gaps = [after[0] - before[1] for before, after in pairwise(spans)]
    size = median(high - low for low, high in spans)
    usual = median(gaps)
    return [
        place
        for place, (gap, one, other) in enumerate(zip(gaps, others, others[1:], strict=False), start=1)
        if gap > usual + _LETTER_GAP * size or gap < -size or one[1] <= other[0] or other[1] <= one[0]
    ]


def _is_level(boxes: Sequence[Box]) -> bool:
    """Whether letters stand side by side, not below each other."""
    level = sum(one.y0 < other.y1 and other.y0 < one.y1 for one, other in pairwise(boxes))
    return 2 * level >= len(boxes) - 1


def _bridges(row: Row, places: Sequence[int]) -> Iterator[Found]:
    """The two characters on both sides of a line's end, in scripts without spaces."""
    for place, one, other in _neighbours(row, places):
        if other.kind & Kind.UNSPACED and not one.kind & other.kind & Kind.SINGLE:
            before, after = characters(runs(one.shown)[-1]), characters(runs(other.shown)[0])
            if before and after:
                yield Found(before[-1] + after[0], GRAM, place, place + 2)


def _numbers(row: Row, places: Sequence[int]) -> Iterator[Found]:
    """Numbers in groups with spaces between, and numbers with their unit in the next word."""
    for start in places:
        end = start + 1
        while end < min(len(row.words), start + _GROUPS) and _is_next_group(row, start, end):
            end += 1
        is_measured = end < len(row.words) and row.words[end].kind & Kind.UNIT
        if end == start + 1 and not is_measured:
            continue
        found = values(" ".join(_figures(each) for each in row.words[start:end]))
        if end > start + 1:
            yield from (Found(value, VALUE, start, end) for value in found)
        if is_measured and (unit := UNIT_ALONE.fullmatch(row.words[end].shown)):
            yield from (Found(value + unit[1], VALUE, start, end + 1) for value in found)


def _figures(word: Written) -> str:
    found = ALONE.fullmatch(word.shown)
    return found[1] if found else ""


def _is_next_group(row: Row, start: int, place: int) -> bool:
    """Whether a word is three more figures of the number at `start`, as near as figures are."""
    group, before = row.words[place], row.words[place - 1]
    if not group.kind & Kind.NUMBER or not _GROUP.fullmatch(group.shown):
        return False
    if not (_FIRST_GROUP if place == start + 1 else _MIDDLE_GROUP).fullmatch(before.shown):
        return False
    if row.boxes is None:
        return True
    one, other = row.boxes[place - 1], row.boxes[place]
    figure = (one.x1 - one.x0) / len(row.texts[place - 1])
    return abs(other.x0 - one.x1) < _DIGIT_GAP * figure and one.y0 < other.y1 and other.y0 < one.y1


def _named_dates(row: Row, places: Sequence[int]) -> Iterator[Found]:
    """Dates with the name of the month, its day and its year in the words around."""
    for place in places:
        before = list(_near(row.words, range(place - 1, max(place - _NEAR_MONTH, -1), -1)))
        after = list(_near(row.words, range(place + 1, min(place + _NEAR_MONTH, len(row.words)))))
        day = named_day([each for each, _ in before], row.words[place].wholes[0], [each for each, _ in after])
        if day:
            told = {str(int(part)) for part in day.split("-")}
            used = [at for each, at in (*before[:1], *after[:2]) if each.lstrip("0") in told]
            yield from _day(day, min(place, *used), max(place, *used) + 1)


def _near(words: Sequence[Written], places: Iterable[int]) -> Iterator[tuple[str, int]]:
    """Names and figures of words with their places, in the order of the places, without fillers."""
    for place in places:
        for token in names_and_figures(words[place].shown):
            yield token, place


def _signed_dates(row: Row, places: Sequence[int]) -> Iterator[Found]:
    """Dates like 2031年5月17日 whose figures and signs stand apart."""
    for place in places:
        start, end = max(place - 1, 0), min(place + _NEAR_YEAR, len(row.words))
        for day in days("".join(each.shown for each in row.words[start:end])):
            yield from _day(day, start, end)


def _day(day: str, start: int, end: int) -> Iterator[Found]:
    yield Found(day, VALUE, start, end)
    if month_of(day) != day:
        yield Found(month_of(day), PART, start, end)


# What kind of word has to be there for several to make something together.
_TOGETHER: tuple[tuple[int, Callable[[Row, Sequence[int]], Iterator[Found]]], ...] = (
    (Kind.DIVIDED, _divided),
    (Kind.SINGLE, _spaced),
    (Kind.NUMBER, _numbers),
    (Kind.MONTH, _named_dates),
    (Kind.CALENDAR, _signed_dates),
    (Kind.UNSPACED, _bridges),
)
_RARE = sum(kind for kind, _ in _TOGETHER)
