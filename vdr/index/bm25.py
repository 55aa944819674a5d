"""BM25 as sparse vectors: term weights on the page's side, counts on the query's; the engine adds the idf.

With tf the weighted count of a term in a page of `length` words, the page's weight is

    tf (k1 + 1) / (tf + k1 (1 - b + b length / AVERAGE_WORDS))

and the score of a page is the sum over query terms of idf x weight (Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009). idf is Qdrant's modifier: it follows the corpus as
pages come and go. An occurrence counts as much as the reader trusts it, and up to four times where it is
printed larger than the page's other words: a heading says what the page is about. The other forms that a word
may be asked for in count a share of it (vdr.words); however often they stand there, they come to no more than
that share of what the word itself may come to.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from vdr.prints import print_weights
from vdr.types import SparseVector, Word
from vdr.words.forms import LONGEST_REMEMBERED, SINGLE, written
from vdr.words.sequence import found_together, row_of

# docs/decisions/0014-print.md has what other values give.
K1 = 0.9
B = 0.9
# Mean terms a page over 1,426 pages of reports, protocols and filings: 381 (median 369). It is a constant
# because a stored weight must not change when other pages arrive.
AVERAGE_WORDS = 380.0


def page_terms(words: Sequence[Word]) -> SparseVector:
    """The sparse vector of a page's words, of the text layer or read from pixels.

    What makes a page long is the words that it has, not the forms that they may be asked for in.
    """
    row = row_of([word.text for word in words], [word.box for word in words])
    counted = [word.confidence * large for word, large in zip(words, print_weights(words), strict=True)]
    weights: dict[str, float] = {}
    for text, weight in zip(row.texts, counted, strict=True):
        weights[text] = weights.get(text, 0.0) + weight
    counts: dict[int, float] = {}
    shares: dict[int, float] = {}
    length = 0.0
    for text, weight in weights.items():
        hashed = _hashed(text, row.languages)
        length += hashed.words * weight
        for index, share in hashed.terms:
            counts[index] = counts.get(index, 0.0) + share * weight
            shares[index] = max(share, shares.get(index, 0.0))
    for term, share, start, end in found_together(row):
        index = term_index(term)
        counts[index] = counts.get(index, 0.0) + share * min(counted[start:end])
        shares[index] = max(share, shares.get(index, 0.0))
    norm = K1 * (1 - B + B * length / AVERAGE_WORDS)
    weighed = {index: min(tf / (tf + norm), shares[index]) for index, tf in counts.items() if tf > 0}
    return _sparse({index: (K1 + 1) * weight for index, weight in weighed.items()})


class _Hashed(NamedTuple):
    """The terms of a word by their dimension, each with its share, and how many words it is."""

    terms: tuple[tuple[int, float], ...]
    words: int


def _hashed(text: str, languages: tuple[str, ...]) -> _Hashed:
    return (_remembered if len(text) <= LONGEST_REMEMBERED else _hash)(text, languages)


def _hash(text: str, languages: tuple[str, ...]) -> _Hashed:
    word = written(text, languages)
    whole = [(term_index(term), 1.0) for term in word.wholes]
    forms = [(term_index(term), share) for term, share in word.forms]
    singles = [(term_index(term), SINGLE) for term in word.singles]
    return _Hashed((*whole, *forms, *singles), len(whole))


_remembered = lru_cache(16_384)(_hash)


def query_terms(terms: Sequence[str], weights: Mapping[str, float] | None = None) -> SparseVector:
    """The sparse vector of a query: each term with how often it is asked for, or `weights` in their place."""
    sums: dict[int, float] = {}
    for term, weight in (weights or Counter(terms)).items():
        index = term_index(term)
        sums[index] = sums.get(index, 0.0) + weight
    return _sparse(sums)


@lru_cache(maxsize=65_536)
def term_index(term: str) -> int:
    """The dimension of a term: a 32-bit hash, the same on every machine.

    Two terms may collide; in a vocabulary of a million words a given word does with a chance of 1 in 4,300.
    Their counts then add up, which costs a little precision on that word and nothing else; in return no
    vocabulary is kept.
    """
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "little")


def _sparse(weights: Mapping[int, float]) -> SparseVector:
    ordered = sorted(weights.items())
    return SparseVector(tuple(i for i, _ in ordered), tuple(w for _, w in ordered))
