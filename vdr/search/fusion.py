"""Bringing the stages' scores together on one scale: pure functions over ids and scores, whatever the engine.

Each stage says how much of the question a page accounts for: 0 if the page scores no more than one that has
nothing to do with it, 1 if it could not score more. Each fills part of what the others leave open:

    score(page) = 1 - product over stages of (1 - weight x share)

This is the chance that at least one of independent causes is at work (a "noisy or": Pearl, Probabilistic
Reasoning in Intelligent Systems, 1988). So a stage that recognised nothing changes nothing, a page that a
stage cannot see loses nothing by it, and no stage can undo a clear lead of another
(docs/decisions/0017-shares.md).
"""

import math
import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vdr.types import Stage, Vote
from vdr.vectors import chance

# What is left of an order below the floor: enough to break ties, too little to count.
_BELOW_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one stage found, (point id, score) in any order, and its scale.

    A page that has nothing to do with the question scores `floor` at most; what accounts for all of it scores
    `most`. A weight of 0 notes scores without a vote.
    """

    stage: Stage
    weight: float
    scores: tuple[tuple[str, float], ...]
    floor: float = 0.0
    most: float = 1.0


@dataclass(frozen=True, slots=True)
class Fused:
    """A point with its fusion score and the score of every stage that saw it."""

    point_id: str
    score: float
    stages: dict[Stage, float]


def fuse(rankings: Sequence[Ranking]) -> list[Fused]:
    """The points with the share of the question that the stages account for together, best first; equal
    scores in order of id.

    The text layer and the words read from pixels are one stage here: both are BM25 scores of the same page,
    and a page that one of them cannot see (a scan, a word the reader missed) must not lose by it, so the
    better one counts. Points that no voting ranking holds are left out.
    """
    left_open: dict[str, float] = {}
    for parts in _parts(rankings):
        for point, part in parts.items():
            left_open[point] = left_open.get(point, 1.0) * (1.0 - part)
    stages: dict[str, dict[Stage, float]] = {point: {} for point in left_open}
    for ranking in rankings:
        for point, score in ranking.scores:
            if point in stages:
                stages[point][ranking.stage] = score
    found = _best_first((point, 1.0 - left) for point, left in left_open.items())
    for point, score in found:
        stages[point][Stage.FUSION] = score
    return [Fused(point, score, stages[point]) for point, score in found]


def votes(rankings: Sequence[Ranking], points: Collection[str]) -> dict[str, dict[Stage, Vote]]:
    """What each stage says of these points."""
    said: dict[str, dict[Stage, Vote]] = {point: {} for point in points}
    for ranking in rankings:
        placed = ranks([score for _, score in ranking.scores])
        for (point, _), rank, share in zip(ranking.scores, placed, _shares(ranking), strict=True):
            if point in said:
                said[point][ranking.stage] = Vote(rank, ranking.weight * share)
    return said


def ranks(scores: Sequence[float]) -> list[int]:
    """The rank of each score, from 1 for the highest; equal ones have the same.

    >>> ranks([0.2, 0.9, 0.2, 0.1])
    [2, 1, 2, 4]
    """
    first: dict[float, int] = {}
    for rank, score in enumerate(sorted(scores, reverse=True), start=1):
        first.setdefault(score, rank)
    return [first[score] for score in scores]


def added(score: float, weight: float, share: float) -> float:
    """A fusion score after one more stage of this weight has found this share."""
    return 1.0 - (1.0 - score) * (1.0 - weight * share)


def shares(scores: Sequence[float], floor: float, most: float) -> list[float]:
    """How much of the question each score accounts for, from 0 to 1.

    Linear from `floor` to `most`. Scores below the floor all but vanish: they keep their order among
    themselves, so that a stage alone in a search still ranks what it hardly recognised.
    """
    above = (np.asarray(scores, np.float64) - floor) / max(most - floor, 1e-9)
    linear = np.minimum(_BELOW_FLOOR + (1 - _BELOW_FLOOR) * above, 1.0)
    found: list[float] = np.where(above >= 0, linear, _BELOW_FLOOR / (1 - np.minimum(above, 0.0))).tolist()
    return found


def dense_floor(scores: Sequence[float], dims: int) -> float:
    """What a page scores by one vector that has nothing to do with the question.

    Half of what the stage found is taken for such pages: what a model's vectors have in common, however far
    from 0, says nothing.
    """
    return max(chance(dims), statistics.median(scores)) if scores else chance(dims)


def word_scores(rankings: Sequence[Ranking]) -> dict[str, float]:
    """The points found by words, each with the better of its scores."""
    best: dict[str, float] = {}
    for ranking in rankings:
        if ranking.stage in (Stage.TEXT, Stage.READ):
            for point, score in ranking.scores:
                best[point] = max(score, best.get(point, score))
    return best


def _parts(rankings: Sequence[Ranking]) -> list[dict[str, float]]:
    """What each stage fills of the question, by point, text layer and words read being one stage."""
    parts: dict[Stage, dict[str, float]] = {}
    for ranking in rankings:
        if ranking.weight > 0:
            best = parts.setdefault(Stage.TEXT if ranking.stage is Stage.READ else ranking.stage, {})
            for (point, _), share in zip(ranking.scores, _shares(ranking), strict=True):
                part = ranking.weight * share
                best[point] = max(part, best.get(point, part))
    return list(parts.values())


def _shares(ranking: Ranking) -> list[float]:
    scores = [score for _, score in ranking.scores]
    if ranking.stage is Stage.DOCUMENT:  # its evidence has no end: it comes ever closer to all there is
        return [1.0 - math.exp(-score / max(ranking.most, 1e-9)) for score in scores]
    return shares(scores, ranking.floor, ranking.most)


def _best_first(scores: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(scores, key=lambda pair: (-pair[1], pair[0]))
