"""Late-interaction embedders: a vector for each patch or word of a page (ColPali, ColQwen, ColBERT).

Khattab and Zaharia, ColBERT, SIGIR 2020; Faysse et al., ColPali, ICLR 2025.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.multi_vector_encoder.modules import HierarchicalTokenPooling

from vdr.merging import completed, text_of
from vdr.models.batch_size import BatchSize
from vdr.models.explanation.late_interaction import (
    AskedTokens,
    asked_tokens,
    explained_by_patches,
    explained_by_words,
)
from vdr.models.inputs import broadened, images_of, plain_text, says_nothing, texts_of
from vdr.models.many_vectors import many_page, many_query
from vdr.models.query_embedder import in_words, with_own_terms
from vdr.models.text_windows import text_windows, window_length
from vdr.models.tokenizer_state import own_tokenizer, prepare_one_at_a_time
from vdr.models.without_reader import WithoutReader
from vdr.settings import ModelSettings
from vdr.types import FloatArray, PageVectors, PageWords, QueryInput, QueryVectors, Region
from vdr.vectors import truncate


class LateInteractionEmbedder(WithoutReader):
    """A checkpoint that gives many vectors a page, by its image or, where it takes none, by its words.

    With a pooling factor of n, as many clusters of a page's vectors stand for them as are an n-th of them
    (Clavié et al., Reducing the Footprint of Multi-Vector Retrieval, 2024).
    """

    def __init__(self, model: MultiVectorEncoder, settings: ModelSettings, mark: str, dims: int) -> None:
        self.name, self.fingerprint, self.dims = settings.embedder, mark, dims
        self.coarse_dims = dims
        self.takes_words = not model.supports("image")
        self._model, self._counter = model.eval(), own_tokenizer(model)
        if self.takes_words:
            self._length = window_length(model)
            self._batch_size = BatchSize.of_windows(settings.batch_size, model, mark)
        else:
            self._batch_size = BatchSize.of_pages(settings.batch_size, model, mark)
        prepare_one_at_a_time(model)
        self._pooling = HierarchicalTokenPooling(settings.pooling) if settings.pooling > 1 else None

    @property
    def pages_at_once(self) -> int:
        """As many as fill a batch, of images or of windows."""
        return self._batch_size.pages_of_windows if self.takes_words else self._batch_size.pages_at_once

    def encode_pages(
        self, images: Sequence[Image.Image], words: Sequence[PageWords] = ()
    ) -> list[PageVectors]:
        """The vectors of each page, those of its windows one after the other."""
        if not self.takes_words:
            return [many_page(rows) for rows in self._looked_at(images)]
        windows = [text_windows(text_of(page), self._counter, self._length) for page in words]
        found = iter(self._read([text for page in windows for text in page]))
        return [many_page(np.concatenate([next(found) for _ in page])) for page in windows]

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """The vectors of each query; an image is like the page that it shows.

        Raises BadInput for an image where the checkpoint takes none.
        """
        if self.takes_words:
            in_words(queries, self.name)
        pairs = zip(self._queries(queries), queries, strict=True)
        return [with_own_terms(many_query(rows, self.dense_weight), query) for rows, query in pairs]

    def explain(self, query: QueryInput, image: Image.Image, words: PageWords) -> tuple[Region, ...]:
        """The patches of the page, or its words, that the query's tokens are nearest to, none of them pooled.

        Raises as `encode_queries`.
        """
        if self.takes_words:
            in_words([query], self.name)
        if says_nothing(query):
            return ()
        asked = self._asked(query)
        if not self.takes_words:
            return explained_by_patches(self._model, asked, image, self._looked_at)
        told = completed(words)
        windows = text_windows([word.text for word in told], self._counter, self._length)
        return explained_by_words(self._model, self._counter, asked, told, windows, self._read)

    def _asked(self, query: QueryInput) -> AskedTokens:
        """The tokens of a query, each with its words; of an image all that it has, and no words."""
        asked = asked_tokens(self._model, self._counter, query, self.dims) if isinstance(query, str) else None
        if asked is not None:
            return asked
        (rows,) = self._queries([query])
        return AskedTokens(rows, [()] * len(rows))

    def _looked_at(self, images: Sequence[Image.Image]) -> list[FloatArray]:
        return self._pages([broadened(image) for image in images])

    def _read(self, texts: Sequence[str]) -> list[FloatArray]:
        return self._pages([self._plain(text) for text in texts])

    def _queries(self, queries: Sequence[QueryInput]) -> list[FloatArray]:
        """The vectors of each query in order, texts embedded together and images together."""
        texts, images = texts_of(queries), images_of(queries)
        asked = self._embed(self._model.encode_query, [self._plain(text) for _, text in texts])
        shown = self._looked_at([image for _, image in images])
        rows = dict(zip([place for place, _ in (*texts, *images)], (*asked, *shown), strict=True))
        return [rows[place] for place in range(len(queries))]

    def _pages(self, inputs: Sequence[Any]) -> list[FloatArray]:
        return self._embed(self._model.encode_document, inputs, token_pooling=self._pooling)

    def _embed(self, encode: Callable[..., Any], inputs: Sequence[Any], **options: Any) -> list[FloatArray]:  # noqa: ANN401
        """A matrix (vectors, dims) for each input, its rows of length 1; one row of zeros for nothing."""
        if not inputs:
            return []
        found = self._batch_size.fitting(
            lambda n: encode(list(inputs), batch_size=n, show_progress_bar=False, **options), inputs
        )
        matrices = (each.float().cpu().numpy() for each in found)
        return [
            truncate(matrix, self.dims) if len(matrix) else np.zeros((1, self.dims), np.float32)
            for matrix in matrices
        ]

    def _plain(self, text: str) -> dict[str, str]:
        return plain_text(text, self._model.tokenizer)
