"""Running a search plan: the first stages' lists in one round trip, fused, reranked, cut."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from vdr.errors import BudgetTooSmall
from vdr.index import StoredPage, VectorIndex
from vdr.index.engine import Scores
from vdr.models.reranker import LoadedStep
from vdr.objects.store import ObjectStore
from vdr.search.at_places import at_places, best_documents, place_scores, read_prints
from vdr.search.budget import ASKED_AGAIN, FIRST_STAGES, Budget
from vdr.search.confidence import judged
from vdr.search.documents import are_named, document_evidence
from vdr.search.first_stages import first_rankings, having, scores_where, share_of
from vdr.search.fusion import Fused, Ranking, fuse, votes, word_scores
from vdr.search.phrases import PHRASE_WEIGHT, phrase_share
from vdr.search.plan import SearchPlan
from vdr.search.request import all_of
from vdr.search.reranking import blend, reranking_by
from vdr.search.signs import COMPARED
from vdr.search.spelling import Searched, corrections
from vdr.search.stages import (
    LateInteractionStage,
    PhraseStage,
    PlaceStage,
)
from vdr.types import Candidate, Print, SearchMode, Stage, Vote
from vdr.vectors import chance

_SPELLING, _RERANK = "spelling", "rerank"  # as they are called where they are left out


@dataclass(frozen=True, slots=True)
class Found:
    """What a plan finds, best first, and the words of the question that no page searched has in any form.

    Where some of these are `corrected`, nothing was searched for further: each is given with the word of the
    pages that it most likely means. `missing_share` is how much of the question by weight no page searched
    has; `answerable` is the chance that any page answers, where the plan tells it.
    """

    candidates: Sequence[Candidate]
    missing: tuple[str, ...] = ()
    missing_share: float = 0.0
    answerable: float | None = None
    corrected: Mapping[str, str] = field(default_factory=dict)


class _Fusion(NamedTuple):
    """Points found, best first, their pages, and the rankings that they are fused from."""

    found: list[Fused]
    pages: Mapping[str, StoredPage]
    rankings: list[Ranking]


def execute(
    plan: SearchPlan,
    index: VectorIndex,
    objects: ObjectStore | None = None,
    rerankers: Sequence[LoadedStep] = (),
    budget: Budget | None = None,
    forgiven: Collection[str] = (),
) -> Found:
    """The plan's pages, best first, each with the score of every stage that saw it.

    None where no stage recognized anything of the query: what is nearest to nonsense is there by chance.
    A plan with cross-encoders needs them among `rerankers`, and `objects`. Stages beyond the `budget` are
    left out; its timings learn how long "index" and "rerank" took. Words that are `forgiven` may be misspelt.
    Raises BudgetTooSmall where only sure pages are wanted, and there is no time for the reranking that tells.
    """
    late = plan.late_interaction
    cross_encoders = [
        (stage, reranking_by(stage, rerankers, objects, plan.mode))
        for stage in plan.rerank[1 if late else 0 :]
    ]
    budget = budget or Budget()
    with budget.timings.part("index"):
        with budget.taking(FIRST_STAGES):
            without = having(plan.excluded, plan.filter, index)
            rankings, missing = first_rankings(plan, index, without)
            missing_share = 1.0 - share_of(missing, plan)
            fused = _fused(plan, index, rankings)
        unknown = [word for word in missing if word in forgiven]
        if unknown and budget.allows(_SPELLING, _SPELLING, ASKED_AGAIN):
            with budget.taking(_SPELLING):
                searched = Searched(index, [stage.stage for stage in plan.sparse], plan.filter, without)
                corrected = corrections(unknown, searched, fused.found, fused.pages, objects)
            if corrected:
                return Found((), missing, missing_share, corrected=corrected)
        fused = _read_again(plan, fused, index, objects, without, budget)
        candidates = _candidates(plan, fused)
        if late is not None and budget.allows(_RERANK, Stage.LATE_INTERACTION):
            with budget.taking(Stage.LATE_INTERACTION):
                floor = chance(late.tokens.rows.shape[1])
                candidates = blend(candidates, _region_scores(late, fused.found, index), floor)
        is_found = _is_recognized(plan, fused.rankings, candidates) or _is_at_place(fused)
        if not is_found:
            return Found((), missing, missing_share, None if plan.confidence is None else 0.0)
    for stage, reranked in cross_encoders:
        if budget.allows(_RERANK, str(stage)):
            with budget.timings.part("rerank"), budget.taking(str(stage), is_part=True):
                best = reranked(candidates[: stage.candidates])
                candidates = [*(_ranked(best) if plan.explain else best), *candidates[stage.candidates :]]
    candidates, answerable = _judged(plan, candidates, missing_share, budget)
    named = are_named(missing, fused.pages.values()) if missing else frozenset()
    return Found(
        candidates[plan.offset : plan.offset + plan.limit],
        tuple(word for word in missing if word not in named),
        missing_share,
        answerable,
    )


def _read_again(
    plan: SearchPlan,
    fused: _Fusion,
    index: VectorIndex,
    objects: ObjectStore | None,
    without: frozenset[str],
    budget: Budget,
) -> _Fusion:
    """What is fused once the pages are read again for phrases and places, where there is time for that."""
    if plan.phrases is not None and fused.found and objects is not None and budget.allows(Stage.PHRASE):
        with budget.taking(Stage.PHRASE):
            scores = _phrase_scores(plan.phrases, fused.found, fused.pages, objects, plan.mode)
            rankings = [Ranking(Stage.PHRASE, PHRASE_WEIGHT, scores), *fused.rankings]
            fused = _fused(plan, index, rankings, fused.pages)
    if plan.place is not None and fused.found and budget.allows(Stage.PLACE):
        with budget.taking(Stage.PLACE):
            fused = _with_places(plan, plan.place, fused, index, objects, without)
    return fused


def _candidates(plan: SearchPlan, fused: _Fusion) -> list[Candidate]:
    """As many as the plan needs, with what each stage says of them where that is told or judged by."""
    # As many more as could be gone: a reranker leaves those out.
    reach = plan.offset + plan.limit + sum(stage.candidates for stage in plan.rerank)
    if plan.confidence is not None:
        reach = max(reach, COMPARED) if not plan.confidence.least else len(fused.found)
    found = fused.found[:reach]
    is_told = plan.explain or plan.confidence is not None
    said = votes(fused.rankings, [point.point_id for point in found]) if is_told else {}
    return [_candidate(point, fused.pages[point.point_id], said.get(point.point_id, {})) for point in found]


def _judged(
    plan: SearchPlan, candidates: list[Candidate], missing_share: float, budget: Budget
) -> tuple[list[Candidate], float | None]:
    """The candidates with their confidence, and the chance that any page answers, if the plan tells it."""
    if plan.confidence is None:
        return candidates, None
    if _RERANK not in budget.left_out:
        return judged(plan.confidence, candidates, missing_share)
    if plan.confidence.least:  # nothing was calibrated without it
        raise BudgetTooSmall("min_confidence needs a reranking for which there is no time.")
    return candidates, None


def _is_recognized(plan: SearchPlan, rankings: Sequence[Ranking], candidates: Sequence[Candidate]) -> bool:
    """Whether a word was found, or vectors are closer than those that have nothing to do with each other.

    Not by shares: of a single page, which is the median of all, the vector's share is 0. A model whose
    vectors are not made of words is believed, unless it is known how close they are by chance.
    """
    if word_scores(rankings) or any(dense.weight >= 1.0 and dense.noise is None for dense in plan.dense):
        return True
    found = {each.stage: max((score for _, score in each.scores), default=-1.0) for each in rankings}
    if any(
        dense.weight > 0 and found[dense.stage] > max(chance(dense.dims), dense.noise or 0.0)
        for dense in plan.dense
    ):
        return True
    if plan.late_interaction is None:
        return False
    floor = chance(plan.late_interaction.tokens.rows.shape[1])
    return any(each.stages.get(Stage.LATE_INTERACTION, 0.0) > floor for each in candidates)


def _is_at_place(fused: _Fusion) -> bool:
    """Whether a page of the only document searched is named: what it shows may be what no word tells."""
    is_named = any(each.stage is Stage.PLACE and each.scores for each in fused.rankings)
    return is_named and len({page.page.document_id for page in fused.pages.values()}) == 1


def _fused(
    plan: SearchPlan,
    index: VectorIndex,
    found: Sequence[Ranking],
    known: Mapping[str, StoredPage] = MappingProxyType({}),
) -> _Fusion:
    """All that the first stages found, best first, and the pages; those deleted meanwhile are left out.

    Also the rankings, with what the evidence of whole documents makes of the pages.
    """
    rankings = [ranking for ranking in found if ranking.stage is not Stage.DOCUMENT]
    voting = (ranking for ranking in rankings if ranking.weight > 0)  # others leave out no page and add none
    points = {point: None for ranking in voting for point, _ in ranking.scores}
    pages = {**known, **index.pages([point for point in points if point not in known])}
    if plan.documents is not None and plan.sparse:
        evidence = document_evidence(word_scores(rankings), pages, plan.documents.name_terms)
        most = rankings[-1].most  # that of words
        rankings.append(Ranking(Stage.DOCUMENT, 1.0, tuple(evidence.items()), most=most))
    return _Fusion([point for point in fuse(rankings) if point.point_id in pages], pages, rankings)


def _phrase_scores(
    stage: PhraseStage,
    best: Sequence[Fused],
    pages: Mapping[str, StoredPage],
    objects: ObjectStore,
    mode: SearchMode,
) -> Scores:
    """The share of the phrases that pages have, of those that have any."""
    prints = read_prints((point.point_id for point in best[: stage.candidates]), pages, objects, mode)
    scores = ((point, phrase_share(shown, stage.phrases)) for point, shown in prints.items())
    return tuple((point, share) for point, share in scores if share > 0)


def _with_places(
    plan: SearchPlan,
    stage: PlaceStage,
    fused: _Fusion,
    index: VectorIndex,
    objects: ObjectStore | None,
    without: frozenset[str],
) -> _Fusion:
    """What is fused with the pages that may be at a place, and by how surely pages are.

    These are asked for in a round trip of their own, which other questions do without.
    """
    best, pages, rankings = fused
    documents = best_documents(best, pages, stage.documents)
    where = at_places(stage.places, [page for _, page in documents.values()])
    there = {} if where is None else scores_where(plan, index, all_of(plan.filter, where), without)
    points = dict.fromkeys(point for scores in there.values() for point, _ in scores)
    pages = {**pages, **index.pages([point for point in points if point not in pages])}
    read: dict[str, Print] = {}
    if objects is not None and stage.places.are_printed and stage.candidates:
        chosen = dict.fromkeys([*(point.point_id for point in best[: stage.candidates]), *points])
        read = read_prints([point for point in chosen if point in pages], pages, objects, plan.mode)
    scores = place_scores(stage.places, pages, documents, read)
    extended = [
        replace(each, scores=tuple({**dict(there.get(each.stage, ())), **dict(each.scores)}.items()))
        for each in rankings
    ]
    return _fused(plan, index, [Ranking(Stage.PLACE, 1.0, tuple(scores.items())), *extended], pages)


def _region_scores(
    stage: LateInteractionStage, found: Sequence[Fused], index: VectorIndex
) -> list[float | None]:
    best = [point.point_id for point in found[: stage.candidates]]
    scores = index.region_scores(stage.tokens, best) if best else {}
    return [scores.get(point) for point in best]


def _ranked(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Those that a cross-encoder has put in order, with their ranks by it."""
    for rank, candidate in enumerate(candidates, start=1):
        said = {Stage.CROSS_ENCODER: Vote(rank, None)} if Stage.CROSS_ENCODER in candidate.stages else {}
        yield replace(candidate, votes={**candidate.votes, **said})


def _candidate(point: Fused, page: StoredPage, said: Mapping[Stage, Vote]) -> Candidate:
    return Candidate(
        page.page,
        page.document_name,
        point.score,
        point.stages,
        page.page_label,
        page.title,
        page.page_count,
        said,
    )
