"""Running a search plan: the first stages' lists in one round trip, fused, reranked, cut."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType

from vdr.errors import BudgetTooSmall
from vdr.index import Nearest, StoredPage, VectorIndex
from vdr.index.engine import Scores
from vdr.index.schema import NamedVectors
from vdr.models.reranker import LoadedStep
from vdr.objects.store import ObjectStore
from vdr.search.at_places import at_places, best_documents, place_scores, read_prints
from vdr.search.budget import ASKED_AGAIN, FIRST_STAGES, Budget
from vdr.search.confidence import judged
from vdr.search.documents import are_named, document_evidence
from vdr.search.fusion import Fused, Ranking, dense_floor, fuse, votes, word_scores
from vdr.search.phrases import PHRASE_WEIGHT, phrase_share
from vdr.search.plan import SearchPlan
from vdr.search.request import all_of
from vdr.search.reranking import blend, reranking_by
from vdr.search.signs import COMPARED
from vdr.search.spelling import Searched, corrections
from vdr.search.stages import (
    AskedWord,
    DenseStage,
    ExcludedWord,
    LateInteractionStage,
    PhraseStage,
    PlaceStage,
    SparseStage,
)
from vdr.types import Candidate, Filter, Print, SearchMode, Stage, Vote
from vdr.vectors import chance
from vdr.words import ASKING_WORDS, TELLING_WORDS, characters

_SPELLING, _RERANK = "spelling", "rerank"  # as they are called where they are left out
_MOST_EXCLUDED = 10_000  # pages that have a word which must not stand there
_MOST_AT_PLACES = 200  # pages: some of each of the best documents
_TELLING_NOTHING = ASKING_WORDS | TELLING_WORDS  # of what a page is about


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
            without = _having(plan.excluded, plan.filter, index)
            rankings, missing = _rankings(plan, index, without)
            missing_share = 1.0 - _share_of(missing, plan)
            found, pages, rankings = _fused(plan, index, rankings)
        unknown = [word for word in missing if word in forgiven]
        if unknown and budget.allows(_SPELLING, _SPELLING, ASKED_AGAIN):
            with budget.taking(_SPELLING):
                searched = Searched(index, [stage.stage for stage in plan.sparse], plan.filter, without)
                corrected = corrections(unknown, searched, found, pages, objects)
            if corrected:
                return Found((), missing, missing_share, corrected=corrected)
        if plan.phrases is not None and found and objects is not None and budget.allows(Stage.PHRASE):
            with budget.taking(Stage.PHRASE):
                scores = _phrase_scores(plan.phrases, found, pages, objects, plan.mode)
                rankings = [Ranking(Stage.PHRASE, PHRASE_WEIGHT, scores), *rankings]
                found, pages, rankings = _fused(plan, index, rankings, pages)
        if plan.place is not None and found and budget.allows(Stage.PLACE):
            with budget.taking(Stage.PLACE):
                rankings = _with_places(plan, plan.place, rankings, found, pages, index, objects, without)
                found, pages, rankings = _fused(plan, index, rankings, pages)
        # As many more as could be gone: a reranker leaves those out.
        reach = plan.offset + plan.limit + sum(stage.candidates for stage in plan.rerank)
        is_told = plan.explain or plan.confidence is not None
        if plan.confidence is not None:
            reach = max(reach, COMPARED) if not plan.confidence.least else len(found)
        said = votes(rankings, [point.point_id for point in found[:reach]]) if is_told else {}
        candidates: Sequence[Candidate] = [
            _candidate(point, pages[point.point_id], said.get(point.point_id, {})) for point in found[:reach]
        ]
        if late is not None and budget.allows(_RERANK, Stage.LATE_INTERACTION):
            with budget.taking(Stage.LATE_INTERACTION):
                floor = chance(late.tokens.rows.shape[1])
                candidates = blend(candidates, _region_scores(late, found, index), floor)
        if not _is_recognized(plan, rankings, candidates) and not _is_at_place(rankings, pages):
            return Found((), missing, missing_share, None if plan.confidence is None else 0.0)
    for stage, reranked in cross_encoders:
        if budget.allows(_RERANK, str(stage)):
            with budget.timings.part("rerank"), budget.taking(str(stage)):
                best = reranked(candidates[: stage.candidates])
                candidates = [*(_ranked(best) if plan.explain else best), *candidates[stage.candidates :]]
    answerable: float | None = None
    if plan.confidence is not None and _RERANK in budget.left_out:  # nothing was calibrated without it
        if plan.confidence.least:
            raise BudgetTooSmall("min_confidence needs a reranking for which there is no time.")
    elif plan.confidence is not None:
        candidates, answerable = judged(plan.confidence, candidates, missing_share)
    named = are_named(missing, pages.values()) if missing else frozenset()
    return Found(
        candidates[plan.offset : plan.offset + plan.limit],
        tuple(word for word in missing if word not in named),
        missing_share,
        answerable,
    )


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


def _is_at_place(rankings: Sequence[Ranking], pages: Mapping[str, StoredPage]) -> bool:
    """Whether a page of the only document searched is named: what it shows may be what no word tells."""
    is_named = any(each.stage is Stage.PLACE and each.scores for each in rankings)
    return is_named and len({page.page.document_id for page in pages.values()}) == 1


def _fused(
    plan: SearchPlan,
    index: VectorIndex,
    found: Sequence[Ranking],
    known: Mapping[str, StoredPage] = MappingProxyType({}),
) -> tuple[list[Fused], Mapping[str, StoredPage], list[Ranking]]:
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
    return [point for point in fuse(rankings) if point.point_id in pages], pages, rankings


def _having(words: Sequence[ExcludedWord], where: Filter | None, index: VectorIndex) -> frozenset[str]:
    """The pages that have one of the words at least, as it is written."""
    if not words:
        return frozenset()
    asked = [[Nearest(s, t, _MOST_EXCLUDED) for t in word.terms] for word in words for s in word.stages]
    scores = iter(index.nearest([query for queries in asked for query in queries], where))
    found = [[{point for point, _ in next(scores)} for _ in queries] for queries in asked]
    return frozenset().union(*(set.intersection(*each) for each in found if each))


def _rankings(
    plan: SearchPlan, index: VectorIndex, without: frozenset[str]
) -> tuple[list[Ranking], tuple[str, ...]]:
    """What the first stages find, asked for in one round trip, and the words that no page has.

    Only what may stand for a word that is found nowhere is asked for in a second one.
    """
    names = {named.place: named for named in index.schema.vectors}
    dense = [_nearest_dense(stage, names[stage.place]) for stage in plan.dense]
    words = [query for stage in plan.sparse for query in _nearest_words(stage)]
    found = iter(
        index.nearest([*(query for queries in dense for query in queries), *words], plan.filter, without)
    )
    by_vector = [
        ranking
        for stage, queries in zip(plan.dense, dense, strict=True)
        for ranking in _dense_rankings(stage, list(islice(found, len(queries))))
    ]
    by_words, unseen = _word_rankings(plan.sparse, found)
    missing = _missing(plan, unseen, index, without)
    share = _share_of(missing, plan)
    by_words = [replace(each, most=each.most / share) for each in by_words]
    return [*by_vector, *by_words], missing


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
    rankings: Sequence[Ranking],
    best: Sequence[Fused],
    pages: Mapping[str, StoredPage],
    index: VectorIndex,
    objects: ObjectStore | None,
    without: frozenset[str],
) -> list[Ranking]:
    """The rankings with the pages that may be at a place, and before them how surely pages are.

    These are asked for in a round trip of their own, which other questions do without.
    """
    documents = best_documents(best, pages, stage.documents)
    where = at_places(stage.places, [page for _, page in documents.values()])
    there = {} if where is None else _scores_where(plan, index, all_of(plan.filter, where), without)
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
    return [Ranking(Stage.PLACE, 1.0, tuple(scores.items())), *extended]


def _scores_where(
    plan: SearchPlan, index: VectorIndex, where: Filter | None, without: frozenset[str]
) -> dict[Stage, Scores]:
    """What the first stages find among these pages."""
    names = {named.place: named for named in index.schema.vectors}
    asked: list[tuple[Stage, Nearest]] = []
    for dense in plan.dense:
        exact = None if dense.exact is None else _MOST_AT_PLACES
        all_there = replace(dense, candidates=_MOST_AT_PLACES, coarse_candidates=_MOST_AT_PLACES, exact=exact)
        queries = _nearest_dense(all_there, names[dense.place])
        asked += zip((dense.coarse_stage, dense.stage)[-len(queries) :], queries, strict=True)
    asked += [(each.stage, Nearest(each.stage, each.terms, _MOST_AT_PLACES)) for each in plan.sparse]
    found = index.nearest([query for _, query in asked], where, without)
    return dict(zip((stage for stage, _ in asked), found, strict=True))


def _missing(
    plan: SearchPlan, unseen: Sequence[AskedWord], index: VectorIndex, without: frozenset[str]
) -> tuple[str, ...]:
    """Of words that no page has those that name something, and for which nothing else stands either.

    Not the pairs of letters that words without spaces are cut into: some of them span two words; nor what
    only says which page is meant.
    """
    passed_over = _TELLING_NOTHING | plan.place_words
    unseen = [w for w in unseen if w.text not in passed_over and not characters(w.text)]
    others = [word for word in unseen if word.stand_ins.indices]
    queries = [Nearest(stage.stage, word.stand_ins, 1) for word in others for stage in plan.sparse]
    found = iter(index.nearest(queries, plan.filter, without))
    stood_for = {word.text for word in others if any(list(islice(found, len(plan.sparse))))}
    return tuple(word.text for word in unseen if word.text not in stood_for)


def _share_of(missing: Collection[str], plan: SearchPlan) -> float:
    """How much of the question its other words are: 1 where there are none, and nothing can be found."""
    weights = {word.text: word.weight for stage in plan.sparse for word in stage.reach}
    lost = sum(weights[word] for word in missing)
    return 1.0 - lost / sum(weights.values()) if lost > 0 and len(missing) < len(weights) else 1.0


def _nearest_dense(dense: DenseStage, named: NamedVectors) -> list[Nearest]:
    full = Nearest(named.full, dense.embedding, dense.candidates)
    if dense.coarse is None:
        return [full]
    coarse = Nearest(named.coarse, dense.coarse, dense.coarse_candidates)
    full = replace(full, among=coarse)
    if dense.exact is not None:
        full = replace(full, limit=dense.exact, among=full, is_exact=True)
    return [coarse, full]


def _dense_rankings(dense: DenseStage, found: Sequence[Scores]) -> list[Ranking]:
    """The coarse stage notes its scores and has no vote."""
    *coarse, full = found
    floor = dense_floor([score for _, score in full], dense.dims)
    return [
        *(Ranking(dense.coarse_stage, 0.0, scores) for scores in coarse),
        Ranking(dense.stage, dense.weight, full, floor),
    ]


def _nearest_words(stage: SparseStage) -> list[Nearest]:
    alone = [Nearest(stage.stage, word.alone, 1) for word in stage.reach]
    return [Nearest(stage.stage, stage.terms, stage.candidates), *alone]


def _word_rankings(
    stages: Sequence[SparseStage], found: Iterator[Scores]
) -> tuple[list[Ranking], list[AskedWord]]:
    """All on one scale: to miss words that only the other source holds is to miss them.

    Also the words that no source has.
    """
    lists, reached = [], [0.0]
    unseen = dict.fromkeys(word for stage in stages for word in stage.reach)
    for stage in stages:
        lists.append(next(found))
        best = dict(zip(stage.reach, islice(found, len(stage.reach)), strict=True))
        for word in (word for word, scores in best.items() if scores):
            unseen.pop(word, None)
        reached += [
            stage.reach_scale * sum(score for scores in best.values() for _, score in scores),
            *(score for _, score in lists[-1]),
        ]
    rankings = [
        Ranking(stage.stage, stage.weight, scores, most=max(reached))
        for stage, scores in zip(stages, lists, strict=True)
    ]
    return rankings, list(unseen)


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
