"""What the vectors that a plan needs take: computed from the shape of the index and its number of pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from vdr.index import VectorIndex
from vdr.index.schema import HNSW_M, IndexSchema, NamedVectors, RegionType
from vdr.rerank_chain import LATE_INTERACTION
from vdr.search.kept import PlanShape
from vdr.types import FloatArray, PagePoint, Quantization

_SAMPLED = 200  # pages, whose ids come in no order of theirs
_TERM = 8  # bytes: a term's index and its weight
_HALF = 2  # bytes of a number in float16
_LINK = 4  # bytes
_BITS = 8
_QUANTIZED = {Quantization.NONE: 0.0, Quantization.INT8: 1.0, Quantization.BINARY: 1 / _BITS}


@dataclass(frozen=True, slots=True)
class Bytes:
    """What is kept on disk, and of it what each search goes through, so that it had better be in memory."""

    memory: float = 0.0
    disk: float = 0.0

    def __add__(self, other: "Bytes") -> "Bytes":
        return Bytes(self.memory + other.memory, self.disk + other.disk)

    def times(self, count: float) -> "Bytes":
        """So many of it."""
        return Bytes(self.memory * count, self.disk * count)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of all pages of an index by part: words, the vectors of each embedder, and regions.

    How many words and vectors a page has is the mean of the `sampled` ones.
    """

    pages: int
    sampled: int
    words: Bytes
    embedders: Mapping[str, Bytes]
    regions: Bytes

    def of(self, shape: PlanShape) -> Bytes:
        """What a plan needs; a reranker that reads or looks at pages needs no vectors."""
        needed = self.words
        for name, size in self.embedders.items():
            needed += Bytes() if name in shape.without else size
        is_late = any(step.reranker == LATE_INTERACTION for step in shape.rerank)
        return needed + self.regions if is_late else needed


def sizes_of(index: VectorIndex, embedders: Sequence[str], *, has_graph: bool) -> Sizes:
    """The sizes of an index by these embedders; `has_graph`: coarse vectors are searched by int8 and HNSW."""
    sample, pages = list(islice(index.points(), _SAMPLED)), index.count()
    schema = index.schema
    vectors = {
        name: _of_embedder(named, _vectors_of(sample, named), schema.quantization, has_graph=has_graph)
        for name, named in zip(embedders, schema.vectors, strict=True)
    }
    return Sizes(
        pages,
        len(sample),
        _of_words(sample).times(pages),
        {name: size.times(pages) for name, size in vectors.items()},
        _of_regions(sample, schema).times(pages),
    )


def _of_embedder(named: NamedVectors, count: float, quantization: Quantization, *, has_graph: bool) -> Bytes:
    """A page's full embedding and its coarse one; beside that the full one is read of candidates alone."""
    shape = named.shape
    if shape.has_many_vectors:
        quantized = _QUANTIZED[quantization] * shape.dims * count
        full = Bytes(quantized, _HALF * shape.dims * count + quantized)
    elif named.has_coarse:
        full = Bytes(0.0, _HALF * shape.dims)
    else:
        return _searched(shape.dims, has_graph=has_graph)
    return full + _searched(shape.coarse_dims, has_graph=has_graph)


def _searched(dims: int, *, has_graph: bool) -> Bytes:
    """A vector that all others are compared with: by a scan, or in int8 under a graph."""
    if not has_graph:
        return Bytes(_HALF * dims, _HALF * dims)
    indexed = dims + 2 * HNSW_M * _LINK
    return Bytes(indexed, _HALF * dims + indexed)


def _of_words(sample: Sequence[PagePoint]) -> Bytes:
    sparse = ((page.text_terms, page.read_terms) for page in sample)
    terms = _mean(sum(len(each.indices) for each in both if each is not None) for both in sparse)
    return Bytes(_TERM * terms, _TERM * terms)


def _of_regions(sample: Sequence[PagePoint], schema: IndexSchema) -> Bytes:
    """Read of candidates alone."""
    numbers = _mean(0 if page.regions is None else page.regions.size for page in sample)
    return Bytes(0.0, (1 if schema.region_type is RegionType.UINT8 else _HALF) * numbers)


def _vectors_of(sample: Sequence[PagePoint], named: NamedVectors) -> float:
    """How many full embeddings a page has by an embedder."""
    embeddings = (_embeddings(page)[named.place - 1] for page in sample)
    return _mean(len(np.atleast_2d(each)) for each in embeddings)


def _embeddings(page: PagePoint) -> list[FloatArray]:
    return [page.embedding, *(each.embedding for each in page.more)]


def _mean(values: Iterator[int]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
