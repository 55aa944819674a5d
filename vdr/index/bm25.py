"""BM25 as sparse vectors: term weights on the page's side, counts on the query's; the engine adds the idf.

With tf the weighted count of a term in a page of `length` words, the page's weight is

    tf (k1 + 1) / (tf + k1 (1 - b + b length / AVERAGE_WORDS))

and the score of a page is the sum over query terms of idf x weight (Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009). idf is Qdrant's modifier: it follows the corpus as
pages come and go. An occurrence counts as much as the reader trusts it, and up to three times where it is
printed larger than the page's other words: a heading says what the page is about.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from statistics import median

from vdr.types import SparseVector, Word
from vdr.words import terms as split

# docs/decisions/0014-print.md has what other values give.
K1 = 0.9
B = 0.9
_LARGEST_PRINT = 3.0
# A box so much higher than wide holds a word that stands upright: its height is no size of print.
_UPRIGHT = 1.5
# Mean terms a page over 1,426 pages of reports, protocols and filings: 381 (median 369). It is a constant
# because a stored weight must not change when other pages arrive.
AVERAGE_WORDS = 380.0


def page_terms(words: Sequence[Word]) -> SparseVector:
    """The sparse vector of a page's words, of the text layer or read from pixels."""
    counted = zip(words, print_weights(words), strict=True)
    return _saturated(
        (term, word.confidence * weight) for word, weight in counted for term in split(word.text)
    )


def print_weights(words: Sequence[Word]) -> list[float]:
    """How large each word is printed beside the page's others: 1 up to the middle one's size, 3 at most."""
    heights = [_height(word) for word in words]
    usual = median([height for height in heights if height] or [1.0])
    return [min(max(height / usual, 1.0), _LARGEST_PRINT) for height in heights]


def _height(word: Word) -> float:
    height, width = word.box.y1 - word.box.y0, word.box.x1 - word.box.x0
    return 0.0 if height > _UPRIGHT * width and len(word.text) > 2 else height


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
