"""Spellings of a word that is likely misspelt: what it may be if one letter went wrong.

A letter was left out, typed twice or added, typed instead of another, or two neighbours changed places: edits
at a distance of one by Damerau ("A technique for computer detection and correction of spelling errors",
1964), who found 80 % of all mistakes to be one of these.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

# Letters as they are compared, without accents, in rows as they stand on the keyboard most used for them.
_KEYBOARDS = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("ицукенгшщзх", "фывапролджэ", "ячсмитьбю"),
    ("ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"),
)
_VOWELS = frozenset("aeiouyаеиоуыэюяαειουηω")
_SHORTEST, _LONGEST = 4, 20  # letters; shorter words are one letter from many others
# How likely each mistake is beside others; none of them tells much, but what is likely breaks ties.
_SWAPPED = 1.0
_DOUBLED = 1.0  # one letter of two left out, or typed twice
_ONE_MORE_OR_LESS = 0.5
_NEAR = 0.5  # for one next to it on the keyboard, or a vowel for another
_ANOTHER = 0.25
_FIRST = 0.4  # people seldom mistake the first letter of a word


def may_be_misspelt(word: str) -> bool:
    """Whether a word, as it is compared, is one whose spellings can be told: of letters, and long enough.

    >>> may_be_misspelt("quaterly"), may_be_misspelt("kx-7721"), may_be_misspelt("pnp")
    (True, False, False)
    """
    return _SHORTEST <= len(word) <= _LONGEST and _alphabet_of(word) is not None


def spellings(word: str) -> dict[str, float]:
    """The words that are one mistake away from a word, each with how likely that mistake is, from 0 to 1.

    >>> found = spellings("revnue")
    >>> found["revenue"], found["revneu"], "revenues" in found
    (0.5, 1.0, False)
    """
    alphabet = _alphabet_of(word)
    found: dict[str, float] = {}
    for spelling, place, mistake in _edits(word, alphabet) if alphabet else ():
        likely = mistake * (_FIRST if place == 0 else 1.0)
        if spelling != word and likely > found.get(spelling, 0.0):
            found[spelling] = likely
    return found


def _edits(word: str, alphabet: str) -> Iterator[tuple[str, int, float]]:
    """Each spelling with the place of the letter that it changes, and how likely that is."""
    near = _near_keys(alphabet)
    for place, letter in enumerate(word):
        before, after = word[:place], word[place + 1 :]
        yield before + after, place, _added_likely(letter, before[-1:] + after[:1])
        if after:
            yield before + after[0] + letter + after[1:], place, _SWAPPED
        for other in alphabet:
            is_near = other in near[letter] or (other in _VOWELS and letter in _VOWELS)
            yield before + other + after, place, _NEAR if is_near else _ANOTHER
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        for other in alphabet:
            yield before + other + after, place, _added_likely(other, before[-1:] + after[:1])


def _added_likely(letter: str, around: str) -> float:
    """How likely it is that a letter was typed once too often between these, or not typed."""
    return _DOUBLED if letter in around else _ONE_MORE_OR_LESS


@lru_cache
def _near_keys(alphabet: str) -> dict[str, frozenset[str]]:
    """The letters next to each on its keyboard, in the same row and in those above and below."""
    rows = next(rows for rows in _KEYBOARDS if "".join(rows) == alphabet)
    where = {letter: (n, place) for n, row in enumerate(rows) for place, letter in enumerate(row)}
    return {
        letter: frozenset(
            other
            for other, (m, at) in where.items()
            if other != letter and abs(n - m) <= 1 and abs(place - at) <= 1
        )
        for letter, (n, place) in where.items()
    }


_ALPHABETS = tuple("".join(rows) for rows in _KEYBOARDS)
_PATTERNS = tuple((re.compile(f"[{alphabet}]+"), alphabet) for alphabet in _ALPHABETS)


def _alphabet_of(word: str) -> str | None:
    return next((alphabet for pattern, alphabet in _PATTERNS if pattern.fullmatch(word)), None)
