"""The plans that are tried on a collection: that of the settings, and what may do as well for less."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from vdr.models.reranker import LoadedStep
from vdr.search.kept import KeptStep, PlanShape, default_shape
from vdr.settings import SearchSettings

_DEPTHS = (20, 50, 100)  # of reranking
_CANDIDATES = (100, 200, 400)
_DEFAULT_DEPTH = 50  # where the settings rerank nothing

Chain = tuple[KeptStep, ...]


def plans_to_try(
    settings: SearchSettings,
    rerankers: Sequence[LoadedStep],
    embedders: Sequence[str],
    *,
    has_regions: bool,
) -> list[PlanShape]:
    """The plan of the settings first, then others that differ from it by one thing or two, each once.

    Without reranking, by parts of the chain of rerankers, and at other depths; with fewer and more
    candidates, and without one of several embedders, both reranked and not.
    """
    asked = default_shape(settings, rerankers, has_regions=has_regions)
    depth = settings.rerank_candidates or _DEFAULT_DEPTH
    reranking = settings.model_copy(update={"rerank_candidates": depth})
    whole = default_shape(reranking, rerankers, has_regions=has_regions).rerank
    found = [asked, *(asked.model_copy(update={"rerank": chain}) for chain in _chains(whole))]
    for chain in dict.fromkeys((whole, ())):
        reranked = asked.model_copy(update={"rerank": chain})
        found += [reranked.model_copy(update={"candidates": count}) for count in _CANDIDATES]
        if len(embedders) > 1:
            found += [reranked.model_copy(update={"without": (name,)}) for name in embedders]
    return list(dict.fromkeys(found))


def _chains(whole: Chain) -> Iterator[Chain]:
    """None, all, each alone, all but one, and all at other depths."""
    yield ()
    for count in dict.fromkeys((1, len(whole) - 1, len(whole))):
        if count > 0:
            yield from combinations(whole, count)
    if whole:
        yield from (_at_depth(whole, depth) for depth in _DEPTHS)


def _at_depth(chain: Chain, depth: int) -> Chain:
    """The first reranks so many pages, the others no more than that."""
    first, *others = chain
    cut = (step.model_copy(update={"depth": min(step.depth, depth)}) for step in others)
    return (first.model_copy(update={"depth": depth}), *cut)
