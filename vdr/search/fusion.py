"""Bringing the stages' ranked lists together: pure functions over ids and scores, whatever the engine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vdr.types import Stage


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one stage found, (point id, score) in any order. A weight of 0 notes scores without a vote."""

    stage: Stage
    weight: float
    scores: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Fused:
    """A point with its fusion score and the score of every stage that saw it."""

    point_id: str
    score: float
    stages: dict[Stage, float]


def fuse(rankings: Sequence[Ranking], k: int) -> list[Fused]:
    """Weighted reciprocal rank fusion of ballots, best first; equal scores in order of id.

    score(point) = sum over ballots of weight / (k + rank), rank counted from 1. The text layer and the words
    read from pixels share one ballot: both are BM25 scores of the same page, and a page that one of them
    cannot see (a scan, a word the reader missed) must not lose by it, so the better one counts. What a
    document tells of its pages is added to the scores of that ballot. Points that no voting ranking holds are
    left out.
    """
    stages: dict[str, dict[Stage, float]] = {}
    for ranking in rankings:
        for point, score in ranking.scores:
            stages.setdefault(point, {})[ranking.stage] = score
    totals: dict[str, float] = {}
    for weight, scores in _ballots(rankings):
        for rank, (point, _) in enumerate(_best_first(scores.items()), start=1):
            totals[point] = totals.get(point, 0.0) + weight / (k + rank)
    return [
        Fused(point, total, {**stages[point], Stage.FUSION: total})
        for point, total in _best_first(totals.items())
    ]


def word_scores(rankings: Sequence[Ranking]) -> dict[str, float]:
    """The points of the ballot of words, each with its score there."""
    words = [ranking for ranking in rankings if ranking.stage in (Stage.TEXT, Stage.READ)]
    return {point: score for _, scores in _ballots(words) for point, score in scores.items()}


def _ballots(rankings: Sequence[Ranking]) -> list[tuple[float, dict[str, float]]]:
    """The weight of each ballot and its points with the best score any of its rankings gives them."""
    ballots: dict[Stage, tuple[float, dict[str, float]]] = {}
    evidence = {point: score for r in rankings if r.stage is Stage.DOCUMENT for point, score in r.scores}
    for ranking in rankings:
        if ranking.weight > 0:
            key = Stage.TEXT if ranking.stage is Stage.READ else ranking.stage
            weight, best = ballots.get(key, (0.0, {}))
            for point, score in ranking.scores:
                told = score + (evidence.get(point, 0.0) if key is Stage.TEXT else 0.0)
                best[point] = max(told, best.get(point, told))
            ballots[key] = (max(weight, ranking.weight), best)
    return list(ballots.values())


def _best_first(scores: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(scores, key=lambda pair: (-pair[1], pair[0]))
