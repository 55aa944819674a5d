"""Phrases that a question quotes: pages that have them word for word are preferred.

Quotes mean a title, a heading or an exact wording, but also a word that is only called so. So a page without
the phrase is not left out, and a single word in quotes is a word like any other.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from vdr.search.places import without_examples
from vdr.types import Print

# Of what the other stages leave open, as much as a place that is named.
PHRASE_WEIGHT = 0.8
_FEWEST_WORDS, _MOST_WORDS = 2, 30
# A quotation mark after a figure means inches.
_QUOTED = re.compile(r"(?<!\w)[\"“„«]([^\"“”„«»]+)[\"”“»](?!\w)")
_WORD = re.compile(r"[^\W_]+")


def phrases_in(question: str) -> tuple[str, ...]:
    """The phrases that a question quotes, each once, in lower case and without punctuation.

    >>> phrases_in('How many awards did “The Long Way” and "Tides" win?')
    ('the long way',)
    """
    quoted = _QUOTED.findall(without_examples(question))
    phrases = (" ".join(_WORD.findall(each.lower())) for each in quoted)
    return tuple(dict.fromkeys(each for each in phrases if _FEWEST_WORDS <= len(each.split()) <= _MOST_WORDS))


def without_quoted(question: str) -> str:
    """The question without what stands in quotes, be it one word.

    >>> without_quoted('Is "net sales" defined?')
    'Is   defined?'
    """
    return _QUOTED.sub(" ", question)


def phrase_share(page: Print, phrases: Sequence[str]) -> float:
    """How many of the phrases a page has word for word, in upper or lower case, as a share of them."""
    text = " ".join(page.texts).lower()
    return sum(_pattern(phrase).search(text) is not None for phrase in phrases) / len(phrases)


@lru_cache(64)
def _pattern(phrase: str) -> re.Pattern[str]:
    between = r"[\W_]+"
    return re.compile(rf"(?<![^\W_]){between.join(phrase.split())}(?![^\W_])")
