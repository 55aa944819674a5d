"""Several embedders of one generation: each makes its own vectors of a page, and all of them are searched."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from vdr.errors import BadSetting
from vdr.models.explanation.answers import merged_regions
from vdr.models.fingerprint import joined
from vdr.models.query_embedder import QueryEmbedder
from vdr.models.reads_queries import ReadsQueries, in_texts
from vdr.settings import ModelSettings
from vdr.types import PageVectors, PageWords, QueryInput, QueryVectors, Region

if TYPE_CHECKING:  # takes seconds to import, and who embeds questions alone needs none
    from vdr.models.embedder import Embedder
    from vdr.models.reader import Reader

MOST = 3  # as many as there are stages for


def names_of(embedder: str) -> list[str]:
    """The embedders that a setting names, one or several with commas between them. Raises BadSetting."""
    names = [name.strip() for name in embedder.split(",")]
    remedy = "Name each embedder once, with a comma between two, as in page-reader,models/text."
    if not all(names):
        raise BadSetting(f"VDR_EMBEDDER={embedder} has an empty name.", remedy=remedy)
    if len({*names}) < len(names):
        raise BadSetting(f"VDR_EMBEDDER={embedder} names an embedder twice.", remedy=remedy)
    if len(names) > MOST:
        raise BadSetting(f"VDR_EMBEDDER names {len(names)} embedders; {MOST} are the most.", remedy=remedy)
    return names


def first_of(settings: ModelSettings) -> ModelSettings:
    """The settings with the first of the embedders that they name alone. Raises BadSetting as `names_of`."""
    return settings.model_copy(update={"embedder": names_of(settings.embedder)[0]})


class SeveralQueries:
    """Embedders of questions side by side; the terms are those of the one that reads, if any does."""

    def __init__(self, embedders: Sequence[QueryEmbedder], name: str) -> None:
        first, *others = embedders
        self.name, self.dims, self.coarse_dims = name, first.dims, first.coarse_dims
        self.dense_weight = first.dense_weight
        self.more: Sequence[QueryEmbedder] = others
        self.region_dims = next((each.region_dims for each in embedders if each.region_dims), None)
        self.reader_name = next((each.reader_name for each in embedders if each.reader_name), None)
        self.reads_words = any(each.reads_words for each in embedders)
        self.fingerprint = joined(*(each.fingerprint for each in embedders))
        self._embedders = embedders
        # The terms of queries and the codes of pages are those of a page reader, where one is among them.
        self._telling = max(range(len(embedders)), key=lambda n: _tells(embedders[n]))

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """What the first makes of each query, and the others as `more`."""
        made = [embedder.encode_queries(queries) for embedder in self._embedders]
        return [self._query(vectors) for vectors in zip(*made, strict=True)]

    def _query(self, made: Sequence[QueryVectors]) -> QueryVectors:
        first, *others = made
        told = made[self._telling]
        return replace(
            told,
            embedding=first.embedding,
            coarse=first.coarse,
            dense_weight=first.dense_weight,
            noise=first.noise,
            more=tuple(others),
            known=known_by([each.known for each in made]),
        )


class Several(SeveralQueries):
    """Embedders side by side."""

    def __init__(self, embedders: "Sequence[Embedder]", name: str) -> None:
        super().__init__(embedders, name)
        self.reader: Reader | None = next((each.reader for each in embedders if each.reader), None)
        self.takes_words = any(each.takes_words for each in embedders)
        self.parts = embedders

    @property
    def pages_at_once(self) -> int:
        """As many as the one says that takes the most."""
        return max(each.pages_at_once for each in self.parts)

    def encode_pages(
        self, images: Sequence[Image.Image], words: Sequence[PageWords] = ()
    ) -> list[PageVectors]:
        """What the first makes of each page, and the others as `more`."""
        made = [embedder.encode_pages(images, words) for embedder in self.parts]
        return [self._page(vectors) for vectors in zip(*made, strict=True)]

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """What the first makes of each query, and the others as `more`; an image is read once for all."""
        texts = None if self.reader is None else in_texts(queries, self.reader.read)
        made = [_encoded(embedder, queries, texts) for embedder in self.parts]
        return [self._query(vectors) for vectors in zip(*made, strict=True)]

    def explain(self, query: QueryInput, image: Image.Image, words: PageWords) -> tuple[Region, ...]:
        """The regions of all of them together."""
        return merged_regions([embedder.explain(query, image, words) for embedder in self.parts])

    def related_terms(self, query: str) -> Mapping[str, str]:
        """Those that the one that reads knows."""
        return self.parts[self._telling].related_terms(query)

    def _page(self, made: Sequence[PageVectors]) -> PageVectors:
        first, *others = made
        told = made[self._telling]
        return replace(told, embedding=first.embedding, coarse=first.coarse, more=tuple(others))


def of_words(embedder: "Embedder", words: Sequence[PageWords]) -> list[tuple[PageVectors | None, ...]]:
    """What each of the embedders in one makes of the words of pages, in order; None of those that look."""
    parts = embedder.parts if isinstance(embedder, Several) else [embedder]
    made = [part.encode_pages((), words) if part.takes_words else [None] * len(words) for part in parts]
    return list(zip(*made, strict=True))


def _encoded(
    embedder: "Embedder", queries: Sequence[QueryInput], texts: Sequence[str] | None
) -> list[QueryVectors]:
    """What an embedder makes of queries whose `texts` have been read, if there is a reader."""
    if texts is None or not isinstance(embedder, ReadsQueries):
        return embedder.encode_queries(queries)
    return embedder.encode_read(queries, texts)


def _tells(embedder: QueryEmbedder) -> tuple[bool, bool]:
    """How much is told of the words of queries and pages, to be compared with others."""
    return embedder.region_dims is not None, embedder.reads_words


def known_by(models: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    """What any of the models knows; None where none has a vocabulary."""
    known = [each for each in models if each is not None]
    return frozenset().union(*known) if known else None
