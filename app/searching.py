"""One search, for API and web UI alike: the query embedded in a batch, the index asked in a thread."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, create_task_group, to_thread
from starlette.concurrency import run_in_threadpool

from app.askers import key_id
from app.state import Services
from indexer.fields import as_indexed
from indexer.library import Library
from vdr.index import VectorIndex
from vdr.search.keeping import kept
from vdr.search.request import query_of, sides
from vdr.search.searcher import nothing_found
from vdr.search.timings import Timings
from vdr.spans import heard_by, span
from vdr.types import SearchRequest, SearchResult

if TYPE_CHECKING:  # takes seconds to import, and comes with the models if they need it
    from vdr.models.embedder import Embedder


async def search(
    services: Services,
    library: Library,
    request: SearchRequest,
    turn: CapacityLimiter | None = None,
    *,
    shown: int | None = None,
) -> SearchResult:
    """The best pages for a request; `timings_ms` counts the wait for a batch into `embed`.

    It waits for its `turn`, if it has to, once its query is embedded, and that counts for nothing. Nothing is
    found in a collection of which no page was embedded yet. It is kept for feedback with the first `shown` of
    its hits, if not all of them are. Raises NotFound for a page that is not there or not indexed.
    """
    with heard_by(*services.listeners(request.effort)), span("search"):
        found = await _search(services, library, request, turn)
        services.searched(request, found)
    keeper, generation = services.opened.keeper, library.generation
    return kept(keeper, generation, request, found, shown=shown, key_id=key_id())


async def _search(
    services: Services, library: Library, request: SearchRequest, turn: CapacityLimiter | None
) -> SearchResult:
    timings = Timings()
    queries = [None if side.page is not None else query_of(side) for side in sides(request)]
    index, embedder, request = await run_in_threadpool(_opened, library, request)
    if index is None:
        return nothing_found(request, timings)
    searcher = services.searcher(library, index)
    vectors = []
    with timings.part("embed"):
        for query in queries:
            if query is not None:
                vectors.append(await services.batchers.of(embedder).embed(query))
            elif request.page is not None:
                vectors.append(await run_in_threadpool(searcher.page_vectors, request.page))
    waiting = Timings()
    async with turn or nullcontext():
        timings.leave_out(waiting.elapsed_ms())
        return await to_thread.run_sync(
            searcher.search_embedded, request, vectors, timings, limiter=services.searches
        )


async def search_many(
    services: Services, library: Library, requests: Sequence[SearchRequest]
) -> list[SearchResult]:
    """The results of several requests, in their order. Raises as `search`, for the first that fails.

    All batches together leave half of what may be at work to the searches of others.
    """
    found: dict[int, SearchResult] = {}

    async def find(place: int, request: SearchRequest) -> None:
        found[place] = await search(services, library, request, services.batches)

    try:
        async with create_task_group() as tasks:
            for place, request in enumerate(requests):
                tasks.start_soon(find, place, request)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [found[place] for place in range(len(requests))]


def _opened(library: Library, request: SearchRequest) -> tuple[VectorIndex | None, "Embedder", SearchRequest]:
    if request.page is not None:
        library.document_of(request.page)
    return library.index, library.embedder, as_indexed(request, library.catalogue)
