"""Embedders behind an address: whatever answers POST as OpenAI's /v1/embeddings does (TEI, vLLM, Infinity).

They get the words of pages, window by window, as checkpoints that take texts do.
"""

import hashlib
import json
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ValidationError

from vdr.errors import BadSetting, EmbedderUnavailable, ModelError
from vdr.models.endpoint import Endpoint
from vdr.models.text_windows import word_windows
from vdr.settings import ModelSettings
from vdr.types import FloatArray
from vdr.vectors import truncate

_AT_ONCE = 32  # texts a request: what TEI takes unless it is told otherwise
# What it takes at once, nobody tells; of words and figures mixed, so many are within the usual 512 tokens.
_WINDOW = 160  # words
_PROBE = "Page 7 of the annual report: net sales by region"
_REMEDY = "Set VDR_EMBEDDER to the address of a server's /v1/embeddings, as OpenAI, TEI and vLLM have it."


class _Embedded(BaseModel):
    index: int
    embedding: list[float]


class _Answer(BaseModel):
    data: list[_Embedded]


class EndpointTexts:
    """Asks a server, in as many requests as the texts need. Threads may share one.

    Its fingerprint is told by the model's name and what it makes of a text: the width, and which of the
    numbers is the largest.
    """

    def __init__(self, settings: ModelSettings) -> None:
        """Raises EmbedderUnavailable if the server does not answer, ModelError if it is no embedder.

        BadSetting where more dimensions are asked for than it gives.
        """
        self._server = Endpoint(settings.embedder, settings.embedder_api_key, EmbedderUnavailable)
        self._model = settings.embedder_model
        self.name = self._model or self._server.name
        self._width: int | None = None
        (probe,) = self._sent([_PROBE])
        self._width, self.dims = len(probe), settings.dims or len(probe)
        if self.dims > len(probe):
            raise BadSetting(f"VDR_DIMS={self.dims}, but {self.name} has {len(probe)} dimensions.")
        told = [self.name, self.dims, len(probe), int(np.argmax(np.abs(probe))), _WINDOW]
        self.fingerprint = hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def windows(self, words: Sequence[str]) -> list[str]:
        """As few as there have to be of _WINDOW words."""
        return word_windows(words, _WINDOW)

    def embed_windows(self, texts: Sequence[str]) -> FloatArray:
        """Raises as the constructor."""
        return self._embed(texts)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Raises as the constructor."""
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims) of length 1."""
        parts = (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))
        return truncate(np.concatenate([self._nothing(), *map(self._sent, parts)]), self.dims)

    def _nothing(self) -> FloatArray:
        return np.empty((0, self._width or 0), np.float32)

    def _sent(self, texts: Sequence[str]) -> FloatArray:
        """What the server makes of some texts, (texts, width)."""
        model = {} if self._model is None else {"model": self._model}
        # Some servers refuse an empty text.
        answer = self._server.post({**model, "input": [text or " " for text in texts]})
        if answer.status_code in (401, 403):
            raise ModelError(
                f"{self._server.name} refuses the request ({answer.status_code}).",
                remedy="Set VDR_EMBEDDER_API_KEY.",
            )
        if not answer.is_success:
            raise ModelError(
                f"{self._server.name} answers {answer.status_code} to a request to embed.", remedy=_REMEDY
            )
        try:
            found = _Answer.model_validate_json(answer.content)
        except ValidationError as error:
            raise ModelError(
                f"{self._server.name} answers something else than embeddings.", remedy=_REMEDY
            ) from error
        return self._checked(found, len(texts))

    def _checked(self, found: _Answer, count: int) -> FloatArray:
        rows = {each.index: each.embedding for each in found.data}
        widths = {len(row) for row in rows.values()}
        if len(found.data) != count or rows.keys() != set(range(count)) or len(widths) != 1 or 0 in widths:
            raise ModelError(f"{self._server.name} does not embed each text once.", remedy=_REMEDY)
        if self._width not in (None, *widths):
            raise ModelError(
                f"{self._server.name} gives vectors of {widths.pop()} numbers, {self._width} before.",
                remedy="Restart vdr once the server has the model that it is to keep.",
            )
        embedded = np.array([rows[place] for place in range(count)], np.float32)
        if not np.isfinite(embedded).all():
            raise ModelError(f"{self._server.name} gives vectors that are no numbers.", remedy=_REMEDY)
        return embedded
