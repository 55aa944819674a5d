"""Embedders that read: checkpoints that take texts alone get the words of a page, window by window.

A page has a vector for each window, and its best window counts (docs/decisions/0019-windows.md).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image
from sentence_transformers import SentenceTransformer

from vdr.merging import text_of
from vdr.models.inputs import plain_text
from vdr.models.many_vectors import many_page, many_query
from vdr.models.query_embedder import QueryEmbedder, in_words, with_own_terms
from vdr.models.reader import Reader
from vdr.models.text_windows import own_tokenizer, text_windows, window_length
from vdr.types import FloatArray, PageVectors, PageWords, QueryInput, QueryVectors
from vdr.vectors import truncate

_AT_ONCE = 32  # windows a batch


class WindowsEmbedder:
    """A checkpoint that gives one vector a text."""

    region_dims: int | None = None
    reader_name: str | None = None
    more: Sequence[QueryEmbedder] = ()
    reader: Reader | None = None
    reads_words = False
    takes_words = True
    dense_weight = 1.0

    def __init__(self, model: SentenceTransformer, name: str, mark: str, dims: int) -> None:
        self.name, self.fingerprint, self.dims = name, mark, dims
        self.coarse_dims: int | None = dims
        self._model = model
        self._length = window_length(model)
        self._counter = own_tokenizer(model)

    def encode_pages(
        self, images: Sequence[Image.Image], words: Sequence[PageWords] = ()
    ) -> list[PageVectors]:
        """One embedding per window of each page."""
        windows = [text_windows(text_of(page), self._counter, self._length) for page in words]
        rows = self._embed(self._model.encode_document, [text for page in windows for text in page])
        ends = np.cumsum([len(page) for page in windows])
        return [many_page(each) for each in np.split(rows, ends[:-1])] if windows else []

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """One embedding per query. Raises BadInput for an image."""
        texts = in_words(queries, self.name)
        pairs = zip(self._embed(self._model.encode_query, texts), texts, strict=True)
        return [with_own_terms(many_query(row[None], self.dense_weight), text) for row, text in pairs]

    def related_terms(self, query: str) -> Mapping[str, str]:
        """None: what means the same lies near in its space, and no words tell."""
        return {}

    def _embed(self, encode: Callable[..., FloatArray], texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims), normalized in float32 whatever the model computes in."""
        if not texts:
            return np.empty((0, self.dims), np.float32)
        safe = [plain_text(text, self._model.tokenizer) for text in texts]
        return truncate(encode(safe, batch_size=_AT_ONCE, show_progress_bar=False), self.dims)
