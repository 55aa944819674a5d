"""Where words begin and end: what is written as one is a term as it stands, its *whole*."""

import re
import unicodedata
from functools import lru_cache

from vdr.words.letters import plain

# Han, Hiragana and Katakana are written without spaces: each two neighbours are a term.
PAIRED = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Thai, Lao, Burmese and Khmer are too, and what a reader takes for one letter there is a letter with its
# marks. Words could be looked up in a dictionary, as ICU does; but a page and a question are then cut
# differently as soon as one has a name or a slip in it, and PyICU comes as source alone, which needs the
# headers of ICU to build. Neighbours always agree.
CLUSTERED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"
    "\u1000-\u103f\u104c-\u109f\u1780-\u17d3\u17dc\u17dd\uaa60-\uaa7f"
)
_BLOCKS = ((0x900, 0x10A0), (0x1780, 0x1800), (0x3099, 0x309B), (0xA8E0, 0xA900), (0xAA60, 0xAA80))
MARKS = "".join(
    chr(code)
    for first, last in _BLOCKS
    for code in range(first, last)
    if unicodedata.category(chr(code)).startswith("M")
)
_STACKERS = "\u17d2\u1039"  # what follows them is written below
LETTER = rf"(?:[^\W_{PAIRED}{CLUSTERED}]|[{MARKS}])"
_TERM = re.compile(rf"[{PAIRED}]+|[{CLUSTERED}]+|{LETTER}+(?:[.,'-]{LETTER}+)*")
_ASCII_TERM = re.compile(r"[a-z0-9]+(?:[.,'-][a-z0-9]+)*")
_CLUSTER = re.compile(rf"[{CLUSTERED}](?:[{_STACKERS}].|[{MARKS}])*")
# English words that ask rather than name: they say nothing about which page answers.
ASKING_WORDS = frozenset(
    """
    a about according all also an and any are as at based be been being between both by can compare could
    did do does during each either for from give given had has have he her his how i if in into is it its
    itself list many me mention mentioned more most much no not of on or our page please provide she should
    show shown so some such tell than that the their them then there these they this those to using was we
    were what when where which while who whom whose why will with would you your
    """.split()  # noqa: SIM905
)

_IS_PAIRED = re.compile(f"[{PAIRED}]")
_IS_CLUSTERED = re.compile(f"[{CLUSTERED}]")


def wholes(text: str) -> list[str]:
    """The words of a text in order: lower-case, without accents; numbers keep their inner points and commas.

    Where a script has no spaces, each two neighbouring characters are one.

    >>> wholes("Net sales rose 3.5% to $1,452.4 – São Paulo's best")
    ['net', 'sales', 'rose', '3.5', 'to', '1,452.4', 'sao', "paulo's", 'best']
    """
    if text.isascii():
        return _ASCII_TERM.findall(text.lower())
    return [whole for run in runs(plain(text)) for whole in _pairs(run)]


def runs(shown: str) -> list[str]:
    """The runs of letters of a plain text: its words, and whole passages of scripts without spaces."""
    return (_ASCII_TERM if shown.isascii() else _TERM).findall(shown)


@lru_cache(256)
def characters(run: str) -> tuple[str, ...]:
    """What a reader of a script without spaces takes for one character each; empty for other scripts."""
    if _IS_PAIRED.match(run):
        return tuple(run)
    return tuple(_CLUSTER.findall(run)) if _IS_CLUSTERED.match(run) else ()


def grams(run: str, size: int) -> list[str]:
    """Each `size` neighbouring characters of a run of a script without spaces."""
    each = characters(run)
    return ["".join(each[start : start + size]) for start in range(len(each) - size + 1)]


def _pairs(run: str) -> list[str]:
    return [run] if run.isascii() else grams(run, 2) or [run]
