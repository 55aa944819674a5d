"""The baseline: exact BM25 over the text layer, in a few lines of its own and nothing approximate.

    score(page) = sum over the question's words of idf x tf (k1 + 1) / (tf + k1 (1 - b + b length / average))
    idf = ln(1 + (pages - df + 0.5) / (df + 0.5))

with tf and length in words, every word of the question counted as often as it is asked (Robertson and
Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the idf is Lucene's).
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix

K1 = 1.2
B = 0.75
# No stop words and no stemming: the baseline that everybody can repeat.
_WORD = re.compile(r"[a-z0-9]+")

Values = npt.NDArray[np.floating]


def words(text: str) -> list[str]:
    """The words of a text, lower-cased.

    >>> words("Net sales rose 3.5%")
    ['net', 'sales', 'rose', '3', '5']
    """
    return _WORD.findall(text.lower())


class Bm25:
    """Scores the pages of a corpus; `is_empty` where no page holds a word."""

    def __init__(self, pages: Sequence[str], words: Callable[[str], Sequence[str]] = words) -> None:
        """`words` splits a page or a question; those of the baseline are Latin letters and digits."""
        self._words = words
        counts = [Counter(words(page)) for page in pages]
        self._columns = {word: n for n, word in enumerate(dict.fromkeys(w for page in counts for w in page))}
        self._weights = _weights(counts, self._columns)  # (pages, words)

    @property
    def is_empty(self) -> bool:
        """Whether it has nothing to search."""
        return not self._columns

    def scores(self, question: str) -> Values:
        """The score of every page, (pages,); 0 where it holds no word of the question."""
        known = [self._columns[word] for word in self._words(question) if word in self._columns]
        return np.asarray(self._weights[:, known].sum(axis=1), dtype=np.float64).ravel()


def _weights(counts: Sequence[Counter[str]], columns: dict[str, int]) -> csc_matrix:
    rows = np.repeat(np.arange(len(counts)), [len(page) for page in counts])
    places = np.array([columns[word] for page in counts for word in page], dtype=np.intp)
    tf = np.array([count for page in counts for count in page.values()], dtype=np.float64)
    lengths = np.array([page.total() for page in counts], dtype=np.float64)
    df = np.bincount(places, minlength=len(columns))
    idf = np.log(1 + (len(counts) - df + 0.5) / (df + 0.5))
    norm = K1 * (1 - B + B * lengths / max(lengths.mean(), 1.0))
    values = idf[places] * tf * (K1 + 1) / (tf + norm[rows])
    return csc_matrix((values, (rows, places)), shape=(len(counts), len(columns)))
