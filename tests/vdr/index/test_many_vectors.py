"""Many full embeddings a page, in both engines: stored as they are, compared by MaxSim, quantized."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qdrant_client import QdrantClient

from tests.scale.qdrant_stand_in import qdrant_stand_in
from vdr.errors import IndexMismatch
from vdr.index import EdgeIndex, IndexSchema, Nearest, VectorIndex
from vdr.index.qdrant import QdrantIndex, _request, connect
from vdr.index.schema import COARSE, FULL, is_quantized, point_id
from vdr.models.many_vectors import many_page, many_query, mean_of
from vdr.types import FloatArray, PagePoint, PageRef, PageVectors, Quantization, VectorShape
from vdr.vectors import truncate

DIMS, PAGES = 32, 40
SCHEMA = IndexSchema("default", "0123456789abcdef", DIMS, DIMS, has_many_vectors=True)
HALF = 1e-3  # of a cosine, in half precision


def rows(seed: int, count: int) -> FloatArray:
    drawn = np.random.default_rng(seed).normal(size=(count, DIMS)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def point(number: int) -> PagePoint:
    page = many_page(rows(number, 1 + number % 7))
    return PagePoint(PageRef("doc", number), "doc.pdf", page.embedding, coarse=page.coarse)


POINTS = [point(number) for number in range(1, PAGES + 1)]
QUERY = many_query(rows(99, 5), 1.0)


@pytest.fixture(params=["edge", "qdrant", "http"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    if request.param == "edge":
        with closing(EdgeIndex.open(tmp_path, SCHEMA)) as edge:
            yield edge
    elif request.param == "qdrant":
        yield QdrantIndex(QdrantClient(":memory:"), SCHEMA)
    else:
        with qdrant_stand_in() as server, closing(connect(server.address, None)) as client:
            yield QdrantIndex(client, SCHEMA)


def max_sim(query: FloatArray, page: FloatArray) -> float:
    return float((query @ page.T).max(axis=1).sum())


def expected(points: Sequence[PagePoint]) -> dict[str, float]:
    return {point_id(SCHEMA, each.page): max_sim(QUERY.embedding, each.embedding) for each in points}


def test_every_page_is_ranked_by_max_sim(index: VectorIndex) -> None:
    index.upsert(POINTS)
    (found,) = index.nearest([Nearest(FULL, QUERY.embedding, PAGES)])
    wanted = expected(POINTS)
    assert dict(found) == pytest.approx(wanted, abs=HALF)
    ranked = [name for name, _ in sorted(found, key=lambda each: -each[1])]
    assert ranked[:10] == sorted(wanted, key=lambda name: -wanted[name])[:10]


def test_candidates_are_found_by_their_coarse_embedding(index: VectorIndex) -> None:
    index.upsert(POINTS)
    coarse = mean_of(QUERY.embedding)
    nearest = sorted(POINTS, key=lambda each: -float(mean_of(each.embedding) @ coarse))[:10]
    (found,) = index.nearest([Nearest(FULL, QUERY.embedding, 10, Nearest(COARSE, coarse, 10))])
    assert dict(found) == pytest.approx(expected(nearest), abs=HALF)


def test_pages_come_back_as_they_were_stored(index: VectorIndex) -> None:
    index.upsert(POINTS)
    back = {each.page: each for each in index.points()}
    for stored in POINTS:
        found = back[stored.page]
        assert found.coarse is not None
        assert found.embedding == pytest.approx(stored.embedding, abs=HALF)
        assert found.coarse == pytest.approx(stored.coarse, abs=HALF)
    (embedding,) = index.page_embeddings(PageRef("doc", 6)) or ()
    assert embedding.shape == (7, DIMS)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(POINTS[0], embedding=np.ones(DIMS, np.float32)),
        replace(POINTS[0], embedding=rows(1, 3)[:, :16]),
        replace(POINTS[0], coarse=None),
        replace(POINTS[0], coarse=np.ones(16, np.float32)),
    ],
)
def test_vectors_of_another_shape_are_refused(index: VectorIndex, wrong: PagePoint) -> None:
    with pytest.raises(IndexMismatch, match="has shape"):
        index.upsert([wrong])
    assert index.count() == 0


@pytest.mark.parametrize("changes", [{"has_many_vectors": False}, {"quantization": Quantization.INT8}])
def test_an_index_is_opened_as_it_was_built(tmp_path: Path, changes: dict[str, object]) -> None:
    EdgeIndex.open(tmp_path, SCHEMA).close()
    with pytest.raises(IndexMismatch):
        EdgeIndex.open(tmp_path, replace(SCHEMA, **changes))  # type: ignore[arg-type]
    EdgeIndex.open(tmp_path, SCHEMA).close()


@pytest.mark.parametrize("quantization", [Quantization.INT8, Quantization.BINARY])
def test_quantized_vectors_rank_almost_as_well(tmp_path: Path, quantization: Quantization) -> None:
    schema = replace(SCHEMA, quantization=quantization)
    with closing(EdgeIndex.open(tmp_path, schema)) as index:
        index.upsert(POINTS)
        index.build()
        (found,) = index.nearest([Nearest(FULL, QUERY.embedding, PAGES)])
    wanted = expected(POINTS)
    best = sorted(wanted, key=lambda name: -wanted[name])[:10]
    ranked = [name for name, _ in sorted(found, key=lambda each: -each[1])][:10]
    assert len({*best} & {*ranked}) >= (9 if quantization is Quantization.INT8 else 5)


@pytest.mark.parametrize("quantization", Quantization)
def test_the_best_of_the_quantized_can_be_compared_in_full(
    tmp_path: Path, quantization: Quantization
) -> None:
    schema = replace(SCHEMA, quantization=quantization)
    rough = Nearest(FULL, QUERY.embedding, 20, Nearest(COARSE, mean_of(QUERY.embedding), PAGES))
    exact = Nearest(FULL, QUERY.embedding, 10, rough, is_exact=True)
    with closing(EdgeIndex.open(tmp_path, schema)) as index:
        index.upsert(POINTS)
        index.build()
        roughly, exactly = (dict(found) for found in index.nearest([rough, exact]))
    wanted = expected(POINTS)
    assert len(exactly) == 10
    assert exactly == pytest.approx({name: wanted[name] for name in exactly}, abs=HALF)
    best = sorted(roughly, key=lambda name: -wanted[name])[:10]
    assert exactly.keys() == {*best}


def test_a_server_is_asked_for_what_is_stored_where_that_is_wanted() -> None:
    schema = replace(SCHEMA, quantization=Quantization.BINARY)
    rough = Nearest(FULL, QUERY.embedding, 20, Nearest(COARSE, mean_of(QUERY.embedding), PAGES))
    asked: Any = _request(Nearest(FULL, QUERY.embedding, 10, rough, is_exact=True), None, {FULL, COARSE})
    params = []
    for _ in range(3):
        params.append(asked.params.quantization)
        asked = asked.prefetch[0] if asked.prefetch else None
    assert [each.ignore for each in params] == [True, False, False]
    assert [each.rescore for each in params[1:]] == [False, False]
    assert is_quantized(FULL, schema)


SEVERAL = replace(
    SCHEMA, has_many_vectors=False, more=(VectorShape(16, 8), VectorShape(DIMS, DIMS, has_many_vectors=True))
)


def of_several(number: int) -> PagePoint:
    single, many = rows(number, 1)[0], many_page(rows(number + 200, 3))
    other = truncate(rows(number + 100, 1), 16)[0]
    return PagePoint(PageRef("doc", number), "doc.pdf", single, more=(PageVectors(other), many))


def test_the_vectors_of_several_embedders_are_kept_apart(tmp_path: Path) -> None:
    points = [of_several(number) for number in range(1, 9)]
    with closing(EdgeIndex.open(tmp_path, SEVERAL)) as edge:
        check_several(edge, points)
    check_several(QdrantIndex(QdrantClient(":memory:"), SEVERAL), points)


def check_several(index: VectorIndex, points: Sequence[PagePoint]) -> None:
    index.upsert(points)
    wanted = points[3]
    names = [(named.full, vectors) for named, vectors in zip(SEVERAL.vectors[1:], wanted.more, strict=True)]
    asked = [Nearest(FULL, wanted.embedding, 1), *(Nearest(name, each.embedding, 1) for name, each in names)]
    found = index.nearest(asked)
    assert [best[0][0] for best in found] == [point_id(SEVERAL, wanted.page)] * 3
    stored = index.page_embeddings(wanted.page) or ()
    made = (wanted.embedding, *(each.embedding for each in wanted.more))
    for found_rows, made_rows in zip(stored, made, strict=True):
        assert found_rows == pytest.approx(made_rows, abs=HALF)
    back = {each.page: each for each in index.points()}[wanted.page]
    for one, other in zip(back.more, wanted.more, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=HALF)
    check_replaced(index, points[4], points[5])
    with pytest.raises(IndexMismatch, match="vectors of 2 embedders, not of 3"):
        index.upsert([replace(wanted, more=wanted.more[:1])])


def check_replaced(index: VectorIndex, changed: PagePoint, by: PagePoint) -> None:
    """A page has other embeddings of the second and third embedder, and is found by them; all else stays."""
    index.set_embeddings("doc", {changed.page.page_number: (None, *by.more)})
    index.set_embeddings("doc", {})
    stored = index.page_embeddings(changed.page) or ()
    made = (changed.embedding, *(each.embedding for each in by.more))
    for found, wanted in zip(stored, made, strict=True):
        assert found == pytest.approx(wanted, abs=HALF)
    tokens = SEVERAL.vectors[2]
    coarse = Nearest(tokens.coarse, mean_of(by.more[1].embedding), 2)
    (best,) = index.nearest([Nearest(tokens.full, by.more[1].embedding, 2, coarse)])
    assert {point for point, _ in best} == {point_id(SEVERAL, each.page) for each in (changed, by)}
