"""What every engine promises; each test runs on the embedded engine and on qdrant-client."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.fixtures.words import said
from tests.vdr.index.conftest import codes
from vdr.errors import IndexMismatch
from vdr.index import IndexSchema, VectorIndex, page_terms, point_id
from vdr.index.edge import EdgeIndex
from vdr.index.plan import SearchPlan
from vdr.index.qdrant import QdrantIndex
from vdr.types import (
    Candidate,
    DocumentFilter,
    FloatArray,
    PagePoint,
    QueryVectors,
    SearchMode,
    SparseVector,
    Stage,
)

MakePage = Callable[..., PagePoint]
MakeQuery = Callable[..., QueryVectors]
Plan = Callable[..., SearchPlan]

# float16 keeps 11 bits, int8 quantization moves a coarse score by about a hundredth.
HALF = 1e-3
# Codes of 8 numbers are kept in steps of 1 / 89.
BYTE = 1 / 80


def pages_of(candidates: list[Candidate]) -> list[tuple[str, int]]:
    return [(c.document_id, c.page_number) for c in candidates]


def naive_maxsim(tokens: FloatArray, regions: FloatArray) -> float:
    return sum(max(float(np.dot(token, region)) for region in regions) for token in tokens)


def assert_same_page(stored: PagePoint, given: PagePoint) -> None:
    assert (stored.document_id, stored.page_number) == (given.document_id, given.page_number)
    assert stored.document_name == given.document_name
    np.testing.assert_allclose(stored.embedding, given.embedding, atol=HALF)
    assert (stored.regions is None) == (given.regions is None)
    if stored.regions is not None and given.regions is not None:
        np.testing.assert_allclose(stored.regions, given.regions, rtol=0, atol=BYTE)
    assert_same_terms(stored.text_terms, given.text_terms)
    assert_same_terms(stored.read_terms, given.read_terms)


def assert_same_terms(stored: SparseVector | None, given: SparseVector | None) -> None:
    assert (stored is None) == (given is None)
    if stored is not None and given is not None:
        assert stored.indices == given.indices
        assert stored.values == pytest.approx(given.values, rel=HALF)


def test_new_index_is_empty(index: VectorIndex, plan: Plan) -> None:
    assert index.count() == index.count("doc0") == 0
    assert index.page_numbers("doc0") == frozenset()
    assert list(index.points()) == []
    assert index.search(plan()) == []


def test_writing_nothing_is_nothing(index: VectorIndex) -> None:
    index.upsert([])
    assert index.count() == 0


def test_counts_and_lists_pages(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    assert index.count() == 20
    assert index.count("doc2") == 5
    assert index.page_numbers("doc2") == frozenset({1, 2, 3, 4, 5})
    assert index.count("nothing") == 0


def test_writing_twice_changes_nothing(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    before = list(index.points())
    index.upsert(library[::-1])
    assert index.count() == 20
    for one, other in zip(before, index.points(), strict=True):
        assert_same_page(one, other)


def test_page_written_again_is_replaced_whole(index: VectorIndex, make_page: MakePage) -> None:
    index.upsert([make_page("doc", 1)])
    changed = replace(make_page("doc", 2, regions=0), page_number=1, text_terms=None)
    index.upsert([changed])
    (stored,) = index.points()
    assert_same_page(stored, changed)


def test_points_come_back_as_they_were_ordered_by_id(
    index: VectorIndex, schema: IndexSchema, library: list[PagePoint]
) -> None:
    index.upsert(library)
    expected = sorted(library, key=lambda p: point_id(schema, p.document_id, p.page_number))
    for stored, page in zip(index.points(), expected, strict=True):
        assert_same_page(stored, page)


def test_listing_goes_on_past_one_page_of_results(index: VectorIndex, make_page: MakePage) -> None:
    index.upsert([make_page("long", n, regions=0) for n in range(1, 151)])
    assert sorted(index.page_keys()) == sorted((p.document_id, p.page_number) for p in index.points())
    ids = [point_id(index.schema, p.document_id, p.page_number) for p in index.points()]
    assert len(ids) == 150
    assert all(one < other for one, other in pairwise(ids))
    assert index.page_numbers("long") == frozenset(range(1, 151))


def test_empty_terms_and_regions_are_stored_as_absent(index: VectorIndex, make_page: MakePage) -> None:
    page = make_page("doc", 1)
    index.upsert([replace(page, text_terms=page_terms(said([])), regions=np.zeros((0, 8), np.float32))])
    (stored,) = index.points()
    assert (stored.text_terms, stored.regions) == (None, None)
    assert stored.read_terms is not None


def test_text_terms_are_replaced_and_nothing_else(
    index: VectorIndex, make_page: MakePage, plan: Plan
) -> None:
    before = [make_page("doc", 1), replace(make_page("doc", 2), text_terms=None), make_page("doc", 3)]
    index.upsert(before)
    stored = list(index.points())
    index.set_text_terms("doc", {1: page_terms(said(["zebra"])), 2: page_terms(said(["zebra", "zebra"]))})
    index.set_text_terms("doc", {})
    found = index.search(plan(QueryVectors(before[0].embedding, terms=("zebra",)), mode=SearchMode.TEXT))
    assert sorted(page for _, page in pages_of(found)) == [1, 2]
    changed = {page.page_number: page for page in index.points()}
    for page in stored:
        after = changed[page.page_number]
        assert after.embedding.tobytes() == page.embedding.tobytes()
        assert (after.read_terms, after.document_name) == (page.read_terms, page.document_name)
        assert (after.text_terms == page.text_terms) == (page.page_number == 3)


def test_deleted_document_is_gone_and_others_stay(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    index.delete_document("doc1")
    index.delete_document("never there")
    assert index.count("doc1") == 0
    assert index.count() == 15
    assert {c.document_id for c in index.search(plan())} == {"doc0", "doc2", "doc3"}


def test_page_finds_itself_first(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    for page in library[:5]:
        query = QueryVectors(page.embedding)
        (best,) = index.search(plan(query, mode=SearchMode.VISUAL, limit=1))
        assert pages_of([best]) == [(page.document_id, page.page_number)]
        assert best.document_name == page.document_name
        assert best.stages[Stage.FULL] == pytest.approx(1.0, abs=HALF)


def test_hits_carry_the_score_of_every_stage_that_saw_them(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    found = index.search(plan())
    assert len(found) == 20
    for c in found:
        assert {Stage.COARSE, Stage.FULL, Stage.FUSION} <= set(c.stages)
        assert (Stage.RERANK in c.stages) == (c.page_number != 4)
        assert 0 < c.score <= 1
        assert c.page_number != 5 or Stage.TEXT not in c.stages


def test_visual_search_never_shows_the_text_layer(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    found = index.search(plan(mode=SearchMode.VISUAL))
    assert all(Stage.TEXT not in c.stages for c in found)
    assert any(Stage.READ in c.stages for c in found)


def test_text_search_shows_nothing_else(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    found = index.search(plan(mode=SearchMode.TEXT))
    assert found
    assert all(set(c.stages) == {Stage.TEXT, Stage.DOCUMENT, Stage.FUSION} for c in found)


def test_the_document_that_a_question_names_comes_first_where_text_is_searched(
    index: VectorIndex, make_page: MakePage, plan: Plan
) -> None:
    told = page_terms(said(["capital", "expenditure"]))
    names = {"a": "NIKE_2018_10K.pdf", "b": "3M_2018_10K.pdf", "c": "AMCOR_2018_10K.pdf"}
    index.upsert(
        [
            replace(make_page(document, 1), document_name=name, text_terms=told, read_terms=told)
            for document, name in names.items()
        ]
    )
    asked = QueryVectors(np.zeros(32, np.float32), terms=("capital", "expenditure", "3m"))
    for mode in (SearchMode.TEXT, SearchMode.HYBRID):
        assert index.search(plan(asked, mode=mode))[0].document_id == "b"
    scores = {c.stages[Stage.DOCUMENT] for c in index.search(plan(asked, mode=SearchMode.VISUAL))}
    assert len(scores) == 1  # names are no pixels


def test_text_score_is_bm25(index: VectorIndex, make_page: MakePage, plan: Plan) -> None:
    words = [["net", "sales", "rose"], ["net", "net", "loss"], ["pump"], []]
    index.upsert(
        [replace(make_page("doc", n), text_terms=page_terms(said(w))) for n, w in enumerate(words, start=1)]
    )
    found = index.search(
        plan(QueryVectors(np.ones(32, np.float32), terms=("net", "sales")), mode=SearchMode.TEXT)
    )
    by_page = {c.page_number: c.stages[Stage.TEXT] for c in found}
    idf_net, idf_sales = np.log((3 - 2 + 0.5) / 2.5 + 1), np.log((3 - 1 + 0.5) / 1.5 + 1)
    norm = 0.9 * (0.1 + 0.9 * 3 / 380)
    assert by_page == {
        1: pytest.approx((idf_net + idf_sales) * 1.9 / (1 + norm), rel=HALF),
        2: pytest.approx(idf_net * 3.8 / (2 + norm), rel=HALF),
    }


def test_limit_cuts_the_same_order(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    assert pages_of(index.search(plan(limit=3))) == pages_of(index.search(plan()))[:3]


def test_filter_keeps_to_its_documents(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    found = index.search(plan(filter=DocumentFilter(("doc1", "doc3", "nothing"))))
    assert {c.document_id for c in found} == {"doc1", "doc3"}
    assert len(found) == 10
    assert index.search(plan(filter=DocumentFilter(("nothing",)))) == []


def test_only_the_best_fused_pages_are_reranked(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    fused = index.search(plan(rerank_candidates=0))
    found = index.search(plan(rerank_candidates=6))
    reranked = [c for c in found if Stage.RERANK in c.stages]
    assert set(pages_of(reranked)) == {page for page in pages_of(fused)[:6] if page[1] != 4}
    assert sorted(pages_of(found)) == sorted(pages_of(fused))


matrices = st.integers(1, 5).flatmap(
    lambda rows: arrays(np.float32, (rows, 8), elements=st.floats(-2, 2, width=16))
)


@given(tokens=matrices, regions=matrices)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rerank_score_is_maxsim(
    index: VectorIndex, make_page: MakePage, plan: Plan, tokens: FloatArray, regions: FloatArray
) -> None:
    page = replace(make_page("doc", 1), regions=codes(regions))
    index.upsert([page])
    (found,) = index.search(plan(QueryVectors(page.embedding, tokens)))
    (stored,) = index.points()
    assert stored.regions is not None
    rounding = len(tokens) * (float(np.abs(tokens).max()) / 80 + HALF)
    assert found.stages[Stage.RERANK] == pytest.approx(naive_maxsim(tokens, stored.regions), abs=rounding)


def test_a_page_read_back_and_written_again_is_the_same(index: VectorIndex, make_page: MakePage) -> None:
    index.upsert([make_page("doc", 1)])
    (before,) = index.points()
    index.upsert([before])
    (after,) = index.points()
    assert before.regions is not None
    assert after.regions is not None
    assert np.array_equal(after.regions, before.regions)


def test_length_of_a_query_token_is_its_weight(index: VectorIndex, make_page: MakePage, plan: Plan) -> None:
    page = make_page("doc", 1)
    index.upsert([page])
    token = np.eye(8, dtype=np.float32)[:1]
    (light,) = index.search(plan(QueryVectors(page.embedding, token)))
    (heavy,) = index.search(plan(QueryVectors(page.embedding, 3 * token)))
    assert heavy.stages[Stage.RERANK] == pytest.approx(3 * light.stages[Stage.RERANK], rel=HALF)


def test_plan_without_stages_finds_nothing(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    assert index.search(plan(QueryVectors(np.zeros(32, np.float32)))) == []


def test_page_of_another_width_is_refused(index: VectorIndex, make_page: MakePage) -> None:
    page = make_page("doc", 1)
    with pytest.raises(IndexMismatch, match="page embedding has shape 16, the index holds 32"):
        index.upsert([replace(page, embedding=page.embedding[:16])])
    with pytest.raises(IndexMismatch, match="region matrix has shape 2 x 9, the index holds n x 8"):
        index.upsert([replace(page, regions=np.ones((2, 9), np.float32))])


def test_flush_loses_nothing(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    index.flush()
    assert index.count() == 20


# Congruence: the same points and plans, two engines, one answer.


@pytest.mark.parametrize("mode", SearchMode)
@pytest.mark.parametrize("rerank_candidates", [0, 6, 20])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_engines_answer_alike(
    *,
    edge: EdgeIndex,
    qdrant: QdrantIndex,
    library: list[PagePoint],
    plan: Plan,
    make_query: MakeQuery,
    mode: SearchMode,
    rerank_candidates: int,
    seed: int,
) -> None:
    edge.upsert(library)
    qdrant.upsert(library)
    for where in (DocumentFilter(), DocumentFilter(("doc0", "doc3"))):
        asked = plan(make_query(seed), mode=mode, rerank_candidates=rerank_candidates, filter=where)
        here, there = edge.search(asked), qdrant.search(asked)
        known = {(c.document_id, c.page_number): c for c in there}
        assert sorted(pages_of(here)) == sorted(known)
        for one, other in zip(here, there, strict=True):
            # Equal places may hold two pages whose scores are equal but for half precision.
            same = known[one.document_id, one.page_number]
            assert one.score == pytest.approx(other.score, rel=HALF, abs=HALF)
            assert one.stages == pytest.approx(same.stages, rel=2e-2, abs=2e-2)


def test_engines_store_alike(edge: EdgeIndex, qdrant: QdrantIndex, library: list[PagePoint]) -> None:
    edge.upsert(library)
    qdrant.upsert(list(edge.points()))
    for one, other in zip(edge.points(), qdrant.points(), strict=True):
        assert_same_page(one, other)
