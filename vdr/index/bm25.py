"""BM25 as sparse vectors: term weights on the page's side, counts on the query's; the engine adds the idf.

With tf the weighted count of a term in a page of `length` words, the page's weight is

    tf (k1 + 1) / (tf + k1 (1 - b + b length / AVERAGE_WORDS))

and the score of a page is the sum over query terms of idf x weight (Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009). idf is Qdrant's modifier: it follows the corpus as
pages come and go. An occurrence counts as much as the reader trusts it, and up to four times where it is
printed larger than the page's other words: a heading says what the page is about.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

from vdr.prints import print_weights
from vdr.types import SparseVector, Word
from vdr.words import terms as split

# docs/decisions/0014-print.md has what other values give.
K1 = 0.9
B = 0.9
# Mean terms a page over 1,426 pages of reports, protocols and filings: 381 (median 369). It is a constant
# because a stored weight must not change when other pages arrive.
AVERAGE_WORDS = 380.0


def page_terms(words: Sequence[Word]) -> SparseVector:
    """The sparse vector of a page's words, of the text layer or read from pixels."""
    counted = zip(words, print_weights(words), strict=True)
    return _saturated(
        (term, word.confidence * weight) for word, weight in counted for term in split(word.text)
    )


def query_terms(terms: Sequence[str], weights: Mapping[str, float] | None = None) -> SparseVector:
    """The sparse vector of a query: each term with how often it is asked for, or `weights` in their place."""
    weighted = weights.items() if weights else ((part, 1.0) for term in terms for part in split(term))
    return _sparse(_sums(weighted))


@lru_cache(maxsize=65_536)
def term_index(term: str) -> int:
    """The dimension of a term: a 32-bit hash, the same on every machine.

    Two terms may collide; in a vocabulary of a million words a given word does with a chance of 1 in 4,300.
    Their counts then add up, which costs a little precision on that word and nothing else; in return no
    vocabulary is kept.
    """
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "little")


def _saturated(occurrences: Iterable[tuple[str, float]]) -> SparseVector:
    counts = _sums(occurrences)
    norm = K1 * (1 - B + B * sum(counts.values()) / AVERAGE_WORDS)
    return _sparse({index: tf * (K1 + 1) / (tf + norm) for index, tf in counts.items()})


def _sums(occurrences: Iterable[tuple[str, float]]) -> dict[int, float]:
    sums: dict[int, float] = {}
    for term, weight in occurrences:
        if weight > 0:
            index = term_index(term)
            sums[index] = sums.get(index, 0.0) + weight
    return sums


def _sparse(weights: Mapping[int, float]) -> SparseVector:
    ordered = sorted(weights.items())
    return SparseVector(tuple(i for i, _ in ordered), tuple(w for _, w in ordered))
