"""One search, for API and web UI alike: the query embedded in a batch, the index asked in a thread."""

from starlette.concurrency import run_in_threadpool

from app.state import Services
from vdr.search.request import query_of
from vdr.search.timings import Timings
from vdr.types import SearchRequest, SearchResult


async def search(services: Services, request: SearchRequest) -> SearchResult:
    """The best pages for a request; `timings_ms` counts the wait for a batch into `embed`."""
    timings = Timings()
    with timings.part("embed"):
        vectors = await services.batcher.embed(query_of(request))
    return await run_in_threadpool(services.searcher.search_embedded, request, vectors, timings)
