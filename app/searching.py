"""One search, for API and web UI alike: the query embedded in a batch, the index asked in a thread.

Every thread that it needs is of a pool that nothing else uses: uploads, files and pictures cannot hold it up.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, create_task_group, to_thread

from app.askers import key_id
from app.known_queries import key_of
from app.state import Services
from indexer.fields import as_indexed
from indexer.library import Library
from vdr.index import VectorIndex
from vdr.search.keeping import kept
from vdr.search.request import query_of, sides
from vdr.search.searcher import nothing_found
from vdr.search.timings import Timings
from vdr.spans import heard_by, span
from vdr.types import QueryInput, QueryVectors, SearchRequest, SearchResult

if TYPE_CHECKING:  # takes seconds to import, and comes with the models if they need it
    from vdr.models.embedder import Embedder


async def search(
    services: Services, library: Library, request: SearchRequest, *, shown: int | None = None
) -> SearchResult:
    """The best pages for a request; `timings_ms` counts the wait for a batch into `embed`.

    The same request again, as long as nothing has changed, is answered without another search. Nothing is
    found in a collection of which no page was embedded yet. It is kept for feedback with the first `shown` of
    its hits, if not all of them are. Raises NotFound for a page that is not there or not indexed,
    TooManySearches.
    """
    with services.admission.one_more():
        return await _kept(services, library, request, shown=shown)


async def search_many(
    services: Services, library: Library, requests: Sequence[SearchRequest]
) -> list[SearchResult]:
    """The results of several requests, in their order. Raises as `search`, for the first that fails.

    All batches together leave half of what may be at work to the searches of others; each counts as one
    search that waits.
    """
    found: dict[int, SearchResult] = {}

    async def find(place: int, request: SearchRequest) -> None:
        found[place] = await _kept(services, library, request, services.batches)

    with services.admission.one_more():
        try:
            async with create_task_group() as tasks:
                for place, request in enumerate(requests):
                    tasks.start_soon(find, place, request)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors
    return [found[place] for place in range(len(requests))]


async def _kept(
    services: Services,
    library: Library,
    request: SearchRequest,
    turn: CapacityLimiter | None = None,
    *,
    shown: int | None = None,
) -> SearchResult:
    """A search that is counted, and kept for feedback."""
    with heard_by(*services.listeners(request.effort)), span("search"):
        found = await _search(services, library, request, turn)
        services.searched(request, found)
    keeper, generation = services.opened.keeper, library.generation
    return kept(keeper, generation, request, found, shown=shown, key_id=key_id())


async def _search(
    services: Services, library: Library, request: SearchRequest, turn: CapacityLimiter | None = None
) -> SearchResult:
    """It waits for its `turn`, if it has to, once its query is embedded, and that counts for nothing."""
    timings = Timings()
    queries = [None if side.page is not None else query_of(side) for side in sides(request)]
    opened = await to_thread.run_sync(_opened, library, request, limiter=services.lookups)
    index, request = opened.index, opened.request
    if index is None:
        return nothing_found(request, timings)
    if (known := services.known.answer(opened.key)) is not None:
        return replace(known, timings_ms=timings.in_ms())
    searcher = services.searcher(library, index)
    vectors = []
    with timings.part("embed"):
        for query in queries:
            if query is not None:
                vectors.append(await _embedded(services, opened.embedder, query))
            elif request.page is not None:
                page_vectors = partial(searcher.page_vectors, request.page)
                vectors.append(await to_thread.run_sync(page_vectors, limiter=services.searches))
    waiting = Timings()
    async with turn or nullcontext():
        timings.leave_out(waiting.elapsed_ms())

        def find() -> SearchResult:
            result = searcher.search_embedded(request, vectors, timings)
            services.known.keep_answer(opened.key, result)
            return result

        return await to_thread.run_sync(find, limiter=services.searches)


async def _embedded(services: Services, embedder: "Embedder", query: QueryInput) -> QueryVectors:
    known = services.known.vectors(embedder.fingerprint, query)
    if known is None:
        known = await services.batchers.of(embedder).embed(query)
        services.known.keep_vectors(embedder.fingerprint, query, known)
    return known


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a search works with: its index, if there is one, and by what its answer is known."""

    index: VectorIndex | None
    embedder: "Embedder"
    request: SearchRequest
    key: str | None


def _opened(library: Library, request: SearchRequest) -> _Opened:
    if request.page is not None:
        library.document_of(request.page)
    index, request = library.index, as_indexed(request, library.catalogue)
    key = None if index is None else key_of(request, library, index)
    return _Opened(index, library.embedder, request, key)
