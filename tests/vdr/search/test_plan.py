"""What a plan runs for each mode and query, and how it prints."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.fixtures.reranker import DarkestFirst
from vdr.errors import IndexMismatch
from vdr.index.bm25 import term_index
from vdr.index.schema import IndexSchema, RegionType, coarse_embedding
from vdr.models.reranker import LoadedStep
from vdr.search.plan import SearchPlan, plan_search
from vdr.search.request import in_documents
from vdr.search.stages import CrossEncoderStage
from vdr.settings import SearchSettings
from vdr.types import (
    Condition,
    Effort,
    Not,
    Operator,
    Quantization,
    QueryTokens,
    QueryVectors,
    SearchMode,
    SearchRequest,
    SparseVector,
    Stage,
    VectorShape,
)

Plan = Callable[..., SearchPlan]
MakeQuery = Callable[..., QueryVectors]
IMAGES = [LoadedStep(DarkestFirst())]


def tokens(count: int, width: int) -> QueryTokens:
    return QueryTokens(np.ones((count, width), np.uint8))


def sparse_stages(plan: SearchPlan) -> list[Stage]:
    return [stage.stage for stage in plan.sparse]


def test_hybrid_looks_at_pixels_and_text_layer(plan: Plan) -> None:
    built = plan(mode=SearchMode.HYBRID)
    assert built.dense is not None
    assert sparse_stages(built) == [Stage.TEXT, Stage.READ]
    assert built.late_interaction is not None


def test_visual_never_looks_at_the_text_layer(plan: Plan) -> None:
    built = plan(mode=SearchMode.VISUAL)
    assert built.dense is not None
    assert sparse_stages(built) == [Stage.READ]
    assert built.late_interaction is not None


def test_text_looks_at_nothing_else(plan: Plan) -> None:
    built = plan(mode=SearchMode.TEXT)
    assert (built.dense, built.rerank) == ((), ())
    assert sparse_stages(built) == [Stage.TEXT]


@pytest.mark.parametrize("mode", SearchMode)
def test_query_without_terms_skips_sparse_stages(plan: Plan, mode: SearchMode, make_query: MakeQuery) -> None:
    assert plan(make_query(terms=()), mode=mode).sparse == ()


def test_a_page_can_reach_what_the_terms_asked_for_reach_alone(plan: Plan, make_query: MakeQuery) -> None:
    """Related words stand for them; of very many, the heaviest stand for the rest."""
    query = make_query(terms=("net", "sales"))
    weighted = replace(query, term_weights={"net": 0.5, "sales": 1.0, "revenue": 0.2})
    for stage in plan(weighted).sparse:
        assert len(stage.terms.indices) == 3
        assert [word.alone.indices for word in stage.reach] == [(term_index("sales"),), (term_index("net"),)]
        assert [word.weight for word in stage.reach] == [1.0, 0.5]
        assert stage.reach_scale == 1.0
    many = plan(make_query(terms=tuple(f"word{n}" for n in range(256)))).sparse[0]
    assert (len(many.reach), many.reach_scale) == (64, 4.0)


def test_query_that_means_nothing_skips_the_dense_stage(plan: Plan) -> None:
    assert plan(QueryVectors(np.zeros(32, np.float32), terms=("net",))).dense == ()


def test_coarse_query_is_the_truncated_embedding(plan: Plan, make_query: MakeQuery) -> None:
    query = make_query()
    (dense,) = plan(query).dense
    assert dense.coarse is not None
    np.testing.assert_array_equal(dense.coarse, coarse_embedding(query.embedding, 16))


def test_no_coarse_stage_where_it_is_not_stored(schema: IndexSchema, make_query: MakeQuery) -> None:
    request, settings = SearchRequest("?", mode=SearchMode.VISUAL), SearchSettings(candidates=10)
    built = plan_search(request, make_query(), replace(schema, coarse_dims=32), settings)
    (dense,) = built.dense
    assert dense.coarse is None
    assert str(dense) == "full 32 dims -> 10 pages, weight 1"


@pytest.mark.parametrize(
    ("pages", "effort", "found"),
    [
        (0, Effort.BALANCED, 200),
        (784, Effort.BALANCED, 200),
        (78_400, Effort.BALANCED, 2_000),
        (78_400, Effort.FAST, 500),
        (78_400, Effort.BEST, 4_000),
    ],
)
def test_the_more_pages_there_are_the_more_are_found_by_coarse_embeddings(
    schema: IndexSchema, make_query: MakeQuery, pages: int, effort: Effort, found: int
) -> None:
    request, narrow = SearchRequest("?", effort=effort), replace(schema, coarse_dims=8)
    (dense,) = plan_search(request, make_query(), narrow, SearchSettings(), pages=pages).dense
    assert dense.coarse_candidates == found
    assert dense.candidates == {Effort.FAST: 50, Effort.BALANCED: 200, Effort.BEST: 400}[effort]


def test_half_of_the_dimensions_find_what_is_needed(schema: IndexSchema, make_query: MakeQuery) -> None:
    (dense,) = plan_search(SearchRequest("?"), make_query(), schema, SearchSettings(), pages=10**6).dense
    assert dense.coarse_candidates == 200


def test_every_embedder_has_a_stage_of_its_own(schema: IndexSchema, make_query: MakeQuery) -> None:
    several = replace(schema, more=(VectorShape(16, 16), VectorShape(8, 8, has_many_vectors=True)))
    rows = np.ones((3, 8), np.float32)
    others = (QueryVectors(rows[0].repeat(2), dense_weight=0.5), QueryVectors(rows, coarse=rows[0]))
    asked = replace(make_query(), more=others)
    built = plan_search(SearchRequest("?", mode=SearchMode.VISUAL), asked, several, SearchSettings())
    assert [stage.stage for stage in built.dense] == [Stage.FULL, Stage.FULL_2, Stage.FULL_3]
    assert [stage.weight for stage in built.dense] == [1.0, 0.5, 1.0]
    assert [None if stage.coarse is None else stage.coarse.size for stage in built.dense] == [16, None, 8]
    told = "coarse 8 dims -> 1000 pages -> full_3 MaxSim of 3 x 8 dims -> 200 pages, weight 1"
    assert str(built.dense[2]) == told
    alone = plan_search(SearchRequest("?"), make_query(), several, SearchSettings())
    assert [stage.stage for stage in alone.dense] == [Stage.FULL]


@pytest.mark.parametrize(
    ("mode", "stages"),
    [
        (SearchMode.HYBRID, (Stage.TEXT, Stage.READ)),
        (SearchMode.TEXT, (Stage.TEXT,)),
        (SearchMode.VISUAL, (Stage.READ,)),
    ],
)
def test_words_to_leave_out_are_looked_up_where_the_mode_looks(
    schema: IndexSchema, make_query: MakeQuery, mode: SearchMode, stages: tuple[Stage, ...]
) -> None:
    request = SearchRequest("net sales on page 3 -marine -page 7", mode=mode)
    built = plan_search(request, make_query(), schema, SearchSettings())
    assert [(word.text, word.stages) for word in built.excluded] == [("marine", stages), ("page", stages)]
    assert built.excluded[0].terms == (SparseVector((term_index("marine"),), (1.0,)),)
    assert "without pages that say marine" in str(built)
    assert built.place is not None and str(built.place.places) == "page 3"


@pytest.mark.parametrize(("limit", "exact"), [(10, 50), (80, 80), (500, 200)])
def test_of_quantized_vectors_the_best_pages_are_compared_in_full(
    schema: IndexSchema, limit: int, exact: int
) -> None:
    many = replace(schema, coarse_dims=8, dims=8, has_many_vectors=True, quantization=Quantization.BINARY)
    rows = np.ones((3, 8), np.float32)
    asked = QueryVectors(rows, coarse=rows[0])
    (stage,) = plan_search(SearchRequest("?", limit=limit), asked, many, SearchSettings()).dense
    told = "coarse 8 dims -> 1000 pages -> full MaxSim of 3 x 8 dims -> 200 pages"
    assert str(stage) == f"{told} -> {exact} in full, weight 1"
    plain = replace(many, quantization=Quantization.NONE)
    (stage,) = plan_search(SearchRequest("?", limit=limit), asked, plain, SearchSettings()).dense
    assert str(stage) == f"{told}, weight 1"


def test_no_rerank_when_turned_off_or_without_tokens(plan: Plan, make_query: MakeQuery) -> None:
    assert plan(rerank_candidates=0).rerank == ()
    assert plan(rerank=False).rerank == ()
    assert plan(make_query(tokens=0)).rerank == ()
    assert plan(QueryVectors(make_query().embedding, tokens(0, 8))).rerank == ()


def test_no_rerank_where_the_index_has_no_regions(schema: IndexSchema, make_query: MakeQuery) -> None:
    plain = replace(schema, region_dims=None)
    assert plan_search(SearchRequest("?"), make_query(), plain, SearchSettings()).rerank == ()


@pytest.mark.parametrize("mode", SearchMode)
def test_a_cross_encoder_takes_the_place_of_late_interaction(plan: Plan, mode: SearchMode) -> None:
    [stage] = plan(mode=mode, rerankers=IMAGES).rerank
    assert isinstance(stage, CrossEncoderStage)
    assert (stage.query, stage.candidates) == ("a question", 20)
    assert plan(mode=mode, rerankers=IMAGES, rerank=False).rerank == ()
    assert plan(mode=mode, rerankers=IMAGES, rerank_candidates=0).rerank == ()


def test_a_cross_encoder_is_shown_the_image_that_was_asked_for(plan: Plan) -> None:
    image = Image.new("RGB", (8, 8))
    [stage] = plan(rerankers=IMAGES, text=None, image=image).rerank
    assert isinstance(stage, CrossEncoderStage)
    assert stage.query is image


def test_limit_and_offset_change_no_stage(plan: Plan) -> None:
    one, other = plan(limit=80, candidates=50), plan(limit=1, offset=300, candidates=50)
    for built in (one, other):
        assert built.late_interaction is not None
        depths = {built.dense[0].candidates, *(stage.candidates for stage in built.sparse)}
        assert (depths, built.late_interaction.candidates) == ({50}, 20)


def test_vectors_of_another_model_are_refused(plan: Plan) -> None:
    with pytest.raises(IndexMismatch, match="query embedding has shape 64; the index expects 32"):
        plan(QueryVectors(np.ones(64, np.float32)))
    with pytest.raises(IndexMismatch, match="query token matrix has shape 3 x 9; the index expects n x 8"):
        plan(QueryVectors(np.ones(32, np.float32), tokens(3, 9)))


def test_tokens_of_another_type_than_the_regions_are_refused(
    schema: IndexSchema, make_query: MakeQuery
) -> None:
    floats = replace(schema, region_type=RegionType.FLOAT16)
    with pytest.raises(IndexMismatch, match="query token matrix is of uint8, the index expects float16"):
        plan_search(SearchRequest("?"), make_query(), floats, SearchSettings())


def test_plan_prints_its_stages(plan: Plan, make_query: MakeQuery) -> None:
    assert str(plan(filter=in_documents(("doc1", "doc2")))).splitlines() == [
        "hybrid search for 20 pages where document_id $in 2 values",
        "  coarse 16 dims -> 50 pages -> full 32 dims -> 50 pages, weight 1",
        "  text 3 terms -> 50 pages, weight 0.9",
        "  read 3 terms -> 50 pages, weight 0.9",
        "  documents by their pages and names",
        "  fusion: shares of the question",
        "  rerank: late interaction of 3 tokens x 8 over the best 20",
    ]
    assert str(plan(make_query(terms=()), mode=SearchMode.TEXT)).splitlines() == [
        "text search for 20 pages",
        "  fusion: shares of the question",
    ]
    assert str(plan(rerankers=IMAGES)).endswith("\n  rerank: darkest-first over the images of the best 20")


def test_plan_prints_its_cut_and_its_filter(plan: Plan) -> None:
    one = Condition("document_id", Operator.EQ, "doc1")
    first = str(plan(filter=one, offset=40)).splitlines()[0]
    assert first == "hybrid search for 20 pages after the first 40 where document_id $eq doc1"
    assert str(plan(filter=Not(one))).startswith("hybrid search for 20 pages that pass a filter\n")


class TestPlaces:
    def test_a_question_that_names_places_prefers_them(self, plan: Plan) -> None:
        named = plan(text="net margin in Figure 3 on page 12")
        assert named.place is not None
        assert "place page 12, figure 3: pages of the best 10 documents, words of the best 30" in str(named)
        assert "place number 4: pages of the best 10 documents\n" in str(plan(text="net margin on slide 4"))

    @pytest.mark.parametrize("mode", SearchMode)
    def test_others_do_not(self, plan: Plan, mode: SearchMode) -> None:
        assert plan(text="net margin", mode=mode).place is None
        assert "place" not in str(plan(text="net margin", mode=mode))
        assert plan(text=None, mode=mode).place is None

    def test_words_that_name_a_page_are_not_looked_for(self, plan: Plan, make_query: MakeQuery) -> None:
        query = replace(
            make_query(terms=("net", "page", "12")),
            forms={"nets": "net", "pages": "page"},
            related={"sheet": "page"},
            term_weights={"net": 1.0, "nets": 0.8, "page": 0.2, "pages": 0.1, "12": 3.0, "sheet": 0.1},
        )
        built = plan(query, text="net on page 12")
        for stage in built.sparse:
            assert set(stage.terms.indices) == {term_index("net"), term_index("nets")}
            assert [word.text for word in stage.reach] == ["net"]
        assert built.documents is not None
        assert built.documents.name_terms == ("net",)

    def test_the_number_of_a_figure_is_looked_for(self, plan: Plan, make_query: MakeQuery) -> None:
        built = plan(make_query(terms=("figure", "3")), text="figure 3")
        assert [word.text for word in built.sparse[0].reach] == ["3", "figure"]

    def test_words_are_kept_where_there_are_no_others(self, plan: Plan, make_query: MakeQuery) -> None:
        built = plan(make_query(terms=("page", "12")), text="page 12")
        assert len(built.sparse[0].reach) == 2
