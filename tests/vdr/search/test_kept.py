"""The plan that a collection keeps: what default searches go by, and what all others do."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from tests.fixtures.calibrations import calibration, logistic
from tests.fixtures.reranker import DarkestFirst, MostOfTheQuestion
from vdr.errors import CursorExpired, NotCalibrated
from vdr.index.schema import IndexSchema
from vdr.models.reranker import LoadedStep
from vdr.search.calibration import MadeWith, ModeCalibration
from vdr.search.cursors import cursor_of, scope_of, shown_before
from vdr.search.kept import (
    KeptPlan,
    KeptStep,
    PlanShape,
    Tuned,
    default_shape,
    fitted_to,
    kept_plan,
    read_plan,
    tuned_by,
)
from vdr.search.plan import SearchPlan, plan_search
from vdr.settings import SearchSettings
from vdr.types import Effort, PageRef, QueryVectors, SearchMode, SearchRequest, Stage, VectorShape

MODELS = MadeWith(embedder="first, second", dims=32, rerankers=("darkest-first", "most-of-the-question"))
LATE = KeptStep(reranker="late-interaction", depth=20)
WORDS = KeptStep(reranker="most-of-the-question", depth=10)
CHAIN = [LoadedStep(DarkestFirst()), LoadedStep(MostOfTheQuestion(), 7)]
ASKED = SearchRequest("harbour fees")
FITTED = ModeCalibration(hit=logistic(1.0), answerable=logistic(1.0))
MakeQuery = Callable[..., QueryVectors]


def kept(shape: PlanShape, fitted: ModeCalibration | None = None) -> KeptPlan:
    tuned_at = datetime(2026, 3, 1, tzinfo=UTC)
    return KeptPlan(shape=shape, made_with=MODELS, tuned_at=tuned_at, questions=60, calibration=fitted)


def tuned(fitted: ModeCalibration | None = None, **shape: Any) -> Tuned:
    return tuned_by(PlanShape(**{"candidates": 30, **shape}), MODELS, SearchSettings(), CHAIN, fitted)


@pytest.fixture
def planned(schema: IndexSchema, make_query: MakeQuery) -> Callable[..., SearchPlan]:
    """The plan of a request on an index of two embedders; by settings of 200 candidates, 50 reranked."""
    second = QueryVectors(np.full(16, 0.25, np.float32))
    both = replace(schema, more=(VectorShape(16, 16),))

    def build(chosen: Tuned | None, request: SearchRequest = ASKED) -> SearchPlan:
        asked, sure = replace(make_query(), more=(second,)), calibration(MODELS)
        return plan_search(
            request, asked, both, SearchSettings(), rerankers=CHAIN, calibration=sure, tuned=chosen
        )

    return build


def told(plan: SearchPlan) -> tuple[int, list[int]]:
    return plan.sparse[0].candidates, [stage.candidates for stage in plan.rerank]


def test_default_searches_go_by_it(planned: Callable[..., SearchPlan]) -> None:
    assert told(planned(None)) == (200, [50, 7])
    assert told(planned(tuned())) == (30, [])
    reranked = planned(tuned(rerank=(LATE, WORDS)))
    assert told(reranked) == (30, [20, 10])
    assert reranked.late_interaction is not None
    assert "most-of-the-question over the words of the best 10" in str(reranked)


@pytest.mark.parametrize(
    "change",
    [
        {"effort": Effort.BEST},
        {"effort": Effort.FAST},
        {"rerank": False},
        {"mode": SearchMode.VISUAL},
        {"mode": SearchMode.TEXT},
        {"image": Image.new("RGB", (9, 9))},
        {"text": None, "page": PageRef("a" * 64, 1), "image": Image.new("RGB", (9, 9))},
    ],
)
def test_a_search_that_says_how_it_is_to_be_done_goes_by_the_settings(
    planned: Callable[..., SearchPlan], change: dict[str, Any]
) -> None:
    asked = replace(ASKED, **change)
    assert str(planned(tuned(), asked)) == str(planned(None, asked))


def test_an_embedder_that_is_left_out_has_no_stage(planned: Callable[..., SearchPlan]) -> None:
    assert [each.stage for each in planned(tuned(without=("first",))).dense] == [Stage.FULL_2]
    assert [each.stage for each in planned(tuned(without=("second",))).dense] == [Stage.FULL]
    assert len(planned(tuned(without=("second",)), replace(ASKED, effort=Effort.BEST)).dense) == 2


def test_how_sure_a_search_is_is_told_by_what_was_fitted_to_it(planned: Callable[..., SearchPlan]) -> None:
    found = planned(tuned(FITTED))
    assert found.confidence is not None and found.confidence.calibration == FITTED
    by_settings = planned(tuned(FITTED), replace(ASKED, effort=Effort.BEST)).confidence
    assert by_settings is not None and by_settings.calibration != FITTED
    assert planned(tuned()).confidence is None
    with pytest.raises(NotCalibrated):
        planned(tuned(), replace(ASKED, min_confidence=0.5))


def test_what_was_fitted_to_the_settings_holds_for_the_same_stages_alone() -> None:
    by_settings = PlanShape(candidates=200, rerank=(LATE,))
    sure = calibration(MODELS)
    deeper = PlanShape(candidates=100, rerank=(LATE.model_copy(update={"depth": 99}),))
    assert fitted_to(kept(deeper), by_settings, sure) == sure.modes[SearchMode.HYBRID]
    assert fitted_to(kept(deeper, FITTED), by_settings, sure) == FITTED
    assert fitted_to(kept(deeper), by_settings, None) is None
    for other in ({"rerank": ()}, {"rerank": (LATE, WORDS)}, {"without": ("first",)}):
        changed = by_settings.model_copy(update=other)
        assert fitted_to(kept(changed), by_settings, sure) is None
        assert fitted_to(kept(changed, FITTED), by_settings, sure) == FITTED


def test_what_the_settings_say_is_a_plan_too() -> None:
    usual = default_shape(SearchSettings(), (), has_regions=True)
    assert str(usual) == "200 candidates, late-interaction@50"
    assert str(default_shape(SearchSettings(), (), has_regions=False)) == "200 candidates, no reranking"
    none = default_shape(SearchSettings(rerank_candidates=0), CHAIN, has_regions=True)
    assert str(none) == "200 candidates, no reranking"
    chain = default_shape(SearchSettings(), CHAIN, has_regions=True)
    assert str(chain) == "200 candidates, darkest-first@50, most-of-the-question@7"


def test_a_plan_of_the_settings_changes_nothing(planned: Callable[..., SearchPlan]) -> None:
    shape = default_shape(SearchSettings(), CHAIN, has_regions=True)
    assert str(planned(tuned_by(shape, MODELS, SearchSettings(), CHAIN))).startswith(
        str(planned(None)).removesuffix("\n  confidence")
    )


@pytest.mark.parametrize(
    "change", [{"embedder": "first,third"}, {"dims": 64}, {"rerankers": ()}, {"rerankers": ("another",)}]
)
def test_it_is_for_the_models_that_it_was_chosen_with_alone(
    change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    stored = kept(PlanShape(candidates=30)).model_dump(mode="json")
    assert kept_plan(stored, MODELS, "a") == kept(PlanShape(candidates=30))
    others = MODELS.model_copy(update=change)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert kept_plan(stored, others, f"models {change}") is None
    assert len(caplog.records) == 1  # not once a search
    assert "chosen with first, second (32 dimensions)" in caplog.text
    assert "Run vdr tune again" in caplog.text


def test_one_of_another_version_is_passed_over_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    stored = {**kept(PlanShape(candidates=30)).model_dump(mode="json"), "colour": "red"}
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert kept_plan(stored, MODELS, "of another version") is None
    (warned,) = caplog.messages
    assert "another version of vdr has kept it (colour: Extra inputs are not permitted)" in warned
    assert read_plan(stored) is None
    assert read_plan(None) is None is kept_plan(None, MODELS, "a")


def test_what_is_no_plan() -> None:
    with pytest.raises(ValidationError, match="grow along the chain"):
        PlanShape(candidates=30, rerank=(WORDS, LATE))
    with pytest.raises(ValidationError):
        PlanShape(candidates=0)
    for without in (("first", "second"), ("third",)):
        with pytest.raises(ValidationError, match="leaves out embedders"):
            kept(PlanShape(candidates=30, without=without))


def test_a_cursor_of_another_plan_has_expired(schema: IndexSchema) -> None:
    def scope(request: SearchRequest, chosen: Tuned | None) -> Any:
        return scope_of(request, schema, SearchSettings(), (), chosen)

    best = replace(ASKED, effort=Effort.BEST)
    for before, now in ((None, tuned()), (tuned(), None), (tuned(), tuned(candidates=31))):
        asked = replace(ASKED, cursor=cursor_of((), scope(ASKED, before)))
        with pytest.raises(CursorExpired):
            shown_before(asked, scope(asked, now))
        other = replace(best, cursor=cursor_of((), scope(best, before)))
        assert shown_before(other, scope(other, now)) == frozenset()
