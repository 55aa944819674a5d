"""Embedders that look: checkpoints that take images and give one vector a page."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image
from sentence_transformers import SentenceTransformer

from vdr.models.batch_size import BatchSize
from vdr.models.explanation.occlusion import regions_by_occlusion
from vdr.models.inputs import broadened, images_of, plain_text, says_nothing, texts_of
from vdr.models.query_embedder import with_own_terms
from vdr.models.tokenizer_state import prepare_one_at_a_time
from vdr.models.without_reader import WithoutReader
from vdr.types import FloatArray, PageVectors, PageWords, QueryInput, QueryVectors, Region
from vdr.vectors import truncate


class DenseEmbedder(WithoutReader):
    """A checkpoint that gives one vector per page or query."""

    def __init__(
        self, model: SentenceTransformer, name: str, mark: str, dims: int, batch_size: BatchSize
    ) -> None:
        self.name, self.fingerprint, self.dims = name, mark, dims
        self._model, self._batch_size = model, batch_size
        prepare_one_at_a_time(model)

    @property
    def pages_at_once(self) -> int:
        """As many as fill a batch."""
        return self._batch_size.pages_at_once

    def encode_pages(
        self, images: Sequence[Image.Image], words: Sequence[PageWords] = ()
    ) -> list[PageVectors]:
        """One embedding per page image."""
        return [PageVectors(embedding) for embedding in self._embed(self._model.encode_document, images)]

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """One embedding per query; the words of a text query are its terms."""
        vectors: dict[int, QueryVectors] = {}
        kinds: tuple[Sequence[tuple[int, QueryInput]], ...] = (texts_of(queries), images_of(queries))
        for kind in kinds:
            embeddings = self._embed(self._model.encode_query, [query for _, query in kind])
            for (place, query), embedding in zip(kind, embeddings, strict=True):
                vectors[place] = with_own_terms(QueryVectors(embedding), query)
        return [vectors[place] for place in range(len(queries))]

    def explain(self, query: QueryInput, image: Image.Image, words: PageWords) -> tuple[Region, ...]:
        """The parts of the image without which the page is less like the query."""
        if says_nothing(query):
            return ()
        (asked,) = self.encode_queries([query])

        def likeness(images: Sequence[Image.Image]) -> FloatArray:
            return self._embed(self._model.encode_document, images) @ asked.embedding

        return regions_by_occlusion(image, likeness)

    def _embed(self, encode: Callable[..., FloatArray], inputs: Sequence[QueryInput]) -> FloatArray:
        """Embeddings (inputs, dims), normalized in float32 whatever the model computes in."""
        if not inputs:
            return np.empty((0, self.dims), np.float32)
        tokenizer = self._model.tokenizer
        safe = [plain_text(one, tokenizer) if isinstance(one, str) else broadened(one) for one in inputs]
        rows = self._batch_size.fitting(lambda n: encode(safe, batch_size=n, show_progress_bar=False), safe)
        return truncate(rows, self.dims)
