"""The second look: late interaction joins the fusion's order, a cross-encoder puts its own in its place."""

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from PIL import Image

from vdr.errors import NotFound, ObjectDamaged
from vdr.objects.store import ObjectStore
from vdr.types import Candidate, QueryInput, Stage

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.reranker import Reranker


# Between 0.25 and 1 nothing changes beyond noise; 0 and 2 are worse (docs/decisions/0005-ranking.md).
RERANK_WEIGHT = 0.5
# Where nothing matches at all, shares of the best mean nothing; this keeps them finite.
_SMALLEST_BEST = 1e-6
_LOG = logging.getLogger(__name__)


def blend(candidates: Sequence[Candidate], scores: Sequence[float | None]) -> list[Candidate]:
    """The candidates by fusion and late interaction together, each as a share of the best candidate's.

    `scores[i]` belongs to `candidates[i]`, which come best first; None where a page has no region vectors:
    such a candidate has its fusion score alone, and so have those beyond `scores`, which keep their places.
    Where none was reranked, nothing changes.
    """
    reranked = [score for score in scores if score is not None]
    if not reranked:
        return list(candidates)
    best_rerank = max(*reranked, _SMALLEST_BEST)
    best_fusion = candidates[0].score
    combined = [
        _with_score(c, score, c.score / best_fusion, (score or 0.0) / best_rerank)
        for c, score in zip_longest(candidates, scores)
    ]
    depth = len(scores)
    return [*sorted(combined[:depth], key=lambda candidate: -candidate.score), *combined[depth:]]


def rerank_by_images(
    reranker: "Reranker", query: QueryInput, candidates: Sequence[Candidate], objects: ObjectStore
) -> list[Candidate]:
    """The candidates, best first by the reranker's score alone.

    Those whose image is gone (deleted meanwhile) or damaged are left out.
    """
    shown = list(_with_images(candidates, objects))
    if not shown:
        return []
    scores = reranker.score(query, [image for _, image in shown])
    reranked = [
        replace(candidate, score=float(score), stages={**candidate.stages, Stage.CROSS_ENCODER: float(score)})
        for (candidate, _), score in zip(shown, scores, strict=True)
    ]
    return sorted(reranked, key=lambda candidate: -candidate.score)


def _with_score(candidate: Candidate, score: float | None, fusion: float, rerank: float) -> Candidate:
    total = (fusion + RERANK_WEIGHT * rerank) / (1 + RERANK_WEIGHT)
    stages = candidate.stages if score is None else {**candidate.stages, Stage.LATE_INTERACTION: score}
    return replace(candidate, score=total, stages=stages)


def _with_images(
    candidates: Sequence[Candidate], objects: ObjectStore
) -> Iterator[tuple[Candidate, Image.Image]]:
    for candidate in candidates:
        try:
            encoded = objects.page_image(candidate.page)
        except NotFound:
            continue
        except ObjectDamaged as error:
            _LOG.warning("Reranking was skipped: %s", error)
            continue
        yield candidate, decoded(encoded)


def decoded(encoded: bytes) -> Image.Image:
    """A page image as a reranker takes it."""
    return Image.open(io.BytesIO(encoded)).convert("RGB")
