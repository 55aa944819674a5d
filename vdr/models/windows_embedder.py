"""Embedders that read: models that take texts alone get the words of a page, window by window.

A page has a vector for each window, and its best window counts (docs/decisions/0019-windows.md).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

import numpy as np
from PIL import Image

from vdr.merging import completed, text_of
from vdr.models.explanation.lines import regions_of_lines
from vdr.models.inputs import says_nothing
from vdr.models.many_vectors import many_page, many_query
from vdr.models.query_embedder import in_words, with_own_terms
from vdr.models.text_windows import stretches_of
from vdr.models.without_reader import FEWEST_AT_ONCE, WithoutReader
from vdr.types import FloatArray, PageVectors, PageWords, QueryInput, QueryVectors, Region


class TextModel(Protocol):
    """Gives one vector a text. Threads may share one.

    `noise` is the cosine that the windows of many pages reach with a text that means nothing; None where
    nobody knows.
    """

    name: str
    fingerprint: str
    dims: int
    noise: float | None = None

    @property
    def pages_at_once(self) -> int:
        """How many pages it is best given the windows of together."""
        return FEWEST_AT_ONCE

    def windows(self, words: Sequence[str]) -> list[str]:
        """The words of a page as texts that it takes whole, one at least."""
        ...

    def embed_windows(self, texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims) of windows, of length 1."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims) of queries, of length 1."""
        ...

    def share_understood(self, query: str) -> float:
        """How much its vector of a query counts, from 0 for what it cannot read to 1 (nobody knows: 1)."""
        return 1.0

    def knows(self, word: str) -> bool:
        """Whether a word, as it is compared, is surely spelt right: it is in the model's vocabulary."""
        return False


class WindowsEmbedder(WithoutReader):
    """Gives a page the vectors that a model of texts makes of its windows."""

    takes_words = True

    def __init__(self, model: TextModel) -> None:
        self.name, self.fingerprint, self.dims = model.name, model.fingerprint, model.dims
        self.coarse_dims = model.dims
        self._model = model

    @property
    def pages_at_once(self) -> int:
        """As many as the model says."""
        return self._model.pages_at_once

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
        return [self._query(row, text) for row, text in pairs]

    def _query(self, row: FloatArray, text: str) -> QueryVectors:
        weight = self.dense_weight * self._model.share_understood(text)
        vectors = with_own_terms(many_query(row[None], weight, self._model.noise), text)
        return replace(vectors, known=frozenset(filter(self._model.knows, vectors.terms)) or None)

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
