"""What a running service holds: made once in the lifespan, typed, handed to endpoints; no global."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, TypedDict, cast

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.batcher import QueryBatcher
from indexer.jobs.queue import Jobs
from indexer.jobs.worker import Worker
from indexer.library import Library, open_library
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.reranker import Reranker, load_reranker
from vdr.search.searcher import Searcher
from vdr.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """The parts that endpoints work with. `uploads` is a folder for files on their way into the library.

    `is_ending` tells that the service shuts down, once the requests at hand are answered.
    """

    settings: Settings
    embedder: Embedder
    reranker: Reranker | None
    library: Library
    jobs: Jobs
    searcher: Searcher
    batcher: QueryBatcher
    uploads: Path
    is_ending: Callable[[], bool]


class State(TypedDict):
    """The lifespan state, as Starlette wants it."""

    services: Services


@asynccontextmanager
async def running(
    settings: Settings,
    embedder: Embedder | None,
    reranker: Reranker | None,
    is_ending: Callable[[], bool],
) -> AsyncIterator[Services]:
    """Loads the models, opens the library, runs worker and batcher; undoes it in the other order.

    The worker runs unless `settings.jobs.worker` is off, and then once a process.
    """
    if embedder is None:
        embedder = await run_in_threadpool(load_embedder, settings.model)
    if reranker is None:
        reranker = await run_in_threadpool(load_reranker, settings.model)
    data_dir = settings.index.data_dir.expanduser()
    data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as opened:
        jobs = await run_in_threadpool(Jobs.open, settings)
        opened.push_async_callback(run_in_threadpool, jobs.close)
        library = await run_in_threadpool(open_library, settings, embedder, jobs.queue)
        opened.push_async_callback(run_in_threadpool, library.close)
        uploads = opened.enter_context(TemporaryDirectory(prefix="uploads-", dir=data_dir))
        if settings.jobs.worker:
            worker = Worker(settings, jobs, [library])
            await run_in_threadpool(worker.start)
            opened.push_async_callback(run_in_threadpool, worker.stop)
        batcher = QueryBatcher(embedder.encode_queries, settings.service)
        batcher.start()
        opened.push_async_callback(batcher.close)
        searcher = Searcher(embedder, library.index, library.objects, settings.search, reranker)
        yield Services(
            settings, embedder, reranker, library, jobs, searcher, batcher, Path(uploads), is_ending
        )


def services(request: Request) -> Services:
    """The running service's parts."""
    return cast(Services, request.state.services)


ServicesOf = Annotated[Services, Depends(services)]
