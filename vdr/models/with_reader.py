"""An embedder and a reader side by side: what one embeds, the other has read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from vdr.merging import completed
from vdr.models.explanation.answers import merged_regions
from vdr.models.explanation.terms import regions_of_terms
from vdr.models.fingerprint import joined
from vdr.models.query_embedder import QueryEmbedder, with_terms
from vdr.models.reader import Reader
from vdr.models.reads_queries import ReadsQueries, in_texts
from vdr.types import PageVectors, PageWords, QueryInput, QueryVectors, Region

if TYPE_CHECKING:
    from vdr.models.embedder import Embedder


class WithReader(ReadsQueries):
    """An embedder whose pages are read beside it: their words, and what is known of words, come along.

    Whoever indexes has the pages read ahead and hands their words in.
    """

    reads_words = True
    more: Sequence[QueryEmbedder] = ()

    def __init__(self, embedder: "Embedder", reader: Reader) -> None:
        super().__init__(reader.read, reader.words)
        self.name, self.dims, self.coarse_dims = embedder.name, embedder.dims, embedder.coarse_dims
        self.region_dims, self.dense_weight = embedder.region_dims, embedder.dense_weight
        self.takes_words = embedder.takes_words
        self.fingerprint = joined(embedder.fingerprint, reader.fingerprint)
        self.reader = reader
        self.reader_name: str | None = reader.name
        self._embedder = embedder

    @property
    def pages_at_once(self) -> int:
        """As many as the embedder says."""
        return self._embedder.pages_at_once

    def encode_pages(
        self, images: Sequence[Image.Image], words: Sequence[PageWords] = ()
    ) -> list[PageVectors]:
        """What the embedder makes of each page."""
        return self._embedder.encode_pages(images, words)

    def encode_read(self, queries: Sequence[QueryInput], texts: Sequence[str]) -> list[QueryVectors]:
        """What the embedder makes of each query, with its words."""
        asked = texts if self.takes_words else queries
        pairs = zip(self._embedder.encode_queries(asked), texts, strict=True)
        return [with_terms(vectors, self._words, text) for vectors, text in pairs]

    def explain(self, query: QueryInput, image: Image.Image, words: PageWords) -> tuple[Region, ...]:
        """The embedder's regions, and where the words of the query stand; an image is read first."""
        (text,) = in_texts([query], self._read)
        asked = text if self.takes_words else query
        by_terms = regions_of_terms(self._words, text, completed(words))
        return merged_regions([self._embedder.explain(asked, image, words), by_terms])
