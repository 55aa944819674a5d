"""Running a search plan: the first stages' lists in one round trip, fused, reranked, cut."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vdr.index import Nearest, StoredPage, VectorIndex
from vdr.index.schema import COARSE, FULL
from vdr.objects.store import ObjectStore
from vdr.search.documents import document_evidence
from vdr.search.fusion import Fused, Ranking, fuse, word_scores
from vdr.search.plan import CrossEncoderStage, DenseStage, LateInteractionStage, SearchPlan
from vdr.search.reranking import blend, rerank_by_images
from vdr.search.timings import Timings
from vdr.types import Candidate, Stage

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.reranker import Reranker


def execute(
    plan: SearchPlan,
    index: VectorIndex,
    objects: ObjectStore | None = None,
    reranker: "Reranker | None" = None,
    timings: Timings | None = None,
) -> list[Candidate]:
    """The plan's pages, best first, each with the score of every stage that saw it.

    A plan with a cross-encoder needs `reranker` and `objects`. `timings` learns how long "index" and "rerank"
    took.
    """
    timings = timings or Timings()
    with timings.part("index"):
        found, pages = _fused(plan, index)
        reach = plan.offset + plan.limit + (plan.rerank.candidates if plan.rerank else 0)
        candidates = [_candidate(point, pages[point.point_id]) for point in found[:reach]]
        if isinstance(plan.rerank, LateInteractionStage):
            candidates = blend(candidates, _region_scores(plan.rerank, found, index))
    if isinstance(plan.rerank, CrossEncoderStage):
        if reranker is None or objects is None:
            raise ValueError("The plan has a cross-encoder, but none was given.")
        with timings.part("rerank"):
            candidates = _cross_encoded(plan.rerank, candidates, objects, reranker)
    return candidates[plan.offset : plan.offset + plan.limit]


def _fused(plan: SearchPlan, index: VectorIndex) -> tuple[list[Fused], Mapping[str, StoredPage]]:
    """All that the first stages found, best first, and the pages; those deleted meanwhile are left out."""
    rankings = _rankings(plan, index)
    pages = index.pages(list({point: None for ranking in rankings for point, _ in ranking.scores}))
    if plan.documents is not None:
        evidence = document_evidence(word_scores(rankings), pages, plan.documents.name_terms)
        rankings.append(Ranking(Stage.DOCUMENT, 0.0, tuple(evidence.items())))
    fused = fuse(rankings, plan.fusion.k)
    return [point for point in fused if point.point_id in pages], pages


def _rankings(plan: SearchPlan, index: VectorIndex) -> list[Ranking]:
    stages = _dense(plan.dense) if plan.dense else []
    stages += [
        (sparse.stage, sparse.weight, Nearest(sparse.stage, sparse.terms, sparse.candidates))
        for sparse in plan.sparse
    ]
    found = index.nearest([query for _, _, query in stages], plan.filter)
    return [Ranking(*stage[:2], scores) for stage, scores in zip(stages, found, strict=True)]


def _dense(dense: DenseStage) -> list[tuple[Stage, float, Nearest]]:
    """The coarse stage notes its scores and has no vote."""
    full = Nearest(FULL, dense.embedding, dense.candidates)
    if dense.coarse is None:
        return [(Stage.FULL, dense.weight, full)]
    coarse = Nearest(COARSE, dense.coarse, dense.candidates)
    rescored = Nearest(FULL, dense.embedding, dense.candidates, among=coarse)
    return [(Stage.COARSE, 0.0, coarse), (Stage.FULL, dense.weight, rescored)]


def _region_scores(
    stage: LateInteractionStage, found: Sequence[Fused], index: VectorIndex
) -> list[float | None]:
    best = [point.point_id for point in found[: stage.candidates]]
    scores = index.region_scores(stage.tokens, best) if best else {}
    return [scores.get(point) for point in best]


def _cross_encoded(
    stage: CrossEncoderStage, candidates: Sequence[Candidate], objects: ObjectStore, reranker: "Reranker"
) -> list[Candidate]:
    best, rest = candidates[: stage.candidates], candidates[stage.candidates :]
    return [*rerank_by_images(reranker, stage.query, best, objects), *rest]


def _candidate(point: Fused, page: StoredPage) -> Candidate:
    return Candidate(page.page, page.document_name, point.score, point.stages, page.page_label)
