"""The page reader as an embedder: one pass gives words, vector and codes of a page."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image
from sentence_transformers import SentenceTransformer

from vdr.models.inputs import images_of, texts_of
from vdr.models.query_embedder import READ_DENSE_WEIGHT, QueryEmbedder, reading_vectors
from vdr.models.reader import Reader, make_quick
from vdr.models.threads import one_thread
from vdr.page_reader.modules import PageImage, QueryText
from vdr.page_reader.region_bytes import encode_regions, encode_tokens
from vdr.types import FloatArray, PageVectors, PageWords, QueryInput, QueryVectors
from vdr.vectors import truncate
from vdr.words import asked_words, having_relatives


class ReadingEmbedder:
    """A page reader: it also gives the words of each page and codes for late interaction."""

    reads_words = True
    takes_words = False
    coarse_dims: int | None = None
    reader_name: str | None = None
    more: Sequence[QueryEmbedder] = ()
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
        self.name, self.fingerprint, self.dims, self.region_dims = name, mark, dims, region_dims
        self.reader = reader
        self._model = model
        self._reads = next(module for module in model.modules() if isinstance(module, PageImage))
        self._words = next(module.words for module in model.modules() if isinstance(module, QueryText))
        make_quick(model)

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
    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """Embedding, word codes and words of each query; an image is read first and then asked as text."""
        if not queries:
            return []
        images = images_of(queries)
        read = self._reads.read([image for _, image in images])
        texts = dict(texts_of(queries))
        for (place, _), page in zip(images, read, strict=True):
            texts[place] = " ".join(word.text for word in page)
        features = self._features(_in_order(texts), "text")
        rows = zip(
            self._embeddings(features), features["token_embeddings_list"], _in_order(texts), strict=True
        )
        return [
            reading_vectors(embedding, encode_tokens(tokens.numpy()), self._words, text)
            for embedding, tokens, text in rows
        ]

    def related_terms(self, query: str) -> Mapping[str, str]:
        """Those that its checkpoint knows."""
        asked = having_relatives(asked_words(query))
        return {other: term for other, (term, _) in self._words.expand(asked).items()}

    def _given(self, pages: Sequence[PageWords]) -> dict[str, Any]:
        features: dict[str, Any] = self._model[-1](PageImage.of_words([list(page.read) for page in pages]))
        return features

    def _features(self, inputs: list[Any], modality: str) -> dict[str, Any]:
        # Left to guess, the model takes a text like "chart.png" for an image.
        features: dict[str, Any] = self._model(self._model.preprocess(inputs, modality=modality))
        return features

    def _embeddings(self, features: dict[str, Any]) -> FloatArray:
        return truncate(features["sentence_embedding"].numpy(), self.dims)


def _in_order(texts: dict[int, str]) -> list[str]:
    """The texts by their place."""
    return [texts[place] for place in range(len(texts))]
