"""Rankings become figures, over all questions and over groups of them."""

import pytest

from training.evaluate.questions import Question
from training.evaluate.scores import Answer, Run, score_groups, score_runs
from training.evaluate.systems import Scope
from vdr.types import PageRef

QUESTIONS = [
    Question("q1", "?", "a.pdf", (1,), ("Chart", "Table")),
    Question("q2", "?", "a.pdf", (2,), ("Table",)),
    Question("q3", "?", "a.pdf", (3,)),
]


def run(system, *rankings):
    answers = [
        Answer(question, frozenset(PageRef("a", number) for number in question.page_numbers), tuple(ranking))
        for question, ranking in zip(QUESTIONS, rankings, strict=True)
    ]
    return Run(system, Scope.WITHIN, tuple(answers))


def pages(*numbers):
    return [PageRef("a", number) for number in numbers]


BASELINE = run("bm25", pages(1, 2), pages(1, 2), pages(1, 2))
BETTER = run("visual", pages(1, 2), pages(2, 1), pages(1, 3))


def test_metrics_are_means_over_all_questions():
    metrics = score_runs([BASELINE])["bm25", Scope.WITHIN].metrics
    assert metrics["ndcg@10"].mean == pytest.approx((1 + 0.63093 + 0) / 3, abs=1e-5)
    assert metrics["recall@1"].mean == pytest.approx(1 / 3)
    assert metrics["recall@5"].mean == metrics["recall@10"].mean == pytest.approx(2 / 3)


def test_every_system_is_held_against_the_baseline_but_the_baseline_itself():
    scores = score_runs([BASELINE, BETTER])
    assert scores["bm25", Scope.WITHIN].against_baseline is None
    gain = scores["visual", Scope.WITHIN].against_baseline
    assert gain.estimate.mean == pytest.approx((0 + 0.36907 + 0.63093) / 3, abs=1e-5)
    assert gain.estimate.low >= 0 and gain.share_above_zero > 0.9


def test_without_a_baseline_there_is_nothing_to_compare_with():
    silent = Run("bm25", Scope.WITHIN, None)
    scores = score_runs([silent, BETTER])
    assert scores["bm25", Scope.WITHIN] is None
    assert scores["visual", Scope.WITHIN].against_baseline is None


def test_a_question_counts_in_each_of_its_groups():
    groups = score_groups([BASELINE, BETTER], QUESTIONS, lambda question: question.evidence)
    assert {name: group.questions for name, group in groups.items()} == {"Chart": 1, "Table": 2}
    table = groups["Table"].scores["bm25", Scope.WITHIN]
    assert table.metrics["ndcg@10"].mean == pytest.approx((1 + 0.63093) / 2, abs=1e-5)
    assert groups["Chart"].scores["visual", Scope.WITHIN].metrics["recall@1"].mean == 1


def test_a_system_that_cannot_search_has_no_scores_in_any_group():
    silent = Run("bm25", Scope.WITHIN, None)
    groups = score_groups([silent], QUESTIONS, lambda question: question.evidence)
    assert groups["Chart"].scores["bm25", Scope.WITHIN] is None
