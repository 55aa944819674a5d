"""What plans need, by hand."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.tune.sizes import Bytes, sizes_of
from vdr.index import VectorIndex
from vdr.index.edge import EdgeIndex
from vdr.index.schema import IndexSchema
from vdr.search.kept import KeptStep, PlanShape
from vdr.types import PagePoint, PageRef, PageVectors, Quantization, SparseVector, VectorShape

LATE = (KeptStep(reranker="late-interaction", depth=5),)
CROSS = (KeptStep(reranker="models/ce", depth=5),)
SCHEMA = IndexSchema("default", "0123456789abcdef", dims=32, coarse_dims=16, region_dims=8)
Build = Callable[[IndexSchema, list[PagePoint]], VectorIndex]


def page(number: int, *, regions: int = 0) -> PagePoint:
    """Of three terms in all."""
    return PagePoint(
        PageRef("a" * 64, number),
        "a.pdf",
        np.ones(32, np.float32),
        SparseVector((1, 2), (1.0, 1.0)),
        SparseVector((3,), (1.0,)),
        np.ones((regions, 8), np.uint8) if regions else None,
    )


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    opened: list[VectorIndex] = []

    def build_one(schema: IndexSchema, pages: list[PagePoint]) -> VectorIndex:
        opened.append(EdgeIndex.open(tmp_path, schema))
        opened[-1].upsert(pages)
        return opened[-1]

    yield build_one
    for index in opened:
        with closing(index):
            pass


def test_a_plan_needs_the_vectors_of_its_stages(build: Build) -> None:
    sizes = sizes_of(build(SCHEMA, [page(1, regions=4), page(2)]), ["tiny"], has_graph=False)
    assert (sizes.pages, sizes.sampled) == (2, 2)
    words, coarse, full = 2 * 3 * 8, 2 * 16 * 2, 2 * 32 * 2
    plain = sizes.of(PlanShape(candidates=9))
    assert plain == Bytes(words + coarse, words + coarse + full)
    late = sizes.of(PlanShape(candidates=9, rerank=LATE))
    assert late == Bytes(plain.memory, plain.disk + 4 * 8)
    assert sizes.of(PlanShape(candidates=9, rerank=CROSS)) == plain


def test_under_a_graph_vectors_are_searched_in_eight_bits(build: Build) -> None:
    index = build(SCHEMA, [page(1)])
    scanned, graph = (sizes_of(index, ["tiny"], has_graph=each).embedders["tiny"] for each in (False, True))
    links = 2 * 16 * 4
    assert scanned == Bytes(2 * 16, 2 * 16 + 2 * 32)
    assert graph == Bytes(16 + links, 2 * 16 + 16 + links + 2 * 32)


def test_an_embedder_that_is_left_out_needs_nothing(build: Build) -> None:
    more = (VectorShape(16, 16), VectorShape(8, 8, has_many_vectors=True))
    several = replace(SCHEMA, more=more, quantization=Quantization.INT8)
    many = PageVectors(np.ones((3, 8), np.float32), coarse=np.ones(8, np.float32))
    pages = [replace(page(1), more=(PageVectors(np.ones(16, np.float32)), many))]
    sizes = sizes_of(build(several, pages), ["one", "two", "many"], has_graph=False)
    assert sizes.embedders["two"] == Bytes(2 * 16, 2 * 16)  # no coarse one: all of it is searched
    assert sizes.embedders["many"] == Bytes(3 * 8 + 2 * 8, (2 + 1) * 3 * 8 + 2 * 8)
    every, fewer = sizes.of(PlanShape(candidates=9)), sizes.of(PlanShape(candidates=9, without=("many",)))
    assert every.disk - fewer.disk == sizes.embedders["many"].disk
