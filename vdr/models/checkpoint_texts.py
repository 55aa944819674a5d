"""Sentence Transformers checkpoints as what gives one vector a text."""

from collections.abc import Callable, Sequence

import numpy as np
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from vdr.models.batch_size import BatchSize
from vdr.models.inputs import plain_text
from vdr.models.text_windows import text_windows, window_length
from vdr.models.tokenizer_state import own_tokenizer, prepare_one_at_a_time
from vdr.models.windows_embedder import TextModel
from vdr.text_encoder.credence import Credence
from vdr.text_encoder.encoder import share_known
from vdr.types import FloatArray
from vdr.vectors import truncate


class CheckpointTexts(TextModel):
    """A checkpoint that takes texts and gives one vector."""

    def __init__(
        self,
        model: SentenceTransformer,
        name: str,
        mark: str,
        dims: int,
        batch_size: BatchSize,
        credence: Credence | None = None,
    ) -> None:
        """`credence` is what is known of it where it was trained from a text encoder."""
        self.name, self.fingerprint, self.dims = name, mark, dims
        self._model, self._batch_size = model, batch_size
        self._length = window_length(model)
        self._counter = own_tokenizer(model)
        self._credence = credence
        if credence is not None:
            self.noise = credence.noise
            self._vocabulary = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
        prepare_one_at_a_time(model)

    @property
    def pages_at_once(self) -> int:
        """As many as fill a batch of windows."""
        return self._batch_size.pages_of_windows

    def windows(self, words: Sequence[str]) -> list[str]:
        """As few as there have to be for as many tokens as it takes."""
        return text_windows(words, self._counter, self._length)

    def embed_windows(self, texts: Sequence[str]) -> FloatArray:
        """With the checkpoint's own prompt for documents."""
        return self._embed(self._model.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """With the checkpoint's own prompt for queries."""
        return self._embed(self._model.encode_query, texts)

    def share_understood(self, query: str) -> float:
        """By the share of its words that the vocabulary has, where it was trained from a text encoder."""
        if self._credence is None:
            return 1.0
        return self._credence.share_understood(share_known(self._vocabulary, query))

    def _embed(self, encode: Callable[..., FloatArray], texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims), normalized in float32 whatever the model computes in."""
        if not texts:
            return np.empty((0, self.dims), np.float32)
        safe = [plain_text(text, self._model.tokenizer) for text in texts]
        rows = self._batch_size.fitting(lambda n: encode(safe, batch_size=n, show_progress_bar=False), safe)
        return truncate(rows, self.dims)
