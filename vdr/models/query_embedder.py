"""What embeds questions; the page reader does it without torch, which takes seconds to import."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Protocol

from vdr.errors import BadInput, BadSetting
from vdr.page_reader.asking import QuestionReader
from vdr.page_reader.questions import SUMMED_SHARE, QuestionWords
from vdr.page_reader.region_bytes import encode_tokens
from vdr.settings import PAGE_READER, TEXT_ENCODER, ModelSettings
from vdr.types import FloatArray, QueryInput, QueryTokens, QueryVectors
from vdr.vectors import truncate
from vdr.words import Asked, asked_terms, asked_words, having_relatives

# docs/decisions/0005-ranking.md: compared with the words that it is made of, the vector adds little.
READ_DENSE_WEIGHT = 0.3
_SHIPPED = {PAGE_READER: "vdr.page_reader", TEXT_ENCODER: "vdr.text_encoder"}


class QueryEmbedder(Protocol):
    """Turns queries into vectors that can be compared with those of pages; see Embedder."""

    name: str
    fingerprint: str
    dims: int
    coarse_dims: int | None
    region_dims: int | None
    reader_name: str | None
    reads_words: bool
    dense_weight: float

    @property
    def more(self) -> "Sequence[QueryEmbedder]":
        """The embedders after the first, where it is several."""
        ...

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """Everything the model makes of each query."""
        ...


def folder_of(name: str) -> str:
    """The folder of a checkpoint, or its Hub name; `page-reader` and `text-encoder` are shipped."""
    package = _SHIPPED.get(name)
    return name if package is None else str(files(package) / "weights")


def chosen_dims(settings: ModelSettings, own_dims: int) -> int:
    """How many dimensions to keep of a model's own: all, where it has fewer than are asked for."""
    return min(settings.dims or own_dims, own_dims)


def check_dims(settings: ModelSettings, embedder: QueryEmbedder) -> None:
    """Raises BadSetting where no embedder has as many dimensions as are asked for."""
    most = max(each.dims for each in (embedder, *embedder.more))
    if settings.dims and settings.dims > most:
        raise BadSetting(f"VDR_DIMS={settings.dims}, but {settings.embedder} has {most} dimensions.")


class ReadingQueryEmbedder:
    """A page reader as far as questions in words go."""

    reads_words = True
    coarse_dims: int | None = None
    reader_name: str | None = None
    dense_weight = READ_DENSE_WEIGHT
    more: Sequence[QueryEmbedder] = ()

    def __init__(self, reader: QuestionReader, name: str, mark: str, dims: int) -> None:
        self.name, self.fingerprint, self.dims = name, mark, dims
        self.region_dims: int | None = reader.region_dims
        self._reader = reader

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """Embedding, word codes and words of each query. Raises ValueError for an image."""
        return [self._encoded(query) for query in queries]

    def _encoded(self, query: QueryInput) -> QueryVectors:
        if not isinstance(query, str):
            raise ValueError("A query embedder reads no images.")
        made = self._reader.vectors(query)
        embedding = truncate(made.embedding[None], self.dims)[0]
        return reading_vectors(embedding, encode_tokens(made.tokens), self._reader.words, query)


def reading_vectors(
    embedding: FloatArray, tokens: QueryTokens, words: QuestionWords, text: str
) -> QueryVectors:
    """A page reader's vectors of a text, with the words that sparse indexes look for and their weights."""
    return with_terms(QueryVectors(embedding, tokens, dense_weight=READ_DENSE_WEIGHT), words, text)


def in_words(queries: Sequence[QueryInput], model: str) -> list[str]:
    """The queries, where all of them are in words. Raises BadInput, which names the model, for an image."""
    texts = [query for query in queries if isinstance(query, str)]
    if len(texts) < len(queries):
        raise BadInput(
            f"{model} reads words and sees no images.",
            remedy="Ask in words, or index with VDR_READER=page-reader, which reads them.",
        )
    return texts


def with_own_terms(vectors: QueryVectors, query: QueryInput) -> QueryVectors:
    """The vectors with the words of a text as terms, all of one weight; those of an image as they are."""
    if not isinstance(query, str):
        return vectors
    forms = asked_terms(query)
    return replace(
        vectors,
        terms=tuple(asked_words(query)),
        forms=words_of(forms),
        term_weights={term: form.share for term, form in forms.items()},
    )


def with_terms(vectors: QueryVectors, words: QuestionWords, text: str) -> QueryVectors:
    """The vectors with the words of a text as terms, weighed and related as a page reader knows them."""
    asked, forms = asked_words(text), asked_terms(text)
    own = {word: words.weight(word) for word in asked}
    weights = {term: form.share * own[form.word] for term, form in forms.items()}
    related = words.expand(having_relatives(asked))
    for other, (word, share) in related.items():
        weights[other] = max(SUMMED_SHARE * share * own[word], weights.get(other, 0.0))
    return replace(
        vectors,
        terms=tuple(asked),
        forms=words_of(forms),
        term_weights=weights,
        related={other: term for other, (term, _) in related.items()},
        known=(vectors.known or frozenset()).union(filter(words.knows, asked)),
    )


def words_of(forms: Mapping[str, Asked]) -> dict[str, str]:
    """The word that each form of one stands for."""
    return {term: form.word for term, form in forms.items() if form.word != term}
