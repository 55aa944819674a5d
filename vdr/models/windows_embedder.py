"""Embedders that read: models that take texts alone get the words of a page, window by window.

A page has a vector for each window, and its best window counts (docs/decisions/0019-windows.md).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from PIL import Image
from sentence_transformers import SentenceTransformer

from vdr.merging import completed, text_of
from vdr.models.batch_size import BatchSize
from vdr.models.explanation.lines import regions_of_lines
from vdr.models.inputs import plain_text, says_nothing
from vdr.models.many_vectors import many_page, many_query
from vdr.models.query_embedder import in_words, with_own_terms
from vdr.models.text_windows import stretches_of, text_windows, window_length
from vdr.models.tokenizer_state import own_tokenizer, prepare_one_at_a_time
from vdr.models.without_reader import WithoutReader
from vdr.types import FloatArray, PageVectors, PageWords, QueryInput, QueryVectors, Region
from vdr.vectors import truncate


class TextModel(Protocol):
    """Gives one vector a text. Threads may share one."""

    name: str
    fingerprint: str
    dims: int

    def windows(self, words: Sequence[str]) -> list[str]:
        """The words of a page as texts that it takes whole, one at least."""
        ...

    def embed_windows(self, texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims) of windows, of length 1."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims) of queries, of length 1."""
        ...


class WindowsEmbedder(WithoutReader):
    """Gives a page the vectors that a model of texts makes of its windows."""

    takes_words = True

    def __init__(self, model: TextModel) -> None:
        self.name, self.fingerprint, self.dims = model.name, model.fingerprint, model.dims
        self.coarse_dims = model.dims
        self._model = model

    def encode_pages(
        self, images: Sequence[Image.Image], words: Sequence[PageWords] = ()
    ) -> list[PageVectors]:
        """One embedding per window of each page. Raises what the model raises."""
        windows = [self._model.windows(text_of(page)) for page in words]
        rows = self._model.embed_windows([text for page in windows for text in page])
        bounds = np.cumsum([0, *map(len, windows)])
        return [many_page(rows[start:end]) for start, end in pairwise(bounds)]

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """One embedding per query. Raises BadInput for an image, and what the model raises."""
        texts = in_words(queries, self.name)
        pairs = zip(self._model.embed_queries(texts), texts, strict=True)
        return [with_own_terms(many_query(row[None], self.dense_weight), text) for row, text in pairs]

    def explain(self, query: QueryInput, image: Image.Image, words: PageWords) -> tuple[Region, ...]:
        """The lines of the best window that are most like the query. Raises as `encode_queries`."""
        (text,) = in_words([query], self.name)
        told = completed(words)
        if says_nothing(text) or not told:
            return ()
        (asked,) = self._model.embed_queries([text])
        windows = self._model.windows([word.text for word in told])
        best = int(np.argmax(self._model.embed_windows(windows) @ asked))
        stretch = stretches_of(windows, [word.text for word in told])[best]
        shown = told[stretch.start : stretch.stop]
        return regions_of_lines(shown, lambda texts: self._model.embed_windows(texts) @ asked)


class CheckpointTexts:
    """A checkpoint that takes texts and gives one vector."""

    def __init__(self, model: SentenceTransformer, name: str, mark: str, dims: int) -> None:
        self.name, self.fingerprint, self.dims = name, mark, dims
        self._model, self._batch_size = model, BatchSize.of_windows()
        self._length = window_length(model)
        self._counter = own_tokenizer(model)
        prepare_one_at_a_time(model)

    def windows(self, words: Sequence[str]) -> list[str]:
        """As few as there have to be for as many tokens as it takes."""
        return text_windows(words, self._counter, self._length)

    def embed_windows(self, texts: Sequence[str]) -> FloatArray:
        """With the checkpoint's own prompt for documents."""
        return self._embed(self._model.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """With the checkpoint's own prompt for queries."""
        return self._embed(self._model.encode_query, texts)

    def _embed(self, encode: Callable[..., FloatArray], texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims), normalized in float32 whatever the model computes in."""
        if not texts:
            return np.empty((0, self.dims), np.float32)
        safe = [plain_text(text, self._model.tokenizer) for text in texts]
        rows = self._batch_size.fitting(lambda n: encode(safe, batch_size=n, show_progress_bar=False))
        return truncate(rows, self.dims)
