"""Running a search plan: the first stages' lists in one round trip, fused, reranked, cut."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from vdr.index import Nearest, StoredPage, VectorIndex
from vdr.index.engine import Scores
from vdr.index.schema import COARSE, FULL
from vdr.objects.store import ObjectStore
from vdr.search.documents import document_evidence
from vdr.search.fusion import Fused, Ranking, chance, dense_floor, fuse, word_scores
from vdr.search.plan import CrossEncoderStage, DenseStage, LateInteractionStage, SearchPlan, SparseStage
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

    None where no stage recognized anything of the query: what is nearest to nonsense is there by chance.
    A plan with a cross-encoder needs `reranker` and `objects`. `timings` learns how long "index" and "rerank"
    took.
    """
    if isinstance(plan.rerank, CrossEncoderStage) and (reranker is None or objects is None):
        raise ValueError("The plan has a cross-encoder, but none was given.")
    timings = timings or Timings()
    with timings.part("index"):
        rankings = _rankings(plan, index)
        found, pages = _fused(plan, index, rankings)
        reach = plan.offset + plan.limit + (plan.rerank.candidates if plan.rerank else 0)
        candidates = [_candidate(point, pages[point.point_id]) for point in found[:reach]]
        if isinstance(plan.rerank, LateInteractionStage):
            floor = chance(plan.rerank.tokens.rows.shape[1])
            candidates = blend(candidates, _region_scores(plan.rerank, found, index), floor)
        if not _is_recognized(plan, rankings, candidates):
            return []
    if isinstance(plan.rerank, CrossEncoderStage) and reranker is not None and objects is not None:
        with timings.part("rerank"):
            candidates = _cross_encoded(plan.rerank, candidates, objects, reranker)
    return candidates[plan.offset : plan.offset + plan.limit]


def _is_recognized(plan: SearchPlan, rankings: Sequence[Ranking], candidates: Sequence[Candidate]) -> bool:
    """Whether a word was found, or vectors are closer than those that have nothing to do with each other.

    Not by shares: of a single page, which is the median of all, the vector's share is 0. A model that looks,
    whose vectors are not made of words, is believed: nobody knows how close its vectors are by chance.
    """
    if word_scores(rankings) or (plan.dense is not None and plan.dense.weight >= 1.0):
        return True
    best = max(
        (score for each in rankings if each.stage is Stage.FULL for _, score in each.scores), default=-1.0
    )
    if plan.dense is not None and best > chance(plan.dense.embedding.size):
        return True
    if not isinstance(plan.rerank, LateInteractionStage):
        return False
    floor = chance(plan.rerank.tokens.rows.shape[1])
    return any(each.stages.get(Stage.LATE_INTERACTION, 0.0) > floor for each in candidates)


def _fused(
    plan: SearchPlan, index: VectorIndex, found: Sequence[Ranking]
) -> tuple[list[Fused], Mapping[str, StoredPage]]:
    """All that the first stages found, best first, and the pages; those deleted meanwhile are left out."""
    rankings = list(found)
    pages = index.pages(list({point: None for ranking in rankings for point, _ in ranking.scores}))
    if plan.documents is not None and plan.sparse:
        evidence = document_evidence(word_scores(rankings), pages, plan.documents.name_terms)
        most = rankings[-1].most  # that of words
        rankings.append(Ranking(Stage.DOCUMENT, 1.0, tuple(evidence.items()), most=most))
    return [point for point in fuse(rankings) if point.point_id in pages], pages


def _rankings(plan: SearchPlan, index: VectorIndex) -> list[Ranking]:
    """What the first stages find, asked for in one round trip."""
    dense = _nearest_dense(plan.dense) if plan.dense else []
    words = [query for stage in plan.sparse for query in _nearest_words(stage)]
    found = iter(index.nearest([*dense, *words], plan.filter))
    by_vector = _dense_rankings(plan.dense, list(islice(found, len(dense)))) if plan.dense else []
    return [*by_vector, *_word_rankings(plan.sparse, found)]


def _nearest_dense(dense: DenseStage) -> list[Nearest]:
    full = Nearest(FULL, dense.embedding, dense.candidates)
    if dense.coarse is None:
        return [full]
    coarse = Nearest(COARSE, dense.coarse, dense.candidates)
    return [coarse, replace(full, among=coarse)]


def _dense_rankings(dense: DenseStage, found: Sequence[Scores]) -> list[Ranking]:
    """The coarse stage notes its scores and has no vote."""
    *coarse, full = found
    floor = dense_floor([score for _, score in full], dense.embedding.size)
    return [
        *(Ranking(Stage.COARSE, 0.0, scores) for scores in coarse),
        Ranking(Stage.FULL, dense.weight, full, floor),
    ]


def _nearest_words(stage: SparseStage) -> list[Nearest]:
    alone = [Nearest(stage.stage, term, 1) for term in stage.reach]
    return [Nearest(stage.stage, stage.terms, stage.candidates), *alone]


def _word_rankings(stages: Sequence[SparseStage], found: Iterator[Scores]) -> list[Ranking]:
    """All on one scale: to miss words that only the other source holds is to miss them."""
    lists, reached = [], [0.0]
    for stage in stages:
        lists.append(next(found))
        best = [score for scores in islice(found, len(stage.reach)) for _, score in scores]
        reached += [stage.reach_scale * sum(best), *(score for _, score in lists[-1])]
    return [
        Ranking(stage.stage, stage.weight, scores, most=max(reached))
        for stage, scores in zip(stages, lists, strict=True)
    ]


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
    return Candidate(
        page.page,
        page.document_name,
        point.score,
        point.stages,
        page.page_label,
        page.title,
        page.page_count,
    )
