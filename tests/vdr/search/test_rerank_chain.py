"""Rerankers in a chain: what is planned, and what each does with the best of the one before."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.fixtures.reranker import DarkestFirst, MostOfTheQuestion, darkness
from vdr.errors import NotFound
from vdr.index import IndexSchema, VectorIndex
from vdr.models.reranker import LoadedStep
from vdr.objects.store import ObjectStore
from vdr.search.execute import execute
from vdr.search.plan import SearchPlan, plan_search
from vdr.search.request import in_documents
from vdr.search.reranking import decoded
from vdr.search.stages import LateInteractionStage
from vdr.settings import SearchSettings
from vdr.types import Candidate, PagePoint, PageRef, QueryVectors, SearchMode, SearchRequest, Stage

Plan = Callable[..., SearchPlan]
MakeQuery = Callable[..., QueryVectors]
Search = Callable[..., list[Candidate]]
LATE = LoadedStep()
WORDS, IMAGES = LoadedStep(MostOfTheQuestion()), LoadedStep(DarkestFirst())
BY_LATE = "rerank: late interaction of 3 tokens x 8 over the best"
BY_WORDS = "rerank: most-of-the-question over the words of the best"
BY_IMAGES = "rerank: darkest-first over the images of the best"
QUESTION = "net sales rose"


def told(plan: SearchPlan) -> list[str]:
    return [str(stage) for stage in plan.rerank]


def deep(step: LoadedStep, depth: int) -> LoadedStep:
    return replace(step, depth=depth)


def pages_of(found: list[Candidate]) -> list[PageRef]:
    return [candidate.page for candidate in found]


class TestPlan:
    def test_the_chain_is_planned_and_printed_in_order(self, plan: Plan) -> None:
        asked = plan(rerankers=[deep(LATE, 50), deep(WORDS, 20), deep(IMAGES, 10)])
        assert told(asked) == [f"{BY_LATE} 50", f"{BY_WORDS} 20", f"{BY_IMAGES} 10"]
        assert str(asked).splitlines()[-3:] == [f"  {line}" for line in told(asked)]

    def test_without_a_depth_it_is_that_of_the_step_before(self, plan: Plan) -> None:
        assert told(plan(rerankers=[LATE, WORDS])) == [f"{BY_LATE} 20", f"{BY_WORDS} 20"]
        asked = plan(rerankers=[LATE, deep(WORDS, 7), IMAGES])
        assert told(asked) == [f"{BY_LATE} 20", f"{BY_WORDS} 7", f"{BY_IMAGES} 7"]

    def test_an_image_skips_what_reads_words(self, plan: Plan) -> None:
        asked_with: dict[str, Any] = {"text": None, "image": Image.new("RGB", (8, 8))}
        assert told(plan(rerankers=[LATE, WORDS, IMAGES], **asked_with)) == [
            f"{BY_LATE} 20",
            f"{BY_IMAGES} 20",
        ]
        assert told(plan(rerankers=[deep(WORDS, 7)], **asked_with)) == [f"{BY_LATE} 20"]  # as without it

    @pytest.mark.parametrize("mode", SearchMode)
    def test_text_mode_skips_late_interaction(self, plan: Plan, mode: SearchMode) -> None:
        asked = plan(mode=mode, rerankers=[deep(LATE, 50), deep(WORDS, 20)])
        assert told(asked) == [f"{BY_LATE} 50", f"{BY_WORDS} 20"][mode is SearchMode.TEXT :]
        assert bool(plan(mode=mode, rerankers=[LATE]).rerank) is (mode is not SearchMode.TEXT)

    def test_an_index_without_regions_skips_late_interaction(
        self, schema: IndexSchema, make_query: MakeQuery
    ) -> None:
        plain, request = replace(schema, region_dims=None), SearchRequest(QUESTION)
        asked = plan_search(request, make_query(), plain, SearchSettings(), rerankers=[LATE, WORDS])
        assert told(asked) == [f"{BY_WORDS} 50"]

    def test_reranking_can_be_turned_off(self, plan: Plan) -> None:
        chain = [deep(LATE, 50), deep(WORDS, 20)]
        assert plan(rerankers=chain, rerank_candidates=0).rerank == ()
        assert plan(rerankers=chain, rerank=False).rerank == ()

    def test_no_chain_is_late_interaction(self, plan: Plan) -> None:
        for chain in ([], [LATE], [deep(LATE, 20)]):
            [stage] = plan(rerankers=chain).rerank
            assert isinstance(stage, LateInteractionStage)
            assert stage.candidates == 20


class TestExecute:
    @pytest.fixture
    def search(self, edge: VectorIndex, shown: list[PagePoint], objects: ObjectStore, plan: Plan) -> Search:
        edge.upsert(shown)

        def find(*chain: LoadedStep, **asked: Any) -> list[Candidate]:
            made = plan(rerankers=chain, **{"text": QUESTION, **asked})
            return list(execute(made, edge, objects, chain).candidates)

        return find

    def test_no_chain_is_late_interaction_to_the_last_bit(self, search: Search) -> None:
        assert search() == search(LATE) == search(deep(LATE, 20))
        assert any(Stage.LATE_INTERACTION in found.stages for found in search())

    def test_each_reorders_its_best_and_the_rest_follow(self, search: Search) -> None:
        words, images = MostOfTheQuestion(), DarkestFirst()
        late = search(deep(LATE, 16))
        read = search(deep(LATE, 16), deep(WORDS, 12))
        found = search(deep(LATE, 16), LoadedStep(words, 12), LoadedStep(images, 4))
        # The first document's words are gone, so those of its pages that it should have read are left out.
        gone = {candidate.page for candidate in late[:12] if candidate.page.document_id == "0" * 64}
        assert sorted(pages_of(read)) == sorted(set(pages_of(late)) - gone)
        assert pages_of(read)[12 - len(gone) :] == pages_of(late)[12:]
        assert gone and pages_of(read)[: 12 - len(gone)] != [p for p in pages_of(late)[:12] if p not in gone]
        assert [len(pages) for _, pages in words.asked] == [12 - len(gone)]
        assert images.asked == [(QUESTION, 4)]
        assert sorted(pages_of(found)[:4]) == sorted(pages_of(read)[:4]) and found[:4] != read[:4]
        assert found[4:] == read[4:]

    def test_each_leaves_its_score_of_two_cross_encoders_the_last(
        self, search: Search, objects: ObjectStore
    ) -> None:
        late = {each.page: each for each in search(deep(LATE, 16))}
        read = search(deep(LATE, 16), deep(WORDS, 12))
        found = search(deep(LATE, 16), deep(WORDS, 12), deep(IMAGES, 4))
        for each in found[:4]:
            shade = darkness(decoded(objects.page_image(each.page)))
            assert each.score == each.stages[Stage.CROSS_ENCODER] == shade
        scored = [Stage.CROSS_ENCODER in each.stages for each in found]
        assert scored == [True] * sum(scored) + [False] * (len(found) - sum(scored)) and sum(scored) > 4
        assert [each.score for each in found[4:]] == [each.score for each in read[4:]]
        for each in found:
            stages = {**each.stages}
            stages.pop(Stage.CROSS_ENCODER, None)
            assert stages == late[each.page].stages

    def test_pages_that_are_gone_are_replaced_however_the_list_is_cut(self, search: Search) -> None:
        chain = deep(WORDS, 16), deep(IMAGES, 12)
        whole = search(*chain, limit=1_000)
        assert len(whole) < 20
        assert [each for n in range(len(whole)) for each in search(*chain, limit=1, offset=n)] == whole

    def test_pages_that_are_gone_at_every_step_leave_no_gap(
        self, search: Search, shown: list[PagePoint], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = in_documents([f"{n}" * 64 for n in (1, 2, 3)])
        unread, unseen, *others = pages_of(search(rerank=False, filter=here))

        def fail(page: PageRef, gone: PageRef) -> None:
            if page == gone:
                raise NotFound("It was deleted meanwhile.")

        read, seen = ObjectStore.page_print, ObjectStore.page_image
        monkeypatch.setattr(ObjectStore, "page_print", lambda at, page: fail(page, unread) or read(at, page))
        monkeypatch.setattr(ObjectStore, "page_image", lambda at, page: fail(page, unseen) or seen(at, page))
        found = search(deep(WORDS, 1), deep(IMAGES, 1), limit=1, filter=here)
        assert pages_of(found) == others[:1]

    def test_what_nothing_recognizes_is_not_reranked(
        self, edge: VectorIndex, objects: ObjectStore, plan: Plan, shown: list[PagePoint]
    ) -> None:
        edge.upsert(shown)
        words = MostOfTheQuestion()
        chain = [LATE, LoadedStep(words)]
        nothing = QueryVectors(np.zeros(32, np.float32), dense_weight=0.0)
        assert list(execute(plan(nothing, rerankers=chain), edge, objects, chain).candidates) == []
        assert words.asked == []
