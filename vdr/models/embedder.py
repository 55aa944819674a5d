"""Embedders: any Sentence Transformers checkpoint that takes text and images, by path or Hub name."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from sentence_transformers import SentenceTransformer

from vdr.models.arenas import bound_arenas
from vdr.models.checkpoint import open_checkpoint
from vdr.models.fingerprint import fingerprint
from vdr.models.inputs import broadened, plain_text
from vdr.models.query_embedder import (
    QueryEmbedder,
    chosen_dims,
    folder_of,
    reading_vectors,
    words_of,
)
from vdr.models.threads import one_thread, stay_on_one_thread
from vdr.page_reader.modules import PageImage, QueryText, WordSuperposition
from vdr.page_reader.reading import fuse_normalization
from vdr.page_reader.region_bytes import encode_regions, encode_tokens
from vdr.settings import ModelSettings
from vdr.types import FloatArray, PageVectors, QueryInput, QueryVectors
from vdr.vectors import truncate
from vdr.words import asked_terms, asked_words, having_relatives


class Embedder(QueryEmbedder, Protocol):
    """Turns page images and queries into vectors that can be compared.

    `fingerprint` names the checkpoint and the settings that change its vectors; `dims` is the width of the
    embeddings; `region_dims` that of the late-interaction vectors, None if it has none; they come as
    bytes, what an IndexSchema expects if it says nothing else. `reads_words` tells whether pages come with
    the words read from their pixels.
    """

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageVectors]:
        """Everything the model makes of each page image."""
        ...

    def related_terms(self, query: str) -> Mapping[str, str]:
        """Terms that a page may contain instead of the query's, each with the one it stands for."""
        ...


def load_embedder(settings: ModelSettings) -> Embedder:
    """The embedder that the settings name, on the best device there is.

    Raises ModelError when the checkpoint cannot be loaded or takes no images, BadSetting when more
    dimensions are asked for than it has.
    """
    bound_arenas()
    path = folder_of(settings)
    model = open_checkpoint(path, settings.device)
    dims = chosen_dims(settings, model.get_embedding_dimension() or 0)
    mark = fingerprint(path, {"dims": dims})
    last = model[-1]
    if isinstance(last, WordSuperposition):
        return ReadingEmbedder(model, settings.embedder, mark, dims, last.region_dims)
    return DenseEmbedder(model, settings.embedder, mark, dims, settings.batch_size)


class DenseEmbedder:
    """A checkpoint that gives one vector per page or query."""

    region_dims: int | None = None
    reads_words = False

    def __init__(self, model: SentenceTransformer, name: str, mark: str, dims: int, batch_size: int) -> None:
        self.name, self.fingerprint, self.dims = name, mark, dims
        self._model, self._batch_size = model, batch_size

    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageVectors]:
        """One embedding per page image."""
        return [PageVectors(embedding) for embedding in self._embed(self._model.encode_document, images)]

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """One embedding per query; the words of a text query are its terms."""
        vectors: dict[int, QueryVectors] = {}
        kinds: tuple[Sequence[tuple[int, QueryInput]], ...] = (_texts(queries), _images(queries))
        for kind in kinds:
            embeddings = self._embed(self._model.encode_query, [query for _, query in kind])
            for (place, query), embedding in zip(kind, embeddings, strict=True):
                vectors[place] = _with_terms(embedding, query)
        return [vectors[place] for place in range(len(queries))]

    def related_terms(self, query: str) -> Mapping[str, str]:
        """None: what means the same lies near in its space, and no words tell."""
        return {}

    def _embed(self, encode: Callable[..., FloatArray], inputs: Sequence[QueryInput]) -> FloatArray:
        """Embeddings (inputs, dims), normalized in float32 whatever the model computes in."""
        if not inputs:
            return np.empty((0, self.dims), np.float32)
        tokenizer = self._model.tokenizer
        safe = [plain_text(one, tokenizer) if isinstance(one, str) else broadened(one) for one in inputs]
        return truncate(encode(safe, batch_size=self._batch_size, show_progress_bar=False), self.dims)


class ReadingEmbedder:
    """A page reader: it also gives the words of each page and codes for late interaction."""

    reads_words = True

    def __init__(
        self, model: SentenceTransformer, name: str, mark: str, dims: int, region_dims: int | None
    ) -> None:
        self.name, self.fingerprint, self.dims, self.region_dims = name, mark, dims, region_dims
        self._model = model
        self._words = next(module.words for module in model.modules() if isinstance(module, QueryText))
        _fuse_unquantized(model)
        _read_side_by_side(model)

    @one_thread()
    @torch.inference_mode()
    def encode_pages(self, images: Sequence[Image.Image]) -> list[PageVectors]:
        """Embedding, words and region codes of each page image."""
        if not images:
            return []
        features = self._features(list(images), "image")
        rows = zip(
            self._embeddings(features), features["page_words"], features["region_embeddings"], strict=True
        )
        return [
            PageVectors(vector, tuple(words), encode_regions(regions.numpy()))
            for vector, words, regions in rows
        ]

    @one_thread()
    @torch.inference_mode()
    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """Embedding, word codes and words of each query; an image is read first and then asked as text."""
        if not queries:
            return []
        images = _images(queries)
        read = self.encode_pages([image for _, image in images])
        texts = dict(_texts(queries))
        for (place, _), page in zip(images, read, strict=True):
            texts[place] = " ".join(word.text for word in page.words)
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

    def _features(self, inputs: list[Any], modality: str) -> dict[str, Any]:
        # Left to guess, the model takes a text like "chart.png" for an image.
        features: dict[str, Any] = self._model(self._model.preprocess(inputs, modality=modality))
        return features

    def _embeddings(self, features: dict[str, Any]) -> FloatArray:
        return truncate(features["sentence_embedding"].numpy(), self.dims)


def _with_terms(embedding: FloatArray, query: QueryInput) -> QueryVectors:
    if not isinstance(query, str):
        return QueryVectors(embedding)
    forms = asked_terms(query)
    return QueryVectors(
        embedding,
        terms=tuple(asked_words(query)),
        forms=words_of(forms),
        term_weights={term: form.share for term, form in forms.items()},
    )


def _read_side_by_side(model: SentenceTransformer) -> None:
    """One thread a page, a page a core: 170 ms a page on two cores, where two threads a page take 215."""
    pool = ThreadPoolExecutor(
        os.cpu_count(), thread_name_prefix="page-reader", initializer=stay_on_one_thread
    )
    for module in model.modules():
        if isinstance(module, PageImage):
            module.pool = pool


def _fuse_unquantized(model: SentenceTransformer) -> None:
    """Makes the nets faster that torch will run."""
    for module in model.modules():
        if isinstance(module, PageImage) and module.quantized is None:
            fuse_normalization(module.reader)


def _in_order(texts: dict[int, str]) -> list[str]:
    """The texts by their place."""
    return [texts[place] for place in range(len(texts))]


def _texts(queries: Sequence[QueryInput]) -> list[tuple[int, str]]:
    return [(place, query) for place, query in enumerate(queries) if isinstance(query, str)]


def _images(queries: Sequence[QueryInput]) -> list[tuple[int, Image.Image]]:
    return [(place, query) for place, query in enumerate(queries) if not isinstance(query, str)]
