"""How well vectors rank pages: nDCG@10 of every question, within its document and over all pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.evaluate.bootstrap import Estimate, difference, estimate
from training.evaluate.metrics import ndcg
from training.fit.data import EvalQuestions
from training.fit.result import ScopeGains, ScopeScores, ScopeShares, Score, ScoreGain
from vdr.types import FloatArray
from vdr.vectors import best_of_each

DEPTH = 10
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Embedded:
    """Unit vectors of an eval split, in its own order: (queries, dims), and (views, dims) page after page.

    `counts` tells how many of the views are each page's.
    """

    queries: FloatArray
    views: FloatArray
    counts: Sequence[int]

    def cut(self, dims: int) -> "Embedded":
        """The first dimensions, re-normalized."""
        return Embedded(unit(self.queries[:, :dims]), unit(self.views[:, :dims]), self.counts)

    def scores(self) -> FloatArray:
        """Cosine similarities (queries, pages), of a page's best view."""
        return best_of_each(self.queries @ self.views.T, self.counts)


@dataclass(frozen=True)
class Quality:
    """nDCG@10 a question, in the order of the questions, and the best pages found over the corpus."""

    within: list[float]
    corpus: list[float]
    found: list[list[str]]

    def summary(self) -> ScopeScores:
        """Means with their 95 % intervals."""
        return ScopeScores(within=_score(self.within), corpus=_score(self.corpus))

    def gain_over(self, base: "Quality") -> ScopeGains:
        """Paired differences to another system with intervals, and the share of the error that is gone."""
        return ScopeGains(within=_gain(self.within, base.within), corpus=_gain(self.corpus, base.corpus))


def quality(scores: FloatArray, questions: EvalQuestions) -> Quality:
    """The quality of scores (queries, pages)."""
    documents = np.array(questions.documents)
    within, corpus, found = [], [], []
    for row, query_id in zip(scores, questions.queries, strict=True):
        relevant = questions.relevant[query_id]
        best = _best(row, questions.page_ids)
        corpus.append(ndcg(best, relevant, DEPTH))
        found.append(best[:_SHOWN])
        inside = np.flatnonzero(documents == questions.home(query_id))
        pages = [questions.page_ids[i] for i in inside]
        within.append(ndcg(_best(row[inside], pages), relevant.intersection(pages), DEPTH))
    return Quality(within, corpus, found)


def at_every_dimension(
    embedded: Embedded, dims: Sequence[int], questions: EvalQuestions
) -> dict[int, Quality]:
    """The quality of the vectors cut to each of `dims`."""
    return {cut: quality(embedded.cut(cut).scores(), questions) for cut in dims}


def kept(qualities: Mapping[int, Quality]) -> dict[int, ScopeShares]:
    """What each dimension keeps of the quality of the largest."""
    full = qualities[max(qualities)]
    return {
        dims: ScopeShares(within=_share(each.within, full.within), corpus=_share(each.corpus, full.corpus))
        for dims, each in qualities.items()
    }


def best_rows(scores: FloatArray, count: int) -> list[int]:
    """The places of the best `count` scores, best first; those that score the same stay in order."""
    return [int(row) for row in np.argsort(-scores, kind="stable")[:count]]


def _best(scores: FloatArray, page_ids: Sequence[str]) -> list[str]:
    return [page_ids[row] for row in best_rows(scores, DEPTH)]


def _score(values: Sequence[float]) -> Score:
    return Score(**_rounded(estimate(values)))


def _gain(values: Sequence[float], before: Sequence[float]) -> ScoreGain:
    found, error = difference(values, before), 1 - float(np.mean(before))
    return ScoreGain(
        **_rounded(found.estimate),
        share_above_zero=found.share_above_zero,
        error_removed=round(found.estimate.mean / error, 4) if error else 0.0,
    )


def _rounded(found: Estimate) -> dict[str, Any]:
    return {"mean": round(found.mean, 4), "interval": (round(found.low, 4), round(found.high, 4))}


def _share(values: Sequence[float], full: Sequence[float]) -> float:
    return round(float(np.mean(values)) / max(float(np.mean(full)), 1e-9), 4)


def unit(vectors: FloatArray) -> FloatArray:
    """The vectors (n, dims) at length 1; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    normalized: FloatArray = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return normalized
