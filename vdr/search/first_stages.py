"""The first stages of a plan: what they ask an index for, and the rankings that they find."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from vdr.index import Nearest, VectorIndex
from vdr.index.engine import Scores
from vdr.index.schema import NamedVectors
from vdr.search.fusion import Ranking, dense_floor
from vdr.search.plan import SearchPlan
from vdr.search.stages import AskedWord, DenseStage, ExcludedWord, SparseStage
from vdr.types import Filter, Stage
from vdr.words import ASKING_WORDS, TELLING_WORDS, characters

_MOST_EXCLUDED = 10_000  # pages that have a word which must not stand there
_MOST_AT_PLACES = 200  # pages: some of each of the best documents
_TELLING_NOTHING = ASKING_WORDS | TELLING_WORDS  # of what a page is about


def having(words: Sequence[ExcludedWord], where: Filter | None, index: VectorIndex) -> frozenset[str]:
    """The pages that have one of the words at least, as it is written."""
    if not words:
        return frozenset()
    asked = [[Nearest(s, t, _MOST_EXCLUDED) for t in word.terms] for word in words for s in word.stages]
    scores = iter(index.nearest([query for queries in asked for query in queries], where))
    found = [[{point for point, _ in next(scores)} for _ in queries] for queries in asked]
    return frozenset().union(*(set.intersection(*each) for each in found if each))


def first_rankings(
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
    share = share_of(missing, plan)
    by_words = [replace(each, most=each.most / share) for each in by_words]
    return [*by_vector, *by_words], missing


def scores_where(
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


def share_of(missing: Collection[str], plan: SearchPlan) -> float:
    """How much of the question its other words are: 1 where there are none, and nothing can be found."""
    weights = {word.text: word.weight for stage in plan.sparse for word in stage.reach}
    lost = sum(weights[word] for word in missing)
    return 1.0 - lost / sum(weights.values()) if lost > 0 and len(missing) < len(weights) else 1.0


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
