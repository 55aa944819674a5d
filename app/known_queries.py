"""What searches were answered and how queries were embedded, kept in memory for those who ask the same again.

An answer is kept together with everything that it follows from: the request, the rows of its collection and
generation, and which change of the index it has seen (docs/decisions/0027-load.md). So nothing has to be
thrown away when documents come, change or go: what was kept before is not asked for any more.
"""

from dataclasses import replace

from indexer.library import Library
from vdr.index import VectorIndex
from vdr.remembered import Remembered
from vdr.types import QueryInput, QueryVectors, SearchRequest, SearchResult

_BYTES_A_CHARACTER = 4  # of a result as Python writes it: what it takes in memory
_BYTES_A_TERM = 250


class KnownQueries:
    """Answers and vectors that take `most_bytes` at most, half of it each. Threads may share one."""

    def __init__(self, most_bytes: int) -> None:
        self._answers = Remembered[str, SearchResult](most_bytes // 2)
        self._vectors = Remembered[tuple[str, str], QueryVectors](most_bytes // 2)

    def answer(self, key: str | None) -> SearchResult | None:
        """The answer to the same request on the same state of a collection; see `key_of`."""
        return None if key is None else self._answers.get(key)

    def keep_answer(self, key: str | None, result: SearchResult) -> None:
        """Keep an answer, unless a search may answer better next time: with more time, or of a sound page."""
        if (
            key is not None
            and self._answers.most_bytes
            and not result.left_out
            and all(hit.snippet.text for hit in result.hits)
        ):
            self._answers.put(key, replace(result, timings_ms={}), _BYTES_A_CHARACTER * len(repr(result)))

    def vectors(self, fingerprint: str, query: QueryInput) -> QueryVectors | None:
        """What the embedder of this fingerprint has made of a text."""
        return self._vectors.get((fingerprint, query)) if isinstance(query, str) else None

    def keep_vectors(self, fingerprint: str, query: QueryInput, vectors: QueryVectors) -> None:
        """Keep the vectors of a text."""
        if isinstance(query, str):
            self._vectors.put((fingerprint, query), vectors, _size_bytes(vectors))


def key_of(request: SearchRequest, library: Library, index: VectorIndex) -> str | None:
    """What an answer follows from; None where that cannot be told, and for images, which are not compared.

    Written out, as 1 and true are equal. It has to be told before the search begins: a change that comes
    meanwhile makes another one.
    """
    if index.changes is None or request.image is not None:
        return None
    return f"{library.collection} {library.generation} {index.changes} {request}"


def _size_bytes(vectors: QueryVectors) -> int:
    numbers = vectors.embedding.nbytes + (0 if vectors.tokens is None else vectors.tokens.rows.nbytes)
    terms = len(vectors.terms) + len(vectors.forms) + len(vectors.related) + len(vectors.term_weights)
    return numbers + _BYTES_A_TERM * (1 + terms) + sum(map(_size_bytes, vectors.more))
