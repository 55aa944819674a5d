"""The time a search may take, and how much it does."""

from dataclasses import replace

import pytest

from tests.fixtures.calibrations import calibration
from tests.fixtures.reranker import DarkestFirst
from vdr.errors import BudgetTooSmall
from vdr.models.reranker import LoadedStep
from vdr.search.budget import Budget, StageTimes
from vdr.search.calibration import MadeWith
from vdr.search.execute import execute
from vdr.search.plan import plan_search
from vdr.search.stages import ConfidenceStage
from vdr.search.timings import Timings
from vdr.settings import SearchSettings
from vdr.types import Effort, SearchMode, SearchRequest, Stage


class Clock(Timings):
    """Timings that say what they are told."""

    now_ms = 0.0

    def elapsed_ms(self) -> float:
        return self.now_ms


def times(**known):
    """What stages have taken so far."""
    found = StageTimes()
    for name, ms in known.items():
        found.note(name.replace("_", " "), ms)
    return found


def test_what_is_expected_is_what_nine_of_ten_took_at_most():
    found = StageTimes()
    assert found.expected_ms("rerank") == 0.0
    for ms in range(1, 101):  # the oldest are forgotten
        found.note("rerank", float(ms))
    assert found.expected_ms("rerank") == pytest.approx(95.1)


def test_without_a_limit_there_is_time_for_anything():
    budget = Budget(Clock(), None, times(rerank=1e9))
    budget.check()
    assert budget.allows("rerank")
    assert budget.left_out == ()


def test_what_would_end_too_late_is_left_out_and_named_once():
    clock = Clock()
    known = times(phrase=30.0, place=60.0, snippets=20.0)
    clock.now_ms = 25.0
    budget = Budget(clock, 100, known)
    assert budget.allows("phrase")  # 25 + 30 and the snippets' 20
    assert not budget.allows("place")  # 25 + 60 + 20
    clock.now_ms = 101.0
    assert not budget.allows("place")
    assert not budget.allows("phrase")
    assert budget.left_out == ("place", "phrase")


def test_what_has_several_parts_needs_the_time_of_all():
    known = times(spelling=10.0, asked_again=45.0)
    assert Budget(Clock(), 60, known).allows("spelling", "spelling", "asked again")
    budget = Budget(Clock(), 50, known)
    assert not budget.allows("spelling", "spelling", "asked again")
    assert budget.left_out == ("spelling",)


def test_searches_of_another_kind_take_another_time():
    known = StageTimes()
    known.note("best rerank", 80.0)
    assert Budget(Clock(), 50, known, "balanced").allows("rerank")
    assert not Budget(Clock(), 50, known, "best").allows("rerank")


def test_what_is_left_out_is_tried_again_after_a_while():
    known = StageTimes()
    for _ in range(3):  # slow while the machine was busy
        known.note("rerank", 5_000.0)
    allowed = [Budget(Clock(), 1_000, known).allows("rerank") for _ in range(5)]
    assert allowed == [False, False, False, True, True]


def test_a_budget_that_the_first_stages_do_not_keep_is_an_error():
    with pytest.raises(BudgetTooSmall, match="budget_ms=50"):
        Budget(Clock(), 50, times(first_stages=40.0, snippets=20.0)).check()
    Budget(Clock(), 60, times(first_stages=40.0, snippets=20.0)).check()


def test_milliseconds_that_count_for_nothing():
    timings = Timings()
    timings.leave_out(-10_000.0)
    assert timings.elapsed_ms() > 9_999
    timings.leave_out(10_000.0)
    assert timings.elapsed_ms() < 5_000


def test_it_learns_how_long_things_take():
    clock, known = Clock(), StageTimes()
    with Budget(clock, None, known).taking("place"):
        clock.now_ms = 40.0
    assert known.expected_ms("place") == 40.0


IMAGES = LoadedStep(DarkestFirst())
LIMIT = 60_000
TEXT = "What does “net margin” mean on page 2?"


def pages_of(found):
    return [(each.page, each.score) for each in found.candidates]


@pytest.fixture
def asked(index, shown, make_query):
    """Asks for a phrase and a place, reranked by late interaction and by images."""
    index.upsert(shown)

    def ask(**options):
        request = SearchRequest(TEXT, **{"limit": 30} | options)
        rerankers = [LoadedStep(), IMAGES]
        return plan_search(request, make_query(), index.schema, SearchSettings(), rerankers=rerankers)

    return ask


def test_with_time_enough_nothing_is_left_out(asked, index, objects):
    budget = Budget(limit_ms=LIMIT)
    plan = asked()
    assert pages_of(execute(plan, index, objects, [IMAGES], budget)) == pages_of(
        execute(plan, index, objects, [IMAGES])
    )
    assert budget.left_out == ()


@pytest.mark.parametrize(
    ("slow", "left_out", "without"),
    [
        ("phrase", "phrase", {"phrases": None}),
        ("place", "place", {"place": None}),
        ("late interaction", "rerank", "late"),
        ("images", "rerank", "images"),
    ],
)
def test_a_stage_that_would_take_too_long_is_as_if_it_were_not_planned(
    asked, index, objects, slow, left_out, without
):
    plan = asked()
    late, images = plan.rerank
    names = {"late interaction": Stage.LATE_INTERACTION, "images": str(images)}
    known = StageTimes()
    known.note(names.get(slow, slow), 2.0 * LIMIT)
    budget = Budget(limit_ms=LIMIT, times=known)
    others = {"late": {"rerank": (images,)}, "images": {"rerank": (late,)}}
    changed = replace(plan, **(others[without] if isinstance(without, str) else without))
    found = execute(plan, index, objects, [IMAGES], budget)
    assert pages_of(found) == pages_of(execute(changed, index, objects, [IMAGES]))
    assert budget.left_out == (left_out,)


def test_confidence_is_not_told_where_there_was_no_time_for_the_reranking_that_it_goes_by(
    asked, index, objects
):
    plan = asked()
    by_lead = calibration(MadeWith(embedder="tiny", dims=32)).modes[SearchMode.HYBRID]
    known = StageTimes()
    known.note(Stage.LATE_INTERACTION, 2.0 * LIMIT)
    sure = replace(plan, confidence=ConfidenceStage(by_lead))
    assert execute(sure, index, objects, [IMAGES]).answerable is not None
    found = execute(sure, index, objects, [IMAGES], Budget(limit_ms=LIMIT, times=known))
    assert found.answerable is None
    assert {each.confidence for each in found.candidates} == {None}
    known.note(Stage.LATE_INTERACTION, 2.0 * LIMIT)
    with pytest.raises(BudgetTooSmall, match="min_confidence"):
        execute(
            replace(plan, confidence=ConfidenceStage(by_lead, 0.5)),
            index,
            objects,
            [IMAGES],
            Budget(limit_ms=LIMIT, times=known),
        )


def test_stages_are_known_once_they_have_run(asked, index, objects):
    known, plan = StageTimes(), asked()
    execute(plan, index, objects, [IMAGES], Budget(times=known))
    names = ("first stages", "phrase", "place", Stage.LATE_INTERACTION, str(plan.rerank[1]))
    assert all(known.expected_ms(name) > 0 for name in names)


def test_efforts_differ_in_how_much_is_looked_at(asked):
    fast, balanced, best = (asked(effort=effort) for effort in Effort)
    assert (fast.rerank, fast.phrases) == ((), None)
    assert (fast.place.candidates, balanced.place.candidates) == (0, 30)  # by numbers and labels alone
    assert [stage.candidates for stage in balanced.rerank] == [50, 50]
    assert [stage.candidates for stage in best.rerank] == [100, 100]
    assert [plan.sparse[0].candidates for plan in (fast, balanced, best)] == [50, 200, 400]


def test_whoever_wants_no_reranking_gets_none_at_any_effort(asked):
    assert asked(effort=Effort.BEST, rerank=False).rerank == ()


def test_fast_finds_the_page_that_is_named(asked, index, objects):
    found = execute(asked(effort=Effort.FAST), index, objects)
    assert any(Stage.PLACE in each.stages for each in found.candidates)
