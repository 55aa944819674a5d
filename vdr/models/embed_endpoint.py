"""Embedders behind an address: whatever answers POST as OpenAI's /v1/embeddings does (TEI, vLLM, Infinity).

They get the words of pages, window by window, as checkpoints that take texts do.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from pydantic import BaseModel, TypeAdapter

from vdr.errors import EmbedderUnavailable, ModelError
from vdr.models.endpoint import Endpoint, NotTaken, OfOneText, Task, requests_of
from vdr.models.query_embedder import chosen_dims
from vdr.models.text_windows import word_windows
from vdr.models.windows_embedder import TextModel
from vdr.settings import ModelSettings
from vdr.types import FloatArray
from vdr.vectors import truncate

# What it takes at once, nobody tells; of words and figures mixed, so many are within the usual 512 tokens.
_WINDOW = 160  # words
_SHORT = 64  # characters: what is refused for so few is not refused for its length
_PROBE = "Page 7 of the annual report: net sales by region"
_TASK = Task(
    does="embed",
    gives="embeddings",
    key_setting="VDR_EMBEDDER_API_KEY",
    remedy="Set VDR_EMBEDDER to the address of a server's /v1/embeddings, as OpenAI, TEI and vLLM have it.",
    unavailable=EmbedderUnavailable,
)


class _Embedded(OfOneText):
    embedding: list[float]


class _Answer(BaseModel):
    data: list[_Embedded]


_ANSWER = TypeAdapter(_Answer)
_LOG = logging.getLogger(__name__)


class EndpointTexts(TextModel):
    """Asks a server, in as many requests as the texts need. Threads may share one.

    Its fingerprint is told by the model's name and what it makes of a text: the width, and which of the
    numbers is the largest.
    """

    def __init__(self, settings: ModelSettings) -> None:
        """Raises EmbedderUnavailable if the server does not answer, ModelError if it is no embedder."""
        self._server = Endpoint(settings.embedder, settings.embedder_api_key, _TASK)
        self._model = settings.embedder_model
        self.name = self._model or self._server.name
        self._width: int | None = None
        (probe,) = self._sent([_PROBE])
        self._width, self.dims = len(probe), chosen_dims(settings, len(probe))
        self._query_prompt, self._page_prompt = settings.query_prompt or "", settings.page_prompt or ""
        told = [self.name, self.dims, len(probe), int(np.argmax(np.abs(probe))), _WINDOW]
        if self._page_prompt:
            told.append(self._page_prompt)
        self.fingerprint = hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def windows(self, words: Sequence[str]) -> list[str]:
        """As few as there have to be of _WINDOW words."""
        return word_windows(words, _WINDOW)

    def embed_windows(self, texts: Sequence[str]) -> FloatArray:
        """Raises as the constructor."""
        return self._embed([self._page_prompt + text for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Of a query that is longer than a window, its beginning. Raises as the constructor."""
        cut = (" ".join(text.split()[:_WINDOW]) for text in texts)
        return self._embed([self._query_prompt + text for text in cut])

    def _embed(self, texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims) of length 1."""
        return truncate(np.concatenate([self._nothing(), *map(self._sent, requests_of(texts))]), self.dims)

    def _nothing(self) -> FloatArray:
        return np.empty((0, self._width or 0), np.float32)

    def _sent(self, texts: Sequence[str]) -> FloatArray:
        """What the server makes of texts, (texts, width); of one too long for it, of its beginning."""
        try:
            return self._read(texts, self._server.ask_for_much(self._body(texts), _ANSWER))
        except NotTaken:
            if len(texts) > 1:  # each by itself: no other is cut for the one that is too long
                return np.concatenate([self._sent([text]) for text in texts])
            return self._beginning(texts[0])

    def _beginning(self, text: str) -> FloatArray:
        while len(text) // 2 >= _SHORT:
            text = text[: len(text) // 2]
            with suppress(NotTaken):
                found = self._read([text], self._server.ask_for_much(self._body([text]), _ANSWER))
                _LOG.warning("%s took the first %d characters of a longer text.", self.name, len(text))
                return found
        return self._read([text], self._server.ask(self._body([text]), _ANSWER))

    def _body(self, texts: Sequence[str]) -> dict[str, Any]:
        model = {} if self._model is None else {"model": self._model}
        return {**model, "input": [text or " " for text in texts]}  # some servers refuse an empty text

    def _read(self, texts: Sequence[str], answer: _Answer) -> FloatArray:
        found = self._server.in_order(answer.data, len(texts))
        return self._checked([each.embedding for each in found])

    def _checked(self, rows: Sequence[Sequence[float]]) -> FloatArray:
        widths = {len(row) for row in rows}
        if len(widths) != 1 or 0 in widths:
            raise self._server.wrong("does not give vectors of one width")
        if self._width not in (None, *widths):
            raise ModelError(
                f"{self._server.name} gives vectors of {widths.pop()} numbers, {self._width} before.",
                remedy="Restart vdr once the server has the model that it is to keep.",
            )
        embedded = np.array(rows, np.float32)
        if not np.isfinite(embedded).all():
            raise self._server.wrong("gives vectors that are no numbers")
        return embedded
