"""The second look: a cross-encoder puts candidates in order by their page images."""

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from vdr.errors import NotFound, ObjectDamaged
from vdr.models.inputs import QueryInput
from vdr.objects.store import ObjectStore
from vdr.types import Candidate, Stage

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.reranker import Reranker


_LOG = logging.getLogger(__name__)


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
        replace(candidate, score=float(score), stages={**candidate.stages, Stage.RERANK: float(score)})
        for (candidate, _), score in zip(shown, scores, strict=True)
    ]
    return sorted(reranked, key=lambda candidate: -candidate.score)


def _with_images(
    candidates: Sequence[Candidate], objects: ObjectStore
) -> Iterator[tuple[Candidate, Image.Image]]:
    for candidate in candidates:
        try:
            encoded = objects.page_image(candidate.document_id, candidate.page_number)
        except NotFound:
            continue
        except ObjectDamaged as error:
            _LOG.warning("Not reranked: %s", error)
            continue
        yield candidate, Image.open(io.BytesIO(encoded)).convert("RGB")
