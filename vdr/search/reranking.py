"""The second look: late interaction adds to the fusion's scores, a cross-encoder replaces them."""

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from vdr.errors import NotFound, ObjectDamaged
from vdr.objects.store import ObjectStore
from vdr.search.fusion import added, ranks, shares
from vdr.search.sought import Sought
from vdr.search.source import best_source
from vdr.search.stages import CrossEncoderStage, RerankStage, WordsStage
from vdr.search.windows import windows_of
from vdr.types import Candidate, Print, QueryInput, SearchMode, Stage, Vote
from vdr.vectors import chance

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.reranker import LoadedStep, Reranker, WordsReranker


# docs/decisions/0017-shares.md has what other weights give.
RERANK_WEIGHT = 0.3
_PAGE_READER_DIMS = 64
_LOG = logging.getLogger(__name__)


def blend(
    candidates: Sequence[Candidate],
    scores: Sequence[float | None],
    floor: float = chance(_PAGE_READER_DIMS),
) -> list[Candidate]:
    """The candidates, best first, after late interaction has filled part of what the fusion left open.

    `scores[i]` belongs to `candidates[i]`, which come best first, and is the share of the question that the
    page contains; up to `floor` it is chance. Where it is None (a page without region vectors), and beyond
    `scores`, a candidate keeps its score: as scores only grow, those beyond keep their places too.
    """
    known = [score for score in scores if score is not None]
    found = iter(zip(known, shares(known, floor, 1.0), ranks(known), strict=True))
    reranked = [
        candidate if score is None else _reranked(candidate, *next(found))
        for candidate, score in zip(candidates, scores, strict=False)
    ]
    return [*sorted(reranked, key=lambda candidate: -candidate.score), *candidates[len(scores) :]]


def rerank_by_images(
    reranker: "Reranker", query: QueryInput, candidates: Sequence[Candidate], objects: ObjectStore
) -> list[Candidate]:
    """The candidates, best first by the reranker's score alone.

    Those whose image is gone (deleted meanwhile) or damaged are left out.
    """
    shown: list[Candidate] = []
    # Read and decoded one by one as the reranker asks for them: it takes one search at a time.
    scores = reranker.score(query, _images(candidates, objects, shown))
    reranked = [_scored(candidate, score) for candidate, score in zip(shown, scores, strict=True)]
    return sorted(reranked, key=lambda candidate: -candidate.score)


def rerank_by_words(
    reranker: "WordsReranker",
    stage: WordsStage,
    candidates: Sequence[Candidate],
    objects: ObjectStore,
    mode: SearchMode,
) -> list[Candidate]:
    """The candidates, best first by the reranker's score of their best windows alone.

    Pages without words follow in the order they had. Those whose words are gone (deleted meanwhile) or
    damaged are left out.
    """
    read: list[Candidate] = []
    wordless: list[Candidate] = []
    for candidate in candidates:
        with unless_gone():
            windows = _windows(objects, candidate, stage.sought, mode)
            if windows:
                read.append(replace(candidate, windows=windows))
            else:
                wordless.append(candidate)
    scores = reranker.score_words(stage.question, [candidate.windows for candidate in read])
    reranked = [_scored(candidate, score) for candidate, score in zip(read, scores, strict=True)]
    return [*sorted(reranked, key=lambda candidate: -candidate.score), *wordless]


def _windows(objects: ObjectStore, candidate: Candidate, sought: Sought, mode: SearchMode) -> tuple[str, ...]:
    """The page's best windows, of the words that a search of this mode looks at."""
    text_layer, pixels = objects.page_print(candidate.page)
    if mode is SearchMode.VISUAL:
        return windows_of(best_source(Print(), pixels, sought), sought)
    if mode is SearchMode.TEXT:
        return windows_of(best_source(text_layer, lambda: pixels()[:1], sought), sought)
    return windows_of(best_source(text_layer, pixels, sought), sought)


def reranking_by(
    stage: RerankStage, rerankers: "Sequence[LoadedStep]", objects: ObjectStore | None, mode: SearchMode
) -> Callable[[Sequence[Candidate]], list[Candidate]]:
    """What a stage makes of its candidates. Raises ValueError if its model is not among the rerankers."""
    models = {step.name: step.model for step in rerankers}
    match stage:
        case CrossEncoderStage(reranker=name, query=query) if objects is not None:
            looking = models.get(name)
            if looking is not None and looking.reads_words is False:
                return lambda best: rerank_by_images(looking, query, best, objects)
        case WordsStage(reranker=name) if objects is not None:
            reading = models.get(name)
            if reading is not None and reading.reads_words is True:
                return lambda best: rerank_by_words(reading, stage, best, objects, mode)
    raise ValueError(f"A plan was given without what it needs: {stage}")


@contextmanager
def unless_gone() -> Iterator[None]:
    """Passes over a page that was deleted meanwhile, or is damaged."""
    try:
        yield
    except NotFound:
        return
    except ObjectDamaged as error:
        _LOG.warning("A page is passed over: %s", error)


def _scored(candidate: Candidate, score: float) -> Candidate:
    """The candidate with a cross-encoder's score in place of its own."""
    stages = {**candidate.stages, Stage.CROSS_ENCODER: float(score)}
    return replace(candidate, score=float(score), stages=stages)


def _reranked(candidate: Candidate, score: float, share: float, rank: int) -> Candidate:
    return replace(
        candidate,
        score=added(candidate.score, RERANK_WEIGHT, share),
        stages={**candidate.stages, Stage.LATE_INTERACTION: score},
        votes={**candidate.votes, Stage.LATE_INTERACTION: Vote(rank, RERANK_WEIGHT * share)},
    )


def _images(
    candidates: Sequence[Candidate], objects: ObjectStore, shown: list[Candidate]
) -> Iterator[Image.Image]:
    """The images that there are; `shown` gets the candidates that they are of."""
    for candidate in candidates:
        encoded = None
        with unless_gone():
            encoded = objects.page_image(candidate.page)
        if encoded is not None:
            shown.append(candidate)
            yield decoded(encoded)


def decoded(encoded: bytes) -> Image.Image:
    """A page image as a reranker takes it."""
    return Image.open(io.BytesIO(encoded)).convert("RGB")
