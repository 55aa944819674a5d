"""Which plan is chosen, and on which questions."""

from dataclasses import replace

import pytest

from training.confidence.asked import AskedQuestion
from training.tune.choice import choose, front, gain, halves, is_worse
from training.tune.sizes import Bytes, Sizes
from training.tune.trials import Trial
from training.tune.tuning import tuning
from vdr.errors import BadInput
from vdr.search.kept import KeptStep, PlanShape
from vdr.types import PageRef

QUESTIONS = 40
SIZES = Sizes(10, 10, Bytes(1.0, 2.0), {"tiny": Bytes(3.0, 4.0)}, Bytes(0.0, 5.0))


def trial(quality: float, ms: float, *, unlike: float = 0.0) -> Trial:
    """Scores around a mean, every other question better by `unlike` than it and the rest worse."""
    scores = [quality + (unlike if n % 2 else -unlike) for n in range(QUESTIONS)]
    return Trial(PlanShape(candidates=round(ms)), scores, [ms] * QUESTIONS)


def question(document: str, page: int = 1) -> AskedQuestion:
    return AskedQuestion("?", document, frozenset({PageRef(document, page)}))


def test_the_cheapest_is_chosen_that_is_as_good() -> None:
    assert choose([trial(0.8, 50), trial(0.8, 30), trial(0.7, 10)], served=0) == 1


def test_what_costs_more_is_chosen_only_for_what_it_brings() -> None:
    assert choose([trial(0.70, 30), trial(0.75, 60)], served=0) == 1
    assert choose([trial(0.75, 30), trial(0.75, 60)], served=1) == 0


def test_a_loss_that_chance_explains_may_still_be_too_much() -> None:
    best, noisy = trial(0.80, 50), trial(0.75, 10, unlike=0.4)
    assert not is_worse(noisy, best)
    assert choose([best, noisy], served=0) == 0
    nearly = trial(0.795, 10, unlike=0.4)
    assert choose([best, nearly], served=0) == 1


def test_a_small_loss_that_chance_does_not_explain_is_one() -> None:
    best, surely = trial(0.800, 50), trial(0.795, 10)
    assert is_worse(surely, best)
    assert choose([best, surely], served=0) == 0


def test_what_is_served_stays_where_another_is_hardly_quicker() -> None:
    assert choose([trial(0.8, 31), trial(0.8, 30)], served=0) == 0
    assert choose([trial(0.8, 33), trial(0.8, 30)], served=0) == 1
    noisy = trial(0.8, 33)
    noisy.ms[:] = [33.0 if n % 2 else 25.0 for n in range(QUESTIONS)]
    assert choose([trial(0.8, 30), noisy], served=0) == 0


def test_of_those_that_take_as_long_the_best_is_chosen_and_then_the_one_that_does_least() -> None:
    assert choose([trial(0.8, 90), trial(0.8, 30), trial(0.805, 31)], served=0) == 2
    reranking = PlanShape(candidates=9, rerank=(KeptStep(reranker="late-interaction", depth=5),))
    assert choose([trial(0.8, 90), replace(trial(0.8, 30), shape=reranking), trial(0.8, 31)], served=0) == 2
    assert choose([trial(0.8, 90), trial(0.8, 31), trial(0.8, 30)], served=0) == 2


def test_a_gain_is_the_mean_of_what_each_question_gains() -> None:
    assert gain(trial(0.8, 1), trial(0.75, 1)).mean == pytest.approx(0.05)


def test_on_the_front_none_is_both_better_and_quicker() -> None:
    trials = [trial(0.8, 50), trial(0.6, 10), trial(0.5, 20), trial(0.7, 30), trial(0.8, 60)]
    assert front(trials) == [1, 3, 0]
    assert front([trial(0.5, 10), trial(0.6, 10)]) == [1]


def test_halves_share_no_document() -> None:
    asked = [question(name, page) for name in "abcde" for page in range(1, 5)]
    choosing, reporting = halves(asked)
    assert sorted(choosing + reporting) == list(range(20))
    documents = [{asked[n].document_id for n in half} for half in (choosing, reporting)]
    assert not documents[0] & documents[1]
    assert {len(choosing), len(reporting)} == {8, 12}


def test_where_nearly_all_are_about_one_document_halves_share_no_page() -> None:
    asked = [*(question("a", page % 10) for page in range(40)), question("b")]
    choosing, reporting = halves(asked)
    assert min(len(choosing), len(reporting)) == 20
    pages = [{page for n in half for page in asked[n].answers} for half in (choosing, reporting)]
    assert not pages[0] & pages[1]


def test_questions_about_one_page_cannot_be_halved() -> None:
    with pytest.raises(BadInput, match="about the same page"):
        halves([question("a")] * 60)


def test_it_is_chosen_on_one_half_and_told_of_the_other() -> None:
    choosing, reporting = range(20), range(20, 40)
    served, quick = trial(0.8, 50), trial(0.8, 10)
    quick.scores[20:] = [0.79] * 20
    found = tuning([served, quick], 0, SIZES, choosing, reporting)
    assert (found.chosen_on, found.reported_on) == (20, 20)
    assert found.rows[1].quality.mean == pytest.approx(0.79)
    assert found.rows[1].gain.mean == pytest.approx(-0.01)
    assert not found.is_confirmed  # each of the other questions has lost
    assert found.recommended == 0


def test_what_both_halves_say_is_recommended() -> None:
    found = tuning([trial(0.8, 50), trial(0.8, 10), trial(0.6, 5)], 0, SIZES, range(20), range(20, 40))
    assert (found.recommended, found.is_confirmed, found.front) == (1, True, [2, 1])
