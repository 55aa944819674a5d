"""Search from request to hits: what API, web UI, command line, demo and evaluation call."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from vdr.errors import CursorExpired, NotFound, ObjectDamaged
from vdr.index import VectorIndex
from vdr.merging import merged_prints
from vdr.models.reranker import LoadedStep
from vdr.objects.store import ObjectStore
from vdr.search.both import together
from vdr.search.budget import ASKED_AGAIN, SNIPPETS, Budget, StageTimes
from vdr.search.by_date import by_date
from vdr.search.calibration import Calibration
from vdr.search.cursors import cursor_of, scope_of, shown_before
from vdr.search.execute import Found, execute
from vdr.search.facets import facets, none_found
from vdr.search.grouping import EVERYTHING
from vdr.search.kept import Tuned
from vdr.search.marks import find_marks
from vdr.search.neighbours import with_neighbours
from vdr.search.page_query import asked_by_page, page_query
from vdr.search.plan import SearchPlan, plan_search, without_words
from vdr.search.request import query_of, sides
from vdr.search.reranking import decoded
from vdr.search.selection import reach, select
from vdr.search.sentences import reason
from vdr.search.snippets import snippet
from vdr.search.sought import Sought, sought_by
from vdr.search.spelling import forgivable, respelt
from vdr.search.timings import Timings
from vdr.settings import SearchSettings
from vdr.spans import spanned
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
    """Answers requests from ready parts; threads may share one. Default ones go by `tuned`, if there."""

    embedder: "QueryEmbedder"
    index: VectorIndex
    objects: ObjectStore
    settings: SearchSettings
    rerankers: Sequence[LoadedStep] = ()
    calibration: Calibration | None = None
    times: StageTimes = field(default_factory=StageTimes)
    tuned: Tuned | None = None

    def search(self, request: SearchRequest) -> SearchResult:
        """The best pages for a text, an image, a page, or a text and one of these.

        A page that is searched by is not among them itself.

        Raises BadInput for an empty query or a cursor that is not one of this search, CursorExpired, and what
        `page_query` raises. What shows no word finds nothing in TEXT mode.
        """
        timings, asked = Timings(), sides(request)
        with timings.part("embed"):
            vectors = [
                self.embedder.encode_queries([query_of(side)])[0]
                if side.page is None
                else self.page_vectors(side.page)
                for side in asked
            ]
        return self.search_embedded(request, vectors, timings)

    def page_vectors(self, page: PageRef) -> QueryVectors:
        """The vectors of a page of the index as those of a query; see `page_query`."""
        weights = [each.dense_weight for each in (self.embedder, *self.embedder.more)]
        return page_query(page, self.index, self.objects, weights)

    def search_embedded(
        self, request: SearchRequest, vectors: Sequence[QueryVectors], timings: Timings | None = None
    ) -> SearchResult:
        """The best pages for a request whose sides are embedded already, `timings` running since it came.

        Raises BudgetTooSmall, and what `search` raises but for its query.
        """
        timings = timings or Timings()
        scope = scope_of(request, self.index.schema, self.settings, self.rerankers, self.tuned)
        before = shown_before(request, scope)
        after = replace(request, offset=request.offset + len(before))
        kind = f"{request.effort}, both" if len(vectors) > 1 else request.effort
        budget = Budget(timings, request.budget_ms, self.times, kind)
        budget.check()
        answer = self.find_together(after, vectors, budget)
        request, found = replace(answer.request, offset=request.offset), answer.found
        selected = select(by_date(found.candidates, request, self.index), request, before)
        counted = facets(found.candidates, request.facets, self.index)
        with timings.part(SNIPPETS), budget.taking(SNIPPETS, is_part=True):
            asked = without_words(answer.vectors, answer.plan.place_words)
            hits = tuple(self._hits(selected.ranked, request, asked))
        if request.neighbours:
            with timings.part("neighbours"):
                hits = with_neighbours(hits, request.neighbours, self.index, self.objects)
        return SearchResult(
            hits,
            timings.in_ms(),
            missing_words=_as_written(found.missing, request.text),
            excluded_words=tuple(word.text for word in answer.plan.excluded),
            pages_found=selected.pages_found,
            corrected_words=answer.corrected,
            facets=counted,
            next_cursor=cursor_of(selected.shown, scope) if selected.has_more else None,
            answerable=found.answerable,
            left_out=budget.left_out,
        )

    def find_together(
        self, request: SearchRequest, vectors: Sequence[QueryVectors], budget: Budget | None = None
    ) -> Answer:
        """What all sides of a request find that are embedded already, as many as its answer needs.

        The plan and the vectors of the answer are those of the first side. Raises as `find`.
        """
        asked, page = sides(request), request.page
        if len(asked) == 1:
            return self.find(asked[0], vectors[0], budget, most=reach(request))
        if page is not None:
            asked = tuple(asked_by_page(side, page) for side in asked)
        budget = budget or Budget()
        # How sure both together are nobody knows, nor was a plan chosen on such searches.
        unsure = replace(self, calibration=None, tuned=None)
        plans = [
            unsure.plan(_reaching(side, EVERYTHING), each) for side, each in zip(asked, vectors, strict=True)
        ]
        whole = (replace(plan, excluded=plans[0].excluded) for plan in plans)
        found = together(*(self.execute(plan, budget) for plan in whole))
        return Answer(request, vectors[0], plans[0], found)

    def find(
        self,
        request: SearchRequest,
        vectors: QueryVectors,
        budget: Budget | None = None,
        most: int | None = None,
    ) -> Answer:
        """What a request finds that is embedded already; with `most` so many from the first on.

        Where words that no page has are misspelt, the question is embedded and asked again as it is meant.
        Raises what the embedder raises.
        """
        budget = budget or Budget()
        plan = self.plan(_reaching(request, most), vectors)
        found = self.execute(plan, budget, forgivable(request, vectors))
        if not found.corrected or request.text is None:
            return Answer(request, vectors, plan, found)
        text, corrected = respelt(request.text, found.corrected)
        request = replace(request, text=text)
        with budget.taking(ASKED_AGAIN):
            with budget.timings.part("embed"):
                (vectors,) = self.embedder.encode_queries([query_of(request)])
            plan = self.plan(_reaching(request, most), vectors)
            return Answer(request, vectors, plan, self.execute(plan, budget), corrected)

    @spanned("plan")
    def plan(self, request: SearchRequest, vectors: QueryVectors) -> SearchPlan:
        """The plan of a request on this index, with these settings and models."""
        page = request.page
        if page is not None:
            request = asked_by_page(request, page)
        if page is not None and any(step.takes_images for step in self.rerankers):
            request = replace(request, image=decoded(self.objects.page_image(page)))
        return plan_search(
            request,
            vectors,
            self.index.schema,
            self.settings,
            rerankers=self.rerankers,
            calibration=self.calibration,
            tuned=self.tuned,
            pages=self.index.rough_count(),
        )

    def execute(
        self, plan: SearchPlan, budget: Budget | None = None, forgiven: Collection[str] = ()
    ) -> Found:
        """What a plan finds; see `execute`."""
        return execute(plan, self.index, self.objects, self.rerankers, budget, forgiven)

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
            votes, windows = (candidate.votes, candidate.windows) if request.explain else ({}, ())
            hit = Hit(rank, *told, text, marks, *printed, votes, why, confidence=candidate.confidence)
            yield replace(hit, windows=windows)

    def _shown(self, found: Candidate, sought: Sought, read: _Reading) -> tuple[Snippet, Marks | None]:
        try:
            return read(self.objects, found, sought)
        except NotFound:  # the document was deleted between the search and now
            return Snippet(""), None
        except ObjectDamaged as error:
            _LOG.warning("No snippet: %s", error)
            return Snippet(""), None


def nothing_found(request: SearchRequest, timings: Timings | None = None) -> SearchResult:
    """The answer where no page has been indexed yet.

    Raises CursorExpired: a cursor comes from another index.
    """
    if request.cursor is not None:
        raise CursorExpired("The collection has been emptied since the cursor was made.")
    pages_found = None if request.pages_per_document is None else dict[str, int]()
    return SearchResult(
        (), (timings or Timings()).in_ms(), pages_found=pages_found, facets=none_found(request.facets)
    )


def _reaching(request: SearchRequest, most: int | None) -> SearchRequest:
    return request if most is None else replace(request, limit=most, offset=0)


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
