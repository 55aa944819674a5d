"""Any number of pages made of real ones, each the same whenever it is asked for.

A made page is for the most part one real page, for the rest another one: its embedding is a mean of theirs,
moved along the difference of two more real pages (noise as pages have it, not as a generator does), and its
terms, windows and regions are drawn from those of both. A few of its terms no other page has, as the
vocabulary of real libraries grows with them. Pages of a document follow a real document from page to page.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vdr.index import IndexSchema
from vdr.models.many_vectors import many_page
from vdr.types import FloatArray, PagePoint, PageRef, PageVectors, SparseVector
from vdr.vectors import truncate

PAGES_A_DOCUMENT = 20
# The last document has so many, to be deleted.
LONG_DOCUMENT = 1_000
# Documents have one of so many shelves: a filter by one lets 1 % pass.
SHELVES = 100
PAGES_A_CHUNK = 500
_OWN_SHARES = (0.5, 0.9)  # of a page in its making: the rest is of another one
_NOISE = 0.35  # of the difference of two real pages
_OWN_TERMS = 5


@dataclass(frozen=True)
class _Chunk:
    """Which real pages the pages of a chunk are made of, and how much of the first is in each."""

    first: np.ndarray
    second: np.ndarray
    noise: np.ndarray  # (pages, 2)
    shares: FloatArray


class MadePages:
    """So many pages made of real ones, which an index of the schema gave."""

    def __init__(
        self, real: Sequence[PagePoint], schema: IndexSchema, count: int, regions: int, seed: int = 0
    ) -> None:
        """Each page has at most so many `regions`."""
        self.count, self.schema, self._seed, self._regions = count, schema, seed, regions
        self._given = real
        documents: dict[str, list[PagePoint]] = defaultdict(list)
        for point in sorted(real, key=lambda point: point.page):
            documents[point.page.document_id].append(point)
        self._real = [point for points in documents.values() for point in points]
        self._embeddings = np.stack([point.embedding for point in self._real])
        self._windows = np.concatenate([each.embedding for point in self._real for each in point.more[:1]])
        sizes = [len(points) for points in documents.values()]
        self._documents = list(zip(np.cumsum([0, *sizes[:-1]]).tolist(), sizes, strict=True))

    def fewer(self, count: int) -> "MadePages":
        """So many pages made of the same real ones."""
        return MadePages(self._given, self.schema, count, self._regions, self._seed)

    def embeddings(self) -> Iterator[FloatArray]:
        """The full embeddings (pages, dims) of the first embedder, chunk after chunk."""
        for start in range(0, self.count, PAGES_A_CHUNK):
            yield self._chunk_embeddings(self._chunk(start))

    def points(self) -> Iterator[list[PagePoint]]:
        """The pages, chunk after chunk."""
        for start in range(0, self.count, PAGES_A_CHUNK):
            chunk, rng = self._chunk(start), np.random.default_rng((self._seed, 1, start))
            embeddings = self._chunk_embeddings(chunk)
            yield [self._point(start + n, chunk, n, embeddings[n], rng) for n in range(len(embeddings))]

    def page_at(self, place: int) -> PageRef:
        """The page at this place among all."""
        long = max(self.count - LONG_DOCUMENT, 0)
        if place >= long:
            return PageRef(f"{long // PAGES_A_DOCUMENT + 1}", place - long + 1)
        return PageRef(f"{place // PAGES_A_DOCUMENT + 1}", place % PAGES_A_DOCUMENT + 1)

    def place_of(self, page: PageRef) -> int:
        """The place of a page among all."""
        return (int(page.document_id) - 1) * PAGES_A_DOCUMENT + page.page_number - 1

    @property
    def long_document(self) -> str:
        """The id of the document of LONG_DOCUMENT pages."""
        return self.page_at(self.count - 1).document_id

    def _chunk(self, start: int) -> _Chunk:
        size, real = min(PAGES_A_CHUNK, self.count - start), len(self._real)
        rng = np.random.default_rng((self._seed, 0, start))
        first = np.array([self._followed(self.page_at(start + n)) for n in range(size)])
        return _Chunk(
            first,
            rng.integers(real, size=size),
            rng.integers(real, size=(size, 2)),
            rng.uniform(*_OWN_SHARES, size).astype(np.float32),
        )

    def _followed(self, page: PageRef) -> int:
        """The real page that a page is made of for the most part."""
        rng = np.random.default_rng((self._seed, 2, int(page.document_id)))
        start, size = self._documents[int(rng.integers(len(self._documents)))]
        first = int(rng.integers(size))
        return int(start + (first + page.page_number) % size)

    def _chunk_embeddings(self, chunk: _Chunk) -> FloatArray:
        own, rows = chunk.shares[:, None], self._embeddings
        noise = rows[chunk.noise[:, 0]] - rows[chunk.noise[:, 1]]
        mixed = own * rows[chunk.first] + (1 - own) * rows[chunk.second] + _NOISE * noise
        return truncate(mixed, rows.shape[1])

    def _point(
        self, place: int, chunk: _Chunk, n: int, embedding: FloatArray, rng: np.random.Generator
    ) -> PagePoint:
        one, other, share = self._real[chunk.first[n]], self._real[chunk.second[n]], float(chunk.shares[n])
        page = self.page_at(place)
        regions = None
        if self._regions and one.regions is not None and other.regions is not None:
            regions = _drawn(rng, one.regions, other.regions, share)[: self._regions]
        return PagePoint(
            page,
            f"{page.document_id} {one.document_name}",
            embedding,
            _terms(rng, one.text_terms, other.text_terms, share, place),
            _terms(rng, one.read_terms, other.read_terms, share, place),
            regions,
            page_count=LONG_DOCUMENT if page.document_id == self.long_document else PAGES_A_DOCUMENT,
            metadata={"shelf": int(page.document_id) % SHELVES},
            more=tuple(
                self._windowed(rng, a.embedding, b.embedding, share)
                for a, b in zip(one.more, other.more, strict=True)
            ),
        )

    def _windowed(
        self, rng: np.random.Generator, one: FloatArray, other: FloatArray, share: float
    ) -> PageVectors:
        rows = _drawn(rng, one, other, share)
        pairs = self._windows[rng.integers(len(self._windows), size=(2, len(rows)))]
        return many_page(truncate(rows + _NOISE * (pairs[0] - pairs[1]), rows.shape[1]))


def _drawn(rng: np.random.Generator, one: FloatArray, other: FloatArray, share: float) -> FloatArray:
    """Rows of both, as many as the first has, each at most once."""
    count = max(1, round(share * len(one)))
    kept = one[rng.permutation(len(one))[:count]]
    added = other[rng.permutation(len(other))[: len(one) - count]]
    return np.concatenate([kept, added])


def _terms(
    rng: np.random.Generator, one: SparseVector | None, other: SparseVector | None, share: float, place: int
) -> SparseVector | None:
    """Terms of both, with their weights, and some that no other page has."""
    found = [
        (np.array(terms.indices), np.array(terms.values), part)
        for terms, part in ((one, share), (other, 1 - share))
        if terms is not None
    ]
    if not found:
        return None
    kept = [rng.random(len(indices)) < part for indices, _, part in found]
    own = np.random.default_rng(place).integers(2**32, size=_OWN_TERMS)
    indices = np.concatenate([own, *(each[0][some] for each, some in zip(found, kept, strict=True))])
    values = np.concatenate(
        [np.ones(_OWN_TERMS), *(each[1][some] for each, some in zip(found, kept, strict=True))]
    )
    distinct, first = np.unique(indices, return_index=True)
    return SparseVector(tuple(distinct.tolist()), tuple(values[first].tolist()))
