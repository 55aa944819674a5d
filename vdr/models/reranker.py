"""Rerankers: Sentence Transformers cross-encoders, which look at a query and a page image together."""

from collections.abc import Sequence
from threading import Lock
from typing import Protocol

import torch
from PIL import Image
from sentence_transformers import CrossEncoder

from vdr.models.checkpoint import open_cross_encoder
from vdr.models.inputs import broadened, plain_text
from vdr.settings import ModelSettings
from vdr.types import FloatArray, QueryInput


class Reranker(Protocol):
    """Tells how well pages answer a query. Threads may share one."""

    name: str

    def score(self, query: QueryInput, pages: Sequence[Image.Image]) -> FloatArray:
        """A number (pages,) for each page image, higher for better answers."""
        ...


def load_reranker(settings: ModelSettings) -> Reranker | None:
    """The reranker that the settings name, on the best device there is; None where they name none.

    Raises ModelError when the checkpoint cannot be loaded, takes no images or gives more than one score.
    """
    if settings.reranker is None:
        return None
    model = open_cross_encoder(settings.reranker, settings.device)
    return CrossEncoderReranker(model, settings.reranker, settings.batch_size)


class CrossEncoderReranker:
    """A cross-encoder; one search at a time, as memory is for one batch."""

    def __init__(self, model: CrossEncoder, name: str, batch_size: int) -> None:
        self.name = name
        self._model, self._batch_size, self._lock = model, batch_size, Lock()

    @torch.inference_mode()
    def score(self, query: QueryInput, pages: Sequence[Image.Image]) -> FloatArray:
        """The model's scores (pages,), as its own activation gives them."""
        asked = plain_text(query, self._model.tokenizer) if isinstance(query, str) else broadened(query)
        pairs = [(asked, broadened(page)) for page in pages]
        with self._lock:
            scores: FloatArray = self._model.predict(
                pairs, batch_size=self._batch_size, show_progress_bar=False
            )
        return scores
