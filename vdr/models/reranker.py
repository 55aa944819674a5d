"""Rerankers: Sentence Transformers cross-encoders, which look at a query and a page image together."""

from collections.abc import Iterable
from itertools import islice
from threading import Lock
from typing import Protocol

import numpy as np
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

    def score(self, query: QueryInput, pages: Iterable[Image.Image]) -> FloatArray:
        """A number (pages,) for each page image, higher for better answers.

        The images are taken as they are scored, so that those of searches that wait need not be in memory.
        """
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
    def score(self, query: QueryInput, pages: Iterable[Image.Image]) -> FloatArray:
        """The model's scores (pages,), as its own activation gives them; a batch of images in memory."""
        asked = plain_text(query, self._model.tokenizer) if isinstance(query, str) else broadened(query)
        scores, left = [np.empty(0, np.float32)], iter(pages)
        with self._lock:
            while batch := [(asked, broadened(page)) for page in islice(left, self._batch_size)]:
                scores.append(
                    self._model.predict(batch, batch_size=self._batch_size, show_progress_bar=False)
                )
        return np.concatenate(scores)
