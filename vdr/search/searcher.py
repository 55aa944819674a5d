"""Search from request to hits: what API, web UI, command line, demo and evaluation call."""

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vdr.errors import NotFound, ObjectDamaged
from vdr.index import VectorIndex
from vdr.objects.store import ObjectStore
from vdr.search.execute import execute
from vdr.search.marks import find_marks
from vdr.search.page_query import asked_by_page, page_query
from vdr.search.plan import SearchPlan, plan_search
from vdr.search.request import query_of
from vdr.search.reranking import decoded
from vdr.search.snippets import snippet
from vdr.search.timings import Timings
from vdr.settings import SearchSettings
from vdr.types import (
    Candidate,
    Hit,
    Marks,
    PageRef,
    PageTexts,
    PageWords,
    QueryVectors,
    SearchRequest,
    SearchResult,
    Snippet,
    Word,
)

if TYPE_CHECKING:  # take seconds to import
    from vdr.models.embedder import Embedder
    from vdr.models.reranker import Reranker

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Searcher:
    """Answers requests from ready parts; threads may share one."""

    embedder: "Embedder"
    index: VectorIndex
    objects: ObjectStore
    settings: SearchSettings
    reranker: "Reranker | None" = None

    def search(self, request: SearchRequest) -> SearchResult:
        """The best pages for a text, an image, or a page, which is not among them itself.

        Raises BadInput for an empty query, and what `page_query` raises. What shows no word finds nothing in
        TEXT mode.
        """
        timings = Timings()
        if request.page is None:
            query = query_of(request)
            with timings.part("embed"):
                vectors = self.embedder.encode_queries([query])[0]
        else:
            with timings.part("embed"):
                vectors = self.page_vectors(request.page)
        return self.search_embedded(request, vectors, timings)

    def page_vectors(self, page: PageRef) -> QueryVectors:
        """The vectors of a page of the index as those of a query; see `page_query`."""
        return page_query(page, self.index, self.objects, reads_words=self.embedder.reads_words)

    def search_embedded(
        self, request: SearchRequest, vectors: QueryVectors, timings: Timings | None = None
    ) -> SearchResult:
        """The best pages for a request whose query is embedded already, `timings` running since it came."""
        timings = timings or Timings()
        candidates = self.execute(self.plan(request, vectors), timings)
        with timings.part("snippets"):
            hits = tuple(
                self._hit(rank, candidate, request, vectors)
                for rank, candidate in enumerate(candidates, start=request.offset + 1)
            )
        return SearchResult(hits, timings.in_ms())

    def plan(self, request: SearchRequest, vectors: QueryVectors) -> SearchPlan:
        """The plan of a request on this index, with these settings and models."""
        has_cross_encoder = self.reranker is not None
        page = request.page
        if page is not None:
            request = asked_by_page(request, page)
        if page is not None and has_cross_encoder:
            request = replace(request, image=decoded(self.objects.page_image(page)))
        return plan_search(
            request, vectors, self.index.schema, self.settings, has_cross_encoder=has_cross_encoder
        )

    def execute(self, plan: SearchPlan, timings: Timings | None = None) -> list[Candidate]:
        """What a plan finds; see `execute`."""
        return execute(plan, self.index, self.objects, self.reranker, timings)

    def _hit(self, rank: int, found: Candidate, request: SearchRequest, asked: QueryVectors) -> Hit:
        read = _read_marked if request.explain else _read
        try:
            text, marks = read(self.objects, found.page, asked)
        except NotFound:  # the document was deleted between the search and now
            text, marks = Snippet(""), None
        except ObjectDamaged as error:
            _LOG.warning("No snippet: %s", error)
            text, marks = Snippet(""), None
        told = (found.page, found.document_name, found.score, found.stages)
        return Hit(rank, *told, text, marks, found.page_label, found.document_title, found.page_count)


def _read(objects: ObjectStore, page: PageRef, asked: QueryVectors) -> tuple[Snippet, None]:
    texts = objects.page_texts(page)
    return snippet(texts, _terms(asked), tuple(asked.related)), None


def _read_marked(objects: ObjectStore, page: PageRef, asked: QueryVectors) -> tuple[Snippet, Marks]:
    """Snippet and marks from one reading of the page's words, boxes included, which takes longer to parse."""
    words = objects.page_words(page)
    text = snippet(_texts(words), _terms(asked), tuple(asked.related))
    return text, find_marks(words, _terms(asked), asked.related)


def _terms(asked: QueryVectors) -> tuple[str, ...]:
    return (*asked.terms, *asked.forms)


def _texts(words: PageWords) -> PageTexts:
    return PageTexts(_each(words.text_layer), _each(words.read), _each(words.ocr or ()))


def _each(words: tuple[Word, ...]) -> tuple[str, ...]:
    return tuple(word.text for word in words)
