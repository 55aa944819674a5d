"""Rankings become figures: what each system scores, over all questions and over kinds of them."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from training.evaluate.bootstrap import Difference, Estimate, difference, estimate
from training.evaluate.metrics import ndcg, recall
from training.evaluate.questions import Question
from training.evaluate.systems import BASELINE, Scope
from vdr.types import PageRef

NDCG = "ndcg@10"
METRICS: Mapping[str, Callable[[Sequence[PageRef], frozenset[PageRef]], float]] = {
    NDCG: lambda ranking, relevant: ndcg(ranking, relevant, 10),
    "recall@1": lambda ranking, relevant: recall(ranking, relevant, 1),
    "recall@5": lambda ranking, relevant: recall(ranking, relevant, 5),
    "recall@10": lambda ranking, relevant: recall(ranking, relevant, 10),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answered to one question."""

    question: Question
    relevant: frozenset[PageRef]
    ranking: tuple[PageRef, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """All answers of one system in one scope, in the order of the questions; None if it could not search."""

    system: str
    scope: Scope
    answers: tuple[Answer, ...] | None


@dataclass(frozen=True, slots=True)
class Scores:
    """The metrics of one run by name; `against_baseline` is the gain in nDCG@10, if any."""

    metrics: Mapping[str, Estimate]
    against_baseline: Difference | None = None


ScoreTable = Mapping[tuple[str, Scope], Scores | None]  # by system and scope


@dataclass(frozen=True, slots=True)
class Group:
    """The scores over a part of the questions."""

    questions: int
    scores: ScoreTable


def score_runs(runs: Sequence[Run]) -> ScoreTable:
    """The scores of every run; None for one that could not search."""
    baselines = {run.scope: run.answers for run in runs if run.system == BASELINE}
    return {(run.system, run.scope): _scores(run, baselines.get(run.scope)) for run in runs}


def score_groups(
    runs: Sequence[Run], questions: Sequence[Question], groups_of: Callable[[Question], Sequence[str]]
) -> dict[str, Group]:
    """The scores of each group by its name; a question may belong to several, or to none."""
    names = sorted({name for question in questions for name in groups_of(question)})
    members = {name: {q.query_id for q in questions if name in groups_of(q)} for name in names}
    return {
        name: Group(len(ids), score_runs([_only(run, ids) for run in runs])) for name, ids in members.items()
    }


def _only(run: Run, query_ids: Set[str]) -> Run:
    if run.answers is None:
        return run
    return replace(run, answers=tuple(a for a in run.answers if a.question.query_id in query_ids))


def _scores(run: Run, baseline: tuple[Answer, ...] | None) -> Scores | None:
    if run.answers is None:
        return None
    values = {name: _values(run.answers, name) for name in METRICS}
    metrics = {name: estimate(each) for name, each in values.items()}
    if baseline is None or run.system == BASELINE:
        return Scores(metrics)
    return Scores(metrics, difference(values[NDCG], _values(baseline, NDCG)))


def _values(answers: Sequence[Answer], metric: str) -> list[float]:
    return [METRICS[metric](answer.ranking, answer.relevant) for answer in answers]
