"""Bringing the stages' ranked lists together: pure functions over ids and scores, whatever the engine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vdr.types import Candidate, Stage


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
    """Weighted reciprocal rank fusion, best first; equal scores in order of id.

    score(point) = sum over rankings of weight / (k + rank), rank counted from 1. Points that no voting
    ranking holds are left out.
    """
    totals: dict[str, float] = {}
    stages: dict[str, dict[Stage, float]] = {}
    for ranking in rankings:
        for rank, (point, score) in enumerate(_best_first(ranking.scores), start=1):
            stages.setdefault(point, {})[ranking.stage] = score
            if ranking.weight > 0:
                totals[point] = totals.get(point, 0.0) + ranking.weight / (k + rank)
    return [
        Fused(point, total, {**stages[point], Stage.FUSION: total})
        for point, total in _best_first(totals.items())
    ]


def rerank(candidates: Sequence[Candidate], scores: Sequence[float | None]) -> list[Candidate]:
    """The final order: by rerank score, ties as they came; then those without one, as they came.

    `scores[i]` belongs to `candidates[i]`; None where it was not reranked or has no region vectors. The score
    of a reranked candidate becomes its rerank score.
    """
    pairs = list(zip(candidates, scores, strict=True))
    reranked = sorted((_with_score(c, s) for c, s in pairs if s is not None), key=lambda c: -c.score)
    return reranked + [c for c, s in pairs if s is None]


def _with_score(candidate: Candidate, score: float) -> Candidate:
    return replace(candidate, score=score, stages={**candidate.stages, Stage.RERANK: score})


def _best_first(scores: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(scores, key=lambda pair: (-pair[1], pair[0]))
