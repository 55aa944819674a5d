"""Trying plans: each answers every question in its turn, so that whatever else happens slows all alike."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from training.confidence.asked import AskedQuestion
from training.evaluate.latency import Latency
from training.evaluate.metrics import ndcg
from vdr.search.kept import PlanShape, Tuned
from vdr.search.searcher import Searcher
from vdr.types import QueryVectors, SearchRequest

DEPTH = 10  # hits that are judged
_WARM_UP = 3  # questions
Track = Callable[[Sequence[int]], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a plan has found: nDCG@10 of each question, and milliseconds of each search.

    Those of whole searches, snippets included, once the question is embedded.
    """

    shape: PlanShape
    scores: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)

    def of(self, places: Sequence[int]) -> "Trial":
        """What it has found of the questions at these places."""
        return Trial(self.shape, [self.scores[n] for n in places], [self.ms[n] for n in places])

    @property
    def latency(self) -> Latency:
        """What half, and what 95 % of the searches took at most."""
        p50, p95 = np.percentile(self.ms, [50, 95])
        return Latency(float(p50), float(p95))

    @property
    def quality(self) -> float:
        """Mean nDCG@10."""
        return float(np.mean(self.scores))


def try_plans(
    searcher: Searcher,
    plans: Sequence[Tuned],
    asked: Sequence[AskedQuestion],
    vectors: Sequence[QueryVectors],
    track: Track = iter,
) -> list[Trial]:
    """A trial of each plan, in their order; another one is first at each question."""
    by_plan = [replace(searcher, tuned=plan) for plan in plans]
    trials = [Trial(plan.shape) for plan in plans]
    for question, made in list(zip(asked, vectors, strict=True))[:_WARM_UP]:
        for each in by_plan:
            each.search_embedded(_request(question), [made])
    for place in track(range(len(asked))):
        for turn in range(len(plans)):
            chosen = (place + turn) % len(plans)
            found = by_plan[chosen].search_embedded(_request(asked[place]), [vectors[place]])
            pages = [hit.page for hit in found.hits]
            trials[chosen].scores.append(ndcg(pages, asked[place].answers, DEPTH))
            trials[chosen].ms.append(found.timings_ms["total"])
    return trials


def _request(question: AskedQuestion) -> SearchRequest:
    return SearchRequest(question.text, limit=DEPTH)
