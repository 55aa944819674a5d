"""What a plan runs for each mode and query, and how it prints."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from vdr.errors import IndexMismatch
from vdr.index.plan import SearchPlan, plan_search
from vdr.index.schema import IndexSchema, coarse_embedding
from vdr.types import DocumentFilter, QueryVectors, SearchMode, Stage

Plan = Callable[..., SearchPlan]
MakeQuery = Callable[..., QueryVectors]


def sparse_stages(plan: SearchPlan) -> list[Stage]:
    return [stage.stage for stage in plan.sparse]


def test_hybrid_looks_at_pixels_and_text_layer(plan: Plan) -> None:
    built = plan(mode=SearchMode.HYBRID)
    assert built.dense is not None
    assert sparse_stages(built) == [Stage.TEXT, Stage.READ]
    assert built.rerank is not None


def test_visual_never_looks_at_the_text_layer(plan: Plan) -> None:
    built = plan(mode=SearchMode.VISUAL)
    assert built.dense is not None
    assert sparse_stages(built) == [Stage.READ]
    assert built.rerank is not None


def test_text_looks_at_nothing_else(plan: Plan) -> None:
    built = plan(mode=SearchMode.TEXT)
    assert (built.dense, built.rerank) == (None, None)
    assert sparse_stages(built) == [Stage.TEXT]


@pytest.mark.parametrize("mode", SearchMode)
def test_query_without_terms_skips_sparse_stages(plan: Plan, mode: SearchMode, make_query: MakeQuery) -> None:
    assert plan(make_query(terms=()), mode=mode).sparse == ()
    assert plan(make_query(terms=("—",)), mode=mode).sparse == ()


def test_query_that_means_nothing_skips_the_dense_stage(plan: Plan) -> None:
    assert plan(QueryVectors(np.zeros(32, np.float32), terms=("net",))).dense is None


def test_coarse_query_is_the_truncated_embedding(plan: Plan, make_query: MakeQuery) -> None:
    query = make_query()
    dense = plan(query).dense
    assert dense is not None
    assert dense.coarse is not None
    np.testing.assert_array_equal(dense.coarse, coarse_embedding(query.embedding, 16))


def test_no_coarse_stage_where_it_is_not_stored(schema: IndexSchema, make_query: MakeQuery) -> None:
    built = plan_search(
        make_query(),
        replace(schema, coarse_dims=32),
        mode=SearchMode.VISUAL,
        limit=5,
        filter=DocumentFilter(),
        candidates=10,
        rerank_candidates=0,
    )
    assert built.dense is not None
    assert built.dense.coarse is None
    assert str(built.dense) == "full 32 dims -> 10 pages, weight 1"


def test_no_rerank_when_turned_off_or_without_tokens(plan: Plan, make_query: MakeQuery) -> None:
    assert plan(rerank_candidates=0).rerank is None
    assert plan(make_query(tokens=0)).rerank is None
    assert plan(QueryVectors(make_query().embedding, np.zeros((0, 8), np.float32))).rerank is None


def test_no_rerank_where_the_index_has_no_regions(schema: IndexSchema, make_query: MakeQuery) -> None:
    plain = replace(schema, region_dims=None)
    built = plan_search(
        make_query(),
        plain,
        mode=SearchMode.HYBRID,
        limit=5,
        filter=DocumentFilter(),
        candidates=10,
        rerank_candidates=10,
    )
    assert built.rerank is None


def test_stages_fetch_at_least_what_is_asked_for(plan: Plan) -> None:
    built = plan(limit=80, candidates=50)
    assert built.dense is not None
    assert {built.dense.candidates, *(stage.candidates for stage in built.sparse)} == {80}


def test_vectors_of_another_model_are_refused(plan: Plan) -> None:
    with pytest.raises(IndexMismatch, match="query embedding has shape 64, the index holds 32"):
        plan(QueryVectors(np.ones(64, np.float32)))
    with pytest.raises(IndexMismatch, match="query token matrix has shape 3 x 9, the index holds n x 8"):
        plan(QueryVectors(np.ones(32, np.float32), np.ones((3, 9), np.float32)))


def test_plan_prints_its_stages(plan: Plan, make_query: MakeQuery) -> None:
    assert str(plan(filter=DocumentFilter(("doc1", "doc2")))).splitlines() == [
        "hybrid search for 20 pages of 2 document(s)",
        "  coarse 16 dims -> 50 pages -> full 32 dims -> 50 pages, weight 1",
        "  text 3 terms -> 50 pages, weight 1",
        "  read 3 terms -> 50 pages, weight 1",
        "  documents by their pages and names",
        "  fusion: reciprocal ranks, k = 10",
        "  rerank: late interaction of 3 tokens x 8 over the best 20",
    ]
    assert str(plan(make_query(terms=()), mode=SearchMode.TEXT)).splitlines() == [
        "text search for 20 pages of all documents",
        "  fusion: reciprocal ranks, k = 10",
    ]
