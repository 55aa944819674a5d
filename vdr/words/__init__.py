"""What counts as a word, and in which forms people ask for it: one rule for pages, questions and marks.

What is written as one word is a *whole*, a term that counts fully; parts of codes, what numbers and dates
come to, stems, compounds and neighbouring characters are terms that count less.

Imports `vdr.types` only.
Begin with `whole.py`: where words begin and end; `forms.py` has what else each is found by.
"""

from vdr.words.asked import Asked, as_written, asked_terms, asked_words, having_relatives
from vdr.words.dates import MONTHS
from vdr.words.letters import plain
from vdr.words.sequence import Found, Row, found_in, found_together, row_of, wanted_in
from vdr.words.spelling import may_be_misspelt, spellings
from vdr.words.stems import LATIN_LANGUAGES, TELLING_WORDS
from vdr.words.whole import ASKING_WORDS, characters, wholes

__all__ = [
    "ASKING_WORDS",
    "LATIN_LANGUAGES",
    "MONTHS",
    "TELLING_WORDS",
    "Asked",
    "Found",
    "Row",
    "as_written",
    "asked_terms",
    "asked_words",
    "characters",
    "found_in",
    "found_together",
    "having_relatives",
    "may_be_misspelt",
    "plain",
    "query_terms",
    "row_of",
    "spellings",
    "terms",
    "wanted_in",
    "wholes",
]

# Raised with every change of the rule that lets pages have other terms than before: they are split again.
RULE = 4


def terms(text: str) -> list[str]:
    """The terms of a text as a page has them.

    >>> terms("KX-7721-B")
    ['kx-7721-b', 'kx', '7721', 'kx7721b']
    """
    return [found.term for found in found_in(row_of(text.split()))]


def query_terms(text: str) -> list[str]:
    """The distinct terms that a question asks for, its own words first.

    >>> query_terms("What was the net profit of the years?")
    ['net', 'profit', 'years', 'year', 'netprofit']
    """
    return list(asked_terms(text))
