"""Sentence Transformers cross-encoders: they look at a query and a page together, its image or its words."""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from threading import Lock
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image
from sentence_transformers import CrossEncoder

from vdr.models.backend import choose_backend
from vdr.models.batch_size import BatchSize
from vdr.models.checkpoint import open_cross_encoder
from vdr.models.fingerprint import fingerprint
from vdr.models.inputs import broadened, plain_text
from vdr.settings import ModelSettings
from vdr.types import FloatArray, QueryInput
from vdr.vectors import best_of_each


def load_cross_encoder(path: str, settings: ModelSettings) -> "ImagesCrossEncoder | WordsCrossEncoder":
    """The checkpoint in a folder or with a Hub name. Raises ModelError as `open_cross_encoder`."""
    model = open_cross_encoder(path, settings.device, settings.precision, settings.attention)
    mark = fingerprint(path, {})
    choose_backend(model, path, settings.backend, mark)
    kind = ImagesCrossEncoder if model.supports("image") else WordsCrossEncoder
    return kind(model, path, BatchSize.of_pages(settings.batch_size, model, mark))


class _OneAtATime:
    """A model with its name; one search at a time, as memory is for one batch."""

    def __init__(self, model: CrossEncoder, name: str, batch_size: BatchSize) -> None:
        self.name = name
        self._model, self._batch_size, self._lock = model, batch_size, Lock()

    def _predict(self, pairs: Sequence[Any]) -> FloatArray:
        """The model's scores (pairs,)."""
        predict = partial(self._model.predict, list(pairs), show_progress_bar=False)
        return self._batch_size.fitting(lambda n: predict(batch_size=n), pairs)


class ImagesCrossEncoder(_OneAtATime):
    """A cross-encoder of page images."""

    reads_words: Literal[False] = False

    @torch.inference_mode()
    def score(self, query: QueryInput, pages: Iterable[Image.Image]) -> FloatArray:
        """The model's scores (pages,), as its own activation gives them; a batch of images in memory."""
        asked = plain_text(query, self._model.tokenizer) if isinstance(query, str) else broadened(query)
        scores, left = [np.empty(0, np.float32)], iter(pages)
        with self._lock:
            while batch := [(asked, broadened(page)) for page in islice(left, self._batch_size.current)]:
                scores.append(self._predict(batch))
        return np.concatenate(scores)


class WordsCrossEncoder(_OneAtATime):
    """A cross-encoder of texts."""

    reads_words: Literal[True] = True

    @torch.inference_mode()
    def score_words(self, question: str, pages: Sequence[Sequence[str]]) -> FloatArray:
        """The model's scores (pages,), as its own activation gives them, each of the page's best stretch."""
        if not pages:
            return np.empty(0, np.float32)
        asked = self._plain(question)
        pairs = [(asked, self._plain(text)) for stretches in pages for text in stretches]
        with self._lock:
            scores = self._predict(pairs)
        return best_of_each(scores, list(map(len, pages)))

    def _plain(self, text: str) -> str:
        return plain_text(text, self._model.tokenizer)["text"]
