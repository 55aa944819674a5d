"""The page reader as an embedder: one pass gives words, vector and codes of a page."""

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image
from sentence_transformers import SentenceTransformer

from vdr.models.explanation.answers import merged_regions
from vdr.models.explanation.codes import regions_of_codes
from vdr.models.explanation.terms import regions_of_terms
from vdr.models.inputs import says_nothing
from vdr.models.query_embedder import READ_DENSE_WEIGHT, QueryEmbedder, reading_vectors
from vdr.models.reader import PageReader, Reader
from vdr.models.reads_queries import ReadsQueries, in_texts
from vdr.models.threads import one_thread
from vdr.models.without_reader import FEWEST_AT_ONCE
from vdr.page_reader.modules import PageImage, QueryText, WordSuperposition
from vdr.page_reader.region_bytes import encode_regions, encode_tokens
from vdr.types import FloatArray, PageVectors, PageWords, QueryInput, QueryVectors, Region
from vdr.vectors import truncate


class ReadingEmbedder(ReadsQueries):
    """A page reader: it also gives the words of each page and codes for late interaction."""

    reads_words = True
    takes_words = False
    coarse_dims: int | None = None
    reader_name: str | None = None
    more: Sequence[QueryEmbedder] = ()
    pages_at_once = FEWEST_AT_ONCE
    dense_weight = READ_DENSE_WEIGHT

    def __init__(
        self,
        model: SentenceTransformer,
        name: str,
        mark: str,
        dims: int,
        region_dims: int | None,
        reader: Reader | None = None,
    ) -> None:
        """With a `reader`, which has to read as it does itself, pages come with what was read from them."""
        own = PageReader(model, name, mark)
        super().__init__((reader or own).read, own.words)
        self.name, self.fingerprint, self.dims, self.region_dims = name, mark, dims, region_dims
        self.reader = reader
        self._model = model
        self._question = next(each for each in model.modules() if isinstance(each, QueryText))
        self._superposition = next(each for each in model.modules() if isinstance(each, WordSuperposition))

    @one_thread()
    @torch.inference_mode()
    def encode_pages(
        self, images: Sequence[Image.Image], words: Sequence[PageWords] = ()
    ) -> list[PageVectors]:
        """Embedding, words and region codes of each page image."""
        if not images:
            return []
        features = self._features(list(images), "image") if self.reader is None else self._given(words)
        rows = zip(
            self._embeddings(features), features["page_words"], features["region_embeddings"], strict=True
        )
        return [
            PageVectors(vector, tuple(read), encode_regions(regions.numpy()))
            for vector, read, regions in rows
        ]

    @one_thread()
    @torch.inference_mode()
    def encode_read(self, queries: Sequence[QueryInput], texts: Sequence[str]) -> list[QueryVectors]:
        """Embedding, word codes and words of each query; an image is asked as the text that it shows."""
        if not texts:
            return []
        features = self._features(list(texts), "text")
        rows = zip(self._embeddings(features), features["token_embeddings_list"], texts, strict=True)
        return [
            reading_vectors(embedding, encode_tokens(tokens.numpy()), self._words, text)
            for embedding, tokens, text in rows
        ]

    def explain(self, query: QueryInput, image: Image.Image, words: PageWords) -> tuple[Region, ...]:
        """The words that answer those of the query, by their codes or as other forms of them.

        A page that has been read is not read again.
        """
        if says_nothing(query):
            return ()
        (text,) = in_texts([query], self._read)
        (read,) = [words.read] if words.read else self._read([image])
        by_codes = regions_of_codes(self._superposition, self._question, text, read)
        return merged_regions([by_codes, regions_of_terms(self._words, text, read)])

    def _given(self, pages: Sequence[PageWords]) -> dict[str, Any]:
        features: dict[str, Any] = self._model[-1](PageImage.of_words([list(page.read) for page in pages]))
        return features

    def _features(self, inputs: list[Any], modality: str) -> dict[str, Any]:
        # Left to guess, the model takes a text like "chart.png" for an image.
        features: dict[str, Any] = self._model(self._model.preprocess(inputs, modality=modality))
        return features

    def _embeddings(self, features: dict[str, Any]) -> FloatArray:
        return truncate(features["sentence_embedding"].numpy(), self.dims)
