"""One search, for the API and the page alike: the query embedded in a batch, the index asked in a thread."""

import time

from PIL.Image import Image
from starlette.concurrency import run_in_threadpool

from app.state import Services
from indexer.library import Library
from vdr.index import VectorIndex
from vdr.models.embedder import Embedder
from vdr.types import DocumentFilter, SearchMode, SearchResult


async def search(
    services: Services,
    library: Library,
    query: str | Image,
    *,
    limit: int,
    mode: SearchMode = SearchMode.HYBRID,
    filter: DocumentFilter = DocumentFilter(),  # noqa: B008 - frozen
    rerank: bool = True,
) -> SearchResult:
    """The best pages for a question or an image; `timings_ms` counts the wait for a batch into `embed`."""
    started = time.perf_counter()
    index, embedder = await run_in_threadpool(_opened, library)
    if index is None:
        return SearchResult((), {"total": _ms(started, time.perf_counter())})
    vectors = await services.batchers.of(embedder).embed(query)
    embedded = time.perf_counter()
    result = await run_in_threadpool(
        services.searcher(library, index).search_embedded,
        query,
        vectors,
        limit=limit,
        mode=mode,
        filter=filter,
        rerank=rerank,
    )
    timings = {
        "embed": _ms(started, embedded),
        **result.timings_ms,
        "total": _ms(started, time.perf_counter()),
    }
    return SearchResult(result.hits, timings)


def _opened(library: Library) -> tuple[VectorIndex | None, Embedder]:
    return library.index, library.embedder


def _ms(started: float, ended: float) -> float:
    return round((ended - started) * 1000, 3)
