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
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vdr.prints import print_weights
from vdr.types import SparseVector, Word
from vdr.words.forms import LONGEST_REMEMBERED, SINGLE, written
from vdr.words.sequence import found_together, row_of

_Integers = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
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
    hashed = [_hashed(text, row.languages) for text in weights]
    length = sum(each.words * weight for each, weight in zip(hashed, weights.values(), strict=True))
    together = list(found_together(row))
    indices = [*chain.from_iterable(each.indices for each in hashed), *(term_index(t.term) for t in together)]
    shares = [*chain.from_iterable(each.shares for each in hashed), *(found.share for found in together)]
    times = np.concatenate(
        [
            np.repeat([*weights.values()], [len(each.indices) for each in hashed]),
            [min(counted[found.start : found.end]) for found in together],
        ]
    )
    return _weighed(np.array(indices, np.int64), np.array(shares), times, length)


def _weighed(indices: _Integers, shares: _Floats, times: _Floats, length: float) -> SparseVector:
    """Occurrences by their dimension, their share and how often each counts, of a page of `length` words."""
    distinct, places = np.unique(indices, return_inverse=True)
    tf = np.bincount(places, shares * times)
    most = np.zeros(len(distinct))
    np.maximum.at(most, places, shares)
    present = tf > 0
    tf, most = tf[present], most[present]
    weights = (K1 + 1) * np.minimum(tf / (tf + K1 * (1 - B + B * length / AVERAGE_WORDS)), most)
    return SparseVector(tuple(distinct[present].tolist()), tuple(weights.tolist()))


class _Hashed(NamedTuple):
    """The terms of a word by their dimension, the share of each, and how many words it is."""

    indices: tuple[int, ...]
    shares: tuple[float, ...]
    words: int


def _hashed(text: str, languages: tuple[str, ...]) -> _Hashed:
    return (_remembered if len(text) <= LONGEST_REMEMBERED else _hash)(text, languages)


def _hash(text: str, languages: tuple[str, ...]) -> _Hashed:
    word = written(text, languages)
    shares = (
        *(1.0 for _ in word.wholes),
        *(share for _, share in word.forms),
        *(SINGLE for _ in word.singles),
    )
    return _Hashed(tuple(map(term_index, word.terms)), shares, len(word.wholes))


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
