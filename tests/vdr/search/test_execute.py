"""What a search promises: each test runs on the embedded engine and on qdrant-client."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.reranker import DarkestFirst, MostOfTheQuestion
from tests.fixtures.words import said
from tests.vdr.conftest import unit
from vdr.index import EdgeIndex, VectorIndex, page_terms
from vdr.index.qdrant import QdrantIndex
from vdr.models.reranker import LoadedStep
from vdr.objects.store import ObjectStore
from vdr.page_reader.region_bytes import encode_tokens
from vdr.search.at_places import PLACE_WEIGHT
from vdr.search.execute import execute as found_by
from vdr.search.plan import SearchPlan
from vdr.search.request import in_documents
from vdr.types import (
    Candidate,
    Condition,
    Operator,
    PagePoint,
    PageRef,
    PageWords,
    QueryVectors,
    SearchMode,
    Stage,
)
from vdr.vectors import chance

MakePage = Callable[..., PagePoint]
MakeQuery = Callable[..., QueryVectors]
Plan = Callable[..., SearchPlan]

# float16 keeps 11 bits, int8 quantization moves a coarse score by about a hundredth.
HALF = 1e-3
NOWHERE = unit(np.random.default_rng(11))
IMAGES, WORDS = LoadedStep(DarkestFirst()), LoadedStep(MostOfTheQuestion())
CHAINS = [
    [],
    [IMAGES],
    [LoadedStep(), WORDS, IMAGES],
    [LoadedStep(depth=12), replace(WORDS, depth=9), replace(IMAGES, depth=7)],
]


def execute(*asked: Any) -> list[Candidate]:
    return list(found_by(*asked).candidates)


def pages_of(candidates: list[Candidate]) -> list[PageRef]:
    return [candidate.page for candidate in candidates]


def test_page_finds_itself_first(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    for page in library[:5]:
        query = QueryVectors(page.embedding)
        (best,) = execute(plan(query, mode=SearchMode.VISUAL, limit=1), index)
        assert best.page == page.page
        assert best.document_name == page.document_name
        assert best.stages[Stage.FULL] == pytest.approx(1.0, abs=HALF)


def test_what_no_stage_recognizes_finds_nothing(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    for page in library:  # a direction that no page has anything of
        assert abs(float(page.embedding @ NOWHERE)) < chance(32)
    nothing = QueryVectors(NOWHERE, terms=("asdkjh",), dense_weight=0.3)
    assert execute(plan(nothing), index) == execute(plan(nothing, offset=5), index) == []
    assert execute(plan(replace(nothing, terms=("asdkjh", "sales"))), index)
    assert execute(plan(replace(nothing, embedding=library[0].embedding)), index)


def test_a_model_is_believed_above_what_it_makes_of_nonsense(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    near = library[0].embedding + NOWHERE
    near /= np.float32(np.linalg.norm(near))
    query = QueryVectors(near, terms=("asdkjh",), dense_weight=1.0)
    best = float(near @ library[0].embedding)
    assert best > chance(32)
    assert execute(plan(query), index)
    assert execute(plan(replace(query, noise=best - 0.01)), index)
    assert execute(plan(replace(query, noise=best + 0.01)), index) == []
    assert execute(plan(replace(query, embedding=NOWHERE)), index)  # of a model that nobody knows


@pytest.mark.parametrize("mode", SearchMode)
def test_words_that_no_page_has_are_told_and_cost_their_share(
    index: VectorIndex, library: list[PagePoint], plan: Plan, mode: SearchMode
) -> None:
    index.upsert(library)
    query = QueryVectors(library[0].embedding, terms=("valve", "harbour", "keel"), dense_weight=0.0)
    every = found_by(plan(replace(query, terms=("valve",)), mode=mode, rerank=False), index)
    some = found_by(plan(query, mode=mode, rerank=False), index)
    assert (every.missing, set(some.missing)) == ((), {"harbour", "keel"})
    assert set(pages_of(list(some.candidates))) == set(pages_of(list(every.candidates)))
    weight = plan(mode=mode).sparse[0].weight
    assert max(c.stages[Stage.FUSION] for c in some.candidates) < weight < 1
    if mode is SearchMode.TEXT:  # a word of three, and evidence of the document's other pages
        assert weight / 3 < some.candidates[0].score < weight / 2


@pytest.mark.parametrize("stands_in", ["forms", "related", "name"])
def test_a_word_that_another_stands_for_is_not_missing(
    index: VectorIndex, library: list[PagePoint], plan: Plan, stands_in: str
) -> None:
    query = QueryVectors(NOWHERE, terms=("margin", "valves"))
    index.upsert(library)
    assert found_by(plan(query), index).missing == ("valves",)
    if stands_in == "name":
        index.upsert([replace(page, document_name="valves.pdf") for page in library])
    else:
        query = QueryVectors(NOWHERE, terms=query.terms, **{stands_in: {"valve": "valves"}})  # type: ignore[arg-type]
    assert found_by(plan(query), index).missing == ()


def test_words_are_missing_among_the_pages_searched(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert([replace(page, text_terms=None, read_terms=page_terms(said(["keel"]))) for page in library])
    index.upsert([replace(library[0], text_terms=page_terms(said(["harbour"])))])
    query = QueryVectors(NOWHERE, terms=("harbour",))
    assert found_by(plan(query), index).missing == ()
    assert found_by(plan(query, filter=in_documents(("doc1",))), index).missing == ("harbour",)


def test_a_model_that_looks_is_believed_however_far_its_pages_are(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    assert execute(plan(QueryVectors(NOWHERE, terms=("asdkjh",))), index)


def test_a_vector_that_is_close_finds_the_only_page_of_its_document(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library[:1])
    assert len(execute(plan(QueryVectors(library[0].embedding), mode=SearchMode.VISUAL), index)) == 1


def test_hits_carry_the_score_of_every_stage_that_saw_them(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    found = execute(plan(), index)
    assert len(found) == 20
    for c in found:
        assert {Stage.COARSE, Stage.FULL, Stage.FUSION} <= set(c.stages)
        assert (Stage.LATE_INTERACTION in c.stages) == (c.page.page_number != 4)
        assert 0 < c.score <= 1
        assert c.page.page_number != 5 or Stage.TEXT not in c.stages


def test_visual_search_never_shows_the_text_layer(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    found = execute(plan(mode=SearchMode.VISUAL), index)
    assert all(Stage.TEXT not in c.stages for c in found)
    assert any(Stage.READ in c.stages for c in found)


def test_text_search_shows_nothing_else(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    found = execute(plan(mode=SearchMode.TEXT), index)
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
        assert execute(plan(asked, mode=mode), index)[0].page.document_id == "b"
    scores = {c.stages[Stage.DOCUMENT] for c in execute(plan(asked, mode=SearchMode.VISUAL), index)}
    assert len(scores) == 1  # names are no pixels


def test_what_only_the_text_layer_knows_comes_first_by_default(
    index: VectorIndex, make_page: MakePage, plan: Plan
) -> None:
    """Of twelve pages, one has both words of a question; to the model all are noise, the others' more so."""
    pages = []
    for n in range(1, 13):
        said_here = ["причал", "кран"] if n == 4 else ["причал", *["склад"] * n]
        page = make_page("doc", n, regions=5 if n == 4 else 60)
        pages.append(replace(page, text_terms=page_terms(said(said_here)), read_terms=None))
    index.upsert(pages)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        directions = rng.normal(size=(3, 8)).astype(np.float32)
        tokens = encode_tokens(directions / np.linalg.norm(directions, axis=1, keepdims=True) / 3)
        asked = QueryVectors(unit(rng), tokens, terms=("причал", "кран"), dense_weight=0.3)
        by_text = execute(plan(asked, mode=SearchMode.TEXT), index)
        by_default = execute(plan(asked, mode=SearchMode.HYBRID), index)
        assert by_text[0].page.page_number == by_default[0].page.page_number == 4
        assert any(Stage.LATE_INTERACTION in c.stages for c in by_default)


def test_text_score_is_bm25(index: VectorIndex, make_page: MakePage, plan: Plan) -> None:
    words = [["net", "sales", "rose"], ["net", "net", "loss"], ["pump"], []]
    index.upsert(
        [replace(make_page("doc", n), text_terms=page_terms(said(w))) for n, w in enumerate(words, start=1)]
    )
    found = execute(
        plan(QueryVectors(np.ones(32, np.float32), terms=("net", "sales")), mode=SearchMode.TEXT), index
    )
    by_page = {c.page.page_number: c.stages[Stage.TEXT] for c in found}
    idf_net, idf_sales = np.log((3 - 2 + 0.5) / 2.5 + 1), np.log((3 - 1 + 0.5) / 1.5 + 1)
    norm = 0.9 * (0.1 + 0.9 * 3 / 380)
    assert by_page == {
        1: pytest.approx((idf_net + idf_sales) * 1.9 / (1 + norm), rel=HALF),
        2: pytest.approx(idf_net * 3.8 / (2 + norm), rel=HALF),
    }


def test_limit_cuts_the_same_order(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    assert pages_of(execute(plan(limit=3), index)) == pages_of(execute(plan(), index))[:3]


def test_filter_keeps_to_its_documents(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    found = execute(plan(filter=in_documents(("doc1", "doc3", "nothing"))), index)
    assert {c.page.document_id for c in found} == {"doc1", "doc3"}
    assert len(found) == 10
    assert execute(plan(filter=in_documents(("nothing",))), index) == []


def test_only_the_best_fused_pages_are_reranked(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    fused = execute(plan(rerank_candidates=0), index)
    found = execute(plan(rerank_candidates=6), index)
    reranked = [c for c in found if Stage.LATE_INTERACTION in c.stages]
    assert set(pages_of(reranked)) == {page for page in pages_of(fused)[:6] if page.page_number != 4}
    assert sorted(pages_of(found)) == sorted(pages_of(fused))


def test_plan_without_stages_finds_nothing(index: VectorIndex, library: list[PagePoint], plan: Plan) -> None:
    index.upsert(library)
    assert execute(plan(QueryVectors(np.zeros(32, np.float32))), index) == []


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
    for where in (None, in_documents(("doc0", "doc3"))):
        asked = plan(make_query(seed), mode=mode, rerank_candidates=rerank_candidates, filter=where)
        here, there = execute(asked, edge), execute(asked, qdrant)
        known = {c.page: c for c in there}
        assert sorted(pages_of(here)) == sorted(known)
        for one, other in zip(here, there, strict=True):
            # Equal places may hold two pages whose scores are equal but for half precision.
            same = known[one.page]
            assert one.score == pytest.approx(other.score, rel=HALF, abs=HALF)
            assert one.stages == pytest.approx(same.stages, rel=2e-2, abs=2e-2)


@given(
    cuts=st.lists(st.integers(1, 9), max_size=8),
    mode=st.sampled_from(SearchMode),
    candidates=st.integers(1, 25),
    rerank_candidates=st.integers(0, 25),
    rerankers=st.sampled_from(CHAINS),
    seed=st.integers(0, 5),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_list_is_the_same_however_it_is_cut(
    *,
    index: VectorIndex,
    shown: list[PagePoint],
    objects: ObjectStore,
    plan: Plan,
    make_query: MakeQuery,
    cuts: list[int],
    mode: SearchMode,
    candidates: int,
    rerank_candidates: int,
    rerankers: Sequence[LoadedStep],
    seed: int,
) -> None:
    if not index.count():
        index.upsert(shown)

    def cut(offset: int, limit: int) -> list[Candidate]:
        asked = plan(
            make_query(seed),
            mode=mode,
            candidates=candidates,
            rerank_candidates=rerank_candidates,
            rerankers=rerankers,
            offset=offset,
            limit=limit,
        )
        return execute(asked, index, objects, rerankers)

    whole = cut(0, 1_000)
    parts = [cut(start, end - start) for start, end in pairwise(accumulate([0, *cuts]))]
    assert [found.page for part in parts for found in part] == pages_of(whole[: sum(cuts)])
    scores = [found.score for part in parts for found in part]
    assert scores == pytest.approx([found.score for found in whole[: sum(cuts)]])


def test_an_offset_beyond_the_end_gives_nothing(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    assert len(execute(plan(offset=19), index)) == 1
    assert execute(plan(offset=20), index) == execute(plan(offset=10**30), index) == []


def test_the_list_is_as_long_as_the_candidates_make_it(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    asked = plan(QueryVectors(library[0].embedding), mode=SearchMode.VISUAL, candidates=7)
    assert len(execute(asked, index)) == 7


def test_a_cross_encoder_orders_its_candidates_and_what_follows_keeps_its_place(
    index: VectorIndex, shown: list[PagePoint], objects: ObjectStore, plan: Plan
) -> None:
    index.upsert(shown)
    fused = execute(plan(rerank=False), index)
    reranker = DarkestFirst()
    chain = [LoadedStep(reranker)]
    found = execute(plan(rerank_candidates=8, rerankers=chain), index, objects, chain)
    seen = [candidate for candidate in fused[:8] if candidate.page.document_id != "0" * 64]
    assert reranker.asked == [("a question", len(seen))]
    head, rest = found[: len(seen)], found[len(seen) :]
    assert sorted(pages_of(head)) == sorted(pages_of(seen)) and pages_of(head) != pages_of(seen)
    scores = [candidate.stages[Stage.CROSS_ENCODER] for candidate in head]
    assert scores == [candidate.score for candidate in head] == sorted(scores, reverse=True)
    assert pages_of(rest) == pages_of(fused[8:])
    assert [c.score for c in rest] == pytest.approx([c.score for c in fused[8:]])


def test_late_interaction_orders_its_candidates_and_what_follows_keeps_its_place(
    index: VectorIndex, library: list[PagePoint], plan: Plan
) -> None:
    index.upsert(library)
    fused, found = execute(plan(rerank=False), index), execute(plan(rerank_candidates=8), index)
    assert pages_of(found)[:8] != pages_of(fused)[:8]
    assert sorted(pages_of(found)[:8]) == sorted(pages_of(fused)[:8])
    assert pages_of(found)[8:] == pages_of(fused)[8:]
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("step", "other"), [(IMAGES, MostOfTheQuestion), (WORDS, DarkestFirst)])
def test_a_plan_with_a_cross_encoder_needs_it_and_the_pages(
    index: VectorIndex,
    objects: ObjectStore,
    plan: Plan,
    step: LoadedStep,
    other: type[DarkestFirst | MostOfTheQuestion],
) -> None:
    asked, namesake = plan(rerankers=[step]), other()
    assert execute(asked, index, objects, [step]) == []
    namesake.name = step.name
    for missing in ((None, [step]), (objects, []), (objects, [LoadedStep(namesake)])):
        with pytest.raises(ValueError, match="without what it needs: rerank: "):
            execute(asked, index, *missing)


def numbered(library: list[PagePoint]) -> list[PagePoint]:
    """The library with what filters look at, and one word on all pages."""
    words = page_terms(said(["sales"]))
    return [
        replace(each, page_label=str(each.page.page_number), page_count=5, text_terms=words, read_terms=words)
        for each in library
    ]


class TestPlaces:
    WITHIN = in_documents(("doc1",))

    @pytest.mark.parametrize("mode", [SearchMode.HYBRID, SearchMode.VISUAL])
    @pytest.mark.parametrize(("asked", "number"), [("page 2", 2), ("slide 4", 4), ("the last page", 5)])
    def test_the_page_that_is_named_comes_first(
        self,
        index: VectorIndex,
        library: list[PagePoint],
        plan: Plan,
        mode: SearchMode,
        asked: str,
        number: int,
    ) -> None:
        index.upsert(numbered(library))
        query = QueryVectors(NOWHERE, terms=("sales", "harbour", "keel"), dense_weight=0.3)
        found = execute(plan(query, text=f"sales on {asked}", mode=mode, filter=self.WITHIN), index)
        assert found[0].page == PageRef("doc1", number)
        assert found[0].stages[Stage.PLACE] == pytest.approx(PLACE_WEIGHT)
        assert all(Stage.PLACE not in each.stages for each in found[1:])

    def test_a_label_is_found_by_what_is_printed(
        self, index: VectorIndex, library: list[PagePoint], plan: Plan
    ) -> None:
        labels = ("i", "ii", "1", "2", "3")
        index.upsert([replace(p, page_label=labels[p.page.page_number - 1]) for p in numbered(library)])
        for asked, best in {"page 2": 4, "page ii": 2, "slide 2": 2}.items():
            query = QueryVectors(NOWHERE, terms=("sales", "harbour", "keel", "2"), dense_weight=0.3)
            found = execute(plan(query, text=f"sales on {asked}", filter=self.WITHIN), index)
            assert found[0].page == PageRef("doc1", best)

    def test_a_page_that_answers_clearly_better_stays_first(
        self, index: VectorIndex, library: list[PagePoint], plan: Plan
    ) -> None:
        words = page_terms(said(["harbour", "keel", "anchor"]))
        pages = numbered(library)
        index.upsert([replace(each, text_terms=None, read_terms=None) for each in pages])
        index.upsert([replace(pages[7], text_terms=words)])
        query = QueryVectors(pages[7].embedding, terms=("harbour", "keel", "anchor"))
        found = execute(plan(query, text="harbour, keel, anchor on page 2", filter=self.WITHIN), index)
        assert pages_of(found)[:2] == [pages[7].page, PageRef("doc1", 2)]

    def test_a_place_is_no_filter_and_filters_are_kept(
        self, index: VectorIndex, library: list[PagePoint], plan: Plan
    ) -> None:
        index.upsert(numbered(library))
        query = QueryVectors(NOWHERE, terms=("sales",), dense_weight=0.3)
        every = execute(plan(query, text="sales", filter=self.WITHIN), index)
        found = execute(plan(query, text="sales on page 2", filter=self.WITHIN), index)
        assert set(pages_of(found)) == set(pages_of(every))
        elsewhere = Condition("page_number", Operator.GT, 2)
        found = execute(plan(query, text="sales on page 2", filter=elsewhere), index)
        assert found and all(each.page.page_number > 2 for each in found)

    def test_in_a_corpus_the_document_counts_too(
        self, index: VectorIndex, library: list[PagePoint], plan: Plan
    ) -> None:
        pages = numbered(library)
        index.upsert([replace(each, text_terms=None, read_terms=None) for each in pages])
        index.upsert([replace(each, text_terms=page_terms(said(["harbour"]))) for each in pages[6:8]])
        query = QueryVectors(NOWHERE, terms=("harbour", "keel", "anchor"), dense_weight=0.3)
        found = execute(plan(query, text="harbour on page 4", rerank=False), index)
        assert found[0].page == PageRef("doc1", 4)
        others = [each for each in found if each.page.page_number == 4 and each.page.document_id != "doc1"]
        assert all(each.score < found[1].score for each in others)

    def test_a_page_beyond_the_candidates_is_fetched(
        self, index: VectorIndex, library: list[PagePoint], plan: Plan
    ) -> None:
        index.upsert(numbered(library))
        query = QueryVectors(library[5].embedding, terms=(), dense_weight=1.0)
        assert len(execute(plan(query, filter=self.WITHIN, candidates=1), index)) == 1
        found = execute(plan(query, text="on page 4", filter=self.WITHIN, candidates=1), index)
        assert PageRef("doc1", 4) in pages_of(found)

    def test_words_that_name_a_page_are_neither_missing_nor_cost_anything(
        self, index: VectorIndex, library: list[PagePoint], plan: Plan
    ) -> None:
        index.upsert(numbered(library))
        plain = QueryVectors(NOWHERE, terms=("sales",), dense_weight=0.3)
        asked = replace(plain, terms=("sales", "slide", "17"))
        found = found_by(plan(asked, text="sales on slide 17"), index)
        expected = execute(plan(plain, text="sales"), index)
        assert (pages_of(list(found.candidates)), found.missing) == (pages_of(expected), ())
        scores = [each.score for each in expected]
        assert [each.score for each in found.candidates] == pytest.approx(scores)

    def test_a_page_that_alone_is_asked_for_is_found(
        self, index: VectorIndex, library: list[PagePoint], plan: Plan
    ) -> None:
        index.upsert(numbered(library))
        query = QueryVectors(NOWHERE, terms=("page", "2"), dense_weight=0.3)
        found = found_by(plan(query, text="page 2", filter=self.WITHIN, rerank=False), index)
        assert (found.candidates[0].page, found.missing) == (PageRef("doc1", 2), ())
        assert not found_by(plan(query, text="page 9", filter=self.WITHIN, rerank=False), index).candidates

    def test_what_no_word_tells_is_found_in_its_document_alone(
        self, index: VectorIndex, library: list[PagePoint], plan: Plan
    ) -> None:
        index.upsert(numbered(library))
        query = QueryVectors(NOWHERE, terms=("scarf",), dense_weight=0.3)
        within = execute(plan(query, text="scarf on page 2", filter=self.WITHIN, rerank=False), index)
        assert within[0].page == PageRef("doc1", 2)
        for limit in (1, 20):
            assert execute(plan(query, text="scarf on page 2", rerank=False, limit=limit), index) == []

    def test_captions_are_read_on_the_best_pages(
        self, edge: EdgeIndex, shown: list[PagePoint], objects: ObjectStore, plan: Plan
    ) -> None:
        edge.upsert(numbered(shown))
        page = shown[12].page
        objects.put_page_words(page, PageWords(tuple(said(["Figure", "3"]))))
        query = QueryVectors(NOWHERE, terms=("sales", "figure"), dense_weight=0.3)
        for mode in SearchMode:
            found = execute(plan(query, text="sales in Figure 3", mode=mode), edge, objects)
            best = [each.page for each in found if Stage.PLACE in each.stages]
            assert best == ([] if mode is SearchMode.VISUAL else [page])
        missing = execute(plan(query, text="sales in Figure 3"), edge)  # without the words of pages
        assert all(Stage.PLACE not in each.stages for each in missing)
