"""Search from request to hits: what API, web UI, command line, demo and evaluation call."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from vdr.errors import NotFound, ObjectDamaged
from vdr.index import VectorIndex
from vdr.merging import merged_prints
from vdr.models.reranker import LoadedStep
from vdr.objects.store import ObjectStore
from vdr.search.execute import Found, execute
from vdr.search.grouping import EVERYTHING, grouped
from vdr.search.marks import find_marks
from vdr.search.page_query import asked_by_page, page_query
from vdr.search.plan import SearchPlan, plan_search, without_words
from vdr.search.request import query_of
from vdr.search.reranking import decoded
from vdr.search.sentences import reason
from vdr.search.snippets import snippet
from vdr.search.sought import Sought, sought_by
from vdr.search.spelling import forgivable, respelt
from vdr.search.timings import Timings
from vdr.settings import SearchSettings
from vdr.types import (
    Candidate,
    Hit,
    Marks,
    PageRef,
    QueryVectors,
    SearchRequest,
    SearchResult,
    Snippet,
    Stage,
)
from vdr.words import as_written

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.query_embedder import QueryEmbedder

# The same words on both sides differ by so much, as confidences and the length of the page do. To read the
# pixels takes as long again; of 150 pages that were no further apart one was then shown by them.
_NOTABLY_MORE = 1.1
_LOG = logging.getLogger(__name__)
_Reading = Callable[[ObjectStore, Candidate, Sought], tuple[Snippet, Marks | None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request has found: its plan, its vectors and itself, as they were last asked for.

    `corrected` are misspelt words, as the question wrote them, with those searched for instead.
    """

    request: SearchRequest
    vectors: QueryVectors
    plan: SearchPlan
    found: Found
    corrected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Searcher:
    """Answers requests from ready parts; threads may share one."""

    embedder: "QueryEmbedder"
    index: VectorIndex
    objects: ObjectStore
    settings: SearchSettings
    rerankers: Sequence[LoadedStep] = ()

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
        weights = [each.dense_weight for each in (self.embedder, *self.embedder.more)]
        return page_query(page, self.index, self.objects, weights)

    def search_embedded(
        self, request: SearchRequest, vectors: QueryVectors, timings: Timings | None = None
    ) -> SearchResult:
        """The best pages for a request whose query is embedded already, `timings` running since it came."""
        timings, each = timings or Timings(), request.pages_per_document
        answer = self.find(request, vectors, timings, most=None if each is None else EVERYTHING)
        request, vectors, plan, found = answer.request, answer.vectors, answer.plan, answer.found
        pages_found: Mapping[str, int] | None = None
        ranked: Sequence[tuple[int, Candidate]] = list(enumerate(found.candidates, start=request.offset + 1))
        if each is not None:
            by_document = grouped(found.candidates, each, request.limit, request.offset)
            ranked, pages_found = by_document.ranked, by_document.pages_found
        with timings.part("snippets"):
            vectors = without_words(vectors, plan.place_words)
            hits = tuple(self._hits(ranked, request, vectors))
        excluded = tuple(word.text for word in plan.excluded)
        missing = _as_written(found.missing, request.text)
        return SearchResult(hits, timings.in_ms(), missing, excluded, pages_found, answer.corrected)

    def find(
        self,
        request: SearchRequest,
        vectors: QueryVectors,
        timings: Timings | None = None,
        most: int | None = None,
    ) -> Answer:
        """What a request finds that is embedded already; with `most` so many from the first on.

        Where words that no page has are misspelt, the question is embedded and asked again as it is meant.
        Raises what the embedder raises.
        """
        timings = timings or Timings()
        plan = _reaching(self.plan(request, vectors), most)
        found = self.execute(plan, timings, forgivable(request, vectors))
        if not found.corrected or request.text is None:
            return Answer(request, vectors, plan, found)
        text, corrected = respelt(request.text, found.corrected)
        request = replace(request, text=text)
        with timings.part("embed"):
            (vectors,) = self.embedder.encode_queries([query_of(request)])
        plan = _reaching(self.plan(request, vectors), most)
        return Answer(request, vectors, plan, self.execute(plan, timings), corrected)

    def plan(self, request: SearchRequest, vectors: QueryVectors) -> SearchPlan:
        """The plan of a request on this index, with these settings and models."""
        page = request.page
        if page is not None:
            request = asked_by_page(request, page)
        if page is not None and any(step.takes_images for step in self.rerankers):
            request = replace(request, image=decoded(self.objects.page_image(page)))
        return plan_search(request, vectors, self.index.schema, self.settings, rerankers=self.rerankers)

    def execute(
        self, plan: SearchPlan, timings: Timings | None = None, forgiven: Collection[str] = ()
    ) -> Found:
        """What a plan finds; see `execute`."""
        return execute(plan, self.index, self.objects, self.rerankers, timings, forgiven)

    def _hits(
        self, ranked: Sequence[tuple[int, Candidate]], request: SearchRequest, asked: QueryVectors
    ) -> Iterator[Hit]:
        sought = sought_by(asked, request.text)
        read = partial(_read_marked, asked=asked) if request.explain else _read
        for rank, candidate in ranked:
            text, marks = self._shown(candidate, sought, read)
            told = (candidate.page, candidate.document_name, candidate.score, candidate.stages)
            printed = (candidate.page_label, candidate.document_title, candidate.page_count)
            why = reason(asked, text.terms, candidate.votes) if request.explain else ""
            votes = candidate.votes if request.explain else {}
            yield Hit(rank, *told, text, marks, *printed, votes, why)

    def _shown(self, found: Candidate, sought: Sought, read: _Reading) -> tuple[Snippet, Marks | None]:
        try:
            return read(self.objects, found, sought)
        except NotFound:  # the document was deleted between the search and now
            return Snippet(""), None
        except ObjectDamaged as error:
            _LOG.warning("No snippet: %s", error)
            return Snippet(""), None


def _reaching(plan: SearchPlan, most: int | None) -> SearchPlan:
    return plan if most is None else replace(plan, limit=most, offset=0)


def _as_written(missing: Collection[str], question: str | None) -> tuple[str, ...]:
    """The words of a question, as it writes them, of which nothing is left but what is missing.

    >>> _as_written({"ethanol", "ph"}, "The pH of “Ethanol”?")
    ('pH', 'Ethanol')
    """
    if not missing or question is None:
        return ()
    return tuple(text for text, words in as_written(question).items() if set(words) <= set(missing))


def _read(objects: ObjectStore, found: Candidate, sought: Sought) -> tuple[Snippet, None]:
    text_layer, pixels = objects.page_print(found.page)
    return snippet(text_layer, pixels, sought, pixels_may_have_more=_pixels_may_have_more(found)), None


def _read_marked(
    objects: ObjectStore, found: Candidate, sought: Sought, *, asked: QueryVectors
) -> tuple[Snippet, Marks]:
    """Snippet and marks from one reading of the page's words."""
    text_layer, pixels = objects.page_print(found.page)
    pixels = cache(pixels)
    text = snippet(text_layer, pixels, sought, pixels_may_have_more=_pixels_may_have_more(found))
    ocr, read = pixels()
    return text, find_marks(merged_prints(text_layer, ocr), read, asked.terms, asked.related, asked.forms)


def _pixels_may_have_more(found: Candidate) -> bool:
    """Both are on one scale; what only a vector found has neither."""
    text, read = (found.stages.get(stage, 0.0) for stage in (Stage.TEXT, Stage.READ))
    return read > _NOTABLY_MORE * text or not text
