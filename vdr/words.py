"""What counts as a word, for the sparse indexes and for the page reader alike."""

import re
import unicodedata

# Han, Hiragana and Katakana are written without spaces; a word of any other script ends where its letters do.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W_{_UNSPACED}]"
_TERM = re.compile(rf"[{_UNSPACED}]+|{_LETTER}+(?:[.,'-]{_LETTER}+)*")
_ASCII_TERM = re.compile(r"[a-z0-9]+(?:[.,'-][a-z0-9]+)*")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# Letters that Unicode does not take for another one with an accent, though people type them so.
_FOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)

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


def terms(text: str) -> list[str]:
    """The terms of a text in order: lower-case, without accents; numbers keep their inner points and commas.

    Where a script has no spaces, each two neighbouring characters are a term.

    >>> terms("Net sales rose 3.5% to $1,452.4 – São Paulo's best")
    ['net', 'sales', 'rose', '3.5', 'to', '1,452.4', 'sao', "paulo's", 'best']
    """
    if text.isascii():
        return _ASCII_TERM.findall(text.lower())
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'").lower())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).lower().translate(_FOLDED)
    return [part for term in _TERM.findall(plain) for part in _parts(term)]


def _parts(term: str) -> list[str]:
    if len(term) == 1 or not _IS_UNSPACED.match(term):
        return [term]
    return [term[place : place + 2] for place in range(len(term) - 1)]


def query_terms(text: str) -> list[str]:
    """The distinct terms of a question that name something; all of them where none does.

    >>> query_terms("What was the net profit of the year?")
    ['net', 'profit', 'year']
    """
    distinct = list(dict.fromkeys(terms(text)))
    return [term for term in distinct if term not in ASKING_WORDS] or distinct
