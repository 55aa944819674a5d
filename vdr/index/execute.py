"""Running a search plan on any engine: fetch the stages' lists at once, fuse, rerank, name the pages."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from vdr.index.documents import StoredPage, document_evidence
from vdr.index.fusion import Fused, Ranking, fuse, rerank, word_scores
from vdr.index.plan import RerankStage, SearchPlan
from vdr.types import Candidate, FloatArray, Stage


class Lookup(Protocol):
    """The three questions that a search asks an engine."""

    def rankings(self, plan: SearchPlan) -> Sequence[Ranking]:
        """The ranked list of every first stage, in one round trip."""
        ...

    def region_scores(self, tokens: FloatArray, point_ids: Sequence[str]) -> Mapping[str, float]:
        """MaxSim of the tokens against each point's regions: sum over tokens of the best dot product.

        Points without regions are left out.
        """
        ...

    def pages(self, point_ids: Sequence[str]) -> Mapping[str, StoredPage]:
        """The pages of these points; those deleted meanwhile are left out."""
        ...


def execute(plan: SearchPlan, engine: Lookup) -> list[Candidate]:
    """The plan's pages, best first, each with the score of every stage that saw it."""
    rankings = engine.rankings(plan)
    pages = engine.pages(list({point: None for ranking in rankings for point, _ in ranking.scores}))
    evidence = document_evidence(word_scores(rankings), pages, plan.name_terms)
    fused = fuse([*rankings, Ranking(Stage.DOCUMENT, 0.0, tuple(evidence.items()))], plan.rrf_k)
    fused = fused[: max(plan.limit, plan.rerank.candidates if plan.rerank else 0)]
    if not fused:
        return []
    scores = _rerank_scores(plan.rerank, fused, engine)
    there = [point for point in fused if point.point_id in pages]
    candidates = [_candidate(point, pages[point.point_id]) for point in there]
    return rerank(candidates, [scores.get(point.point_id) for point in there])[: plan.limit]


def _rerank_scores(stage: RerankStage | None, fused: Sequence[Fused], engine: Lookup) -> Mapping[str, float]:
    if stage is None:
        return {}
    return engine.region_scores(stage.tokens, [point.point_id for point in fused[: stage.candidates]])


def _candidate(point: Fused, page: StoredPage) -> Candidate:
    return Candidate(page.document_id, page.document_name, page.page_number, point.score, point.stages)
