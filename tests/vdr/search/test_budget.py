"""The time a search may take, and how much it does."""

from dataclasses import replace

import pytest

from tests.fixtures.reranker import DarkestFirst
from vdr.errors import BudgetTooSmall
from vdr.models.reranker import LoadedStep
from vdr.search.budget import Budget, StageTimes
from vdr.search.execute import execute
from vdr.search.plan import plan_search
from vdr.search.timings import Timings
from vdr.settings import SearchSettings
from vdr.types import Effort, SearchRequest, Stage


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
    assert budget.allows("rerank")
    assert budget.left_out == ()


def test_what_would_end_too_late_is_left_out_and_named_once():
    clock = Clock()
    budget = Budget(clock, 100, times(phrase=30.0, place=60.0, snippets=20.0))
    budget.reserve("snippets")
    clock.now_ms = 25.0
    assert budget.allows("phrase")  # 25 + 30 + 20
    assert not budget.allows("place")  # 25 + 60 + 20
    assert not budget.allows("place")
    clock.now_ms = 90.0
    assert not budget.allows("phrase")
    assert budget.left_out == ("place", "phrase")


def test_what_is_called_alike_is_known_apart_by_its_own_name():
    budget = Budget(Clock(), 50, times(slow=80.0, quick=5.0))
    assert budget.allows("rerank", "quick")
    assert not budget.allows("rerank", "slow")
    assert budget.left_out == ("rerank",)


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


def test_a_budget_that_the_first_stages_do_not_keep_is_an_error(asked, index, objects):
    budget = Budget(limit_ms=LIMIT, times=times(first_stages=2.0 * LIMIT))
    with pytest.raises(BudgetTooSmall):
        execute(asked(), index, objects, [IMAGES], budget)


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
