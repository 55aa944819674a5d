"""The second look: late interaction adds to the fusion's scores, a cross-encoder replaces them."""

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from vdr.errors import NotFound, ObjectDamaged
from vdr.objects.store import ObjectStore
from vdr.search.fusion import added, chance, shares
from vdr.types import Candidate, QueryInput, Stage

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.reranker import Reranker


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
    found = iter(shares([score for score in scores if score is not None], floor, 1.0))
    reranked = [
        candidate if score is None else _reranked(candidate, score, next(found))
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
    reranked = [
        replace(candidate, score=float(score), stages={**candidate.stages, Stage.CROSS_ENCODER: float(score)})
        for candidate, score in zip(shown, scores, strict=True)
    ]
    return sorted(reranked, key=lambda candidate: -candidate.score)


def _reranked(candidate: Candidate, score: float, share: float) -> Candidate:
    stages = {**candidate.stages, Stage.LATE_INTERACTION: score}
    return replace(candidate, score=added(candidate.score, RERANK_WEIGHT, share), stages=stages)


def _images(
    candidates: Sequence[Candidate], objects: ObjectStore, shown: list[Candidate]
) -> Iterator[Image.Image]:
    """The images that there are; `shown` gets the candidates that they are of."""
    for candidate in candidates:
        try:
            encoded = objects.page_image(candidate.page)
        except NotFound:
            continue
        except ObjectDamaged as error:
            _LOG.warning("Reranking was skipped: %s", error)
            continue
        shown.append(candidate)
        yield decoded(encoded)


def decoded(encoded: bytes) -> Image.Image:
    """A page image as a reranker takes it."""
    return Image.open(io.BytesIO(encoded)).convert("RGB")
