"""The state of a running service: created once in the lifespan, typed, passed to endpoints; not global."""

import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict, cast

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.admission import Admission
from app.batcher import QueryBatcher
from app.known_queries import KnownQueries
from app.metrics import ServiceMetrics
from app.readiness import Readiness
from app.tracing import Tracing
from indexer.jobs.heartbeat import Watch
from indexer.jobs.worker import Worker
from indexer.library import Library
from indexer.metrics.held import Held
from indexer.services import Services as Opened
from indexer.services import open_services
from vdr.catalogue.database import is_server
from vdr.files import scratch_folder
from vdr.index import VectorIndex
from vdr.models.loading import Models
from vdr.search.budget import StageTimes
from vdr.search.searcher import Searcher
from vdr.settings import Settings
from vdr.spans import Listener
from vdr.types import Effort, SearchRequest, SearchResult

if TYPE_CHECKING:  # takes seconds to import, and comes with the models if they need it
    from vdr.models.embedder import Embedder

_UPLOADS = "uploads-"
# Threads take turns at Python code: more of them at once only delay each other. Some may wait for a server.
_SEARCHES_PER_CORE = 2
_LOOKUPS = 8  # in the catalogue; they mostly wait for the database
_ADDITIONS = 4  # some files are converted first, which takes seconds
_EXPLANATIONS = 1  # the model embeds one batch at a time; those who wait for it would hold threads


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """The parts that endpoints work with. `uploads` is a folder for files on their way into a library.

    How many may be at work at once, others waiting for their turn: `searches`, `batches` of them that come
    from batches, `explanations` of pages, `lookups` in the catalogue and `additions` of files. `admission`
    bounds how many searches wait; `known` are those answered before. `is_ending` tells that the service shuts
    down, once the requests at hand are answered. `metrics` and `tracing` are None if turned off; `times` are
    those of searches, by collection.
    """

    settings: Settings
    opened: Opened
    batchers: "Batchers"
    readiness: Readiness
    uploads: Path
    searches: CapacityLimiter
    batches: CapacityLimiter
    explanations: CapacityLimiter
    lookups: CapacityLimiter
    additions: CapacityLimiter
    admission: Admission
    known: KnownQueries
    is_ending: Callable[[], bool]
    metrics: ServiceMetrics | None
    tracing: Tracing | None
    times: defaultdict[str, StageTimes] = field(default_factory=lambda: defaultdict(StageTimes))

    def listeners(self, effort: Effort) -> list[Listener]:
        """Whoever hears of the parts of a search of this effort."""
        counted = [] if self.metrics is None else [self.metrics.stages_of(effort)]
        return counted if self.tracing is None else [*counted, self.tracing]

    def searched(self, request: SearchRequest, result: SearchResult) -> None:
        """Have a search that was answered counted and noted, by whoever does so."""
        if self.metrics is not None:
            self.metrics.searched(request, result)
        if self.tracing is not None:
            self.tracing.searched(request, result)

    def searcher(self, library: Library, index: VectorIndex) -> Searcher:
        """Answers the questions asked of a collection."""
        times = self.times[library.collection.name]
        return library.searcher(self.settings.search, index, library.embedder, times)


class Batchers:
    """A batcher of queries for each embedder, begun when it is first needed; within one event loop."""

    def __init__(self, settings: Settings, metrics: ServiceMetrics | None) -> None:
        self._settings, self._metrics = settings, metrics
        self._begun: dict[str, QueryBatcher] = {}

    def of(self, embedder: "Embedder") -> QueryBatcher:
        """The batcher of an embedder."""
        if embedder.fingerprint not in self._begun:
            told = None if self._metrics is None else self._metrics.batched
            batcher = QueryBatcher(embedder.encode_queries, self._settings.service, told)
            batcher.start()
            self._begun[embedder.fingerprint] = batcher
        return self._begun[embedder.fingerprint]

    async def close(self) -> None:
        """Answer what has been asked, then stop."""
        for batcher in self._begun.values():
            await batcher.close()


class State(TypedDict):
    """The lifespan state, as Starlette wants it."""

    services: Services


@asynccontextmanager
async def running(
    settings: Settings,
    models: Models,
    is_ending: Callable[[], bool],
    metrics: ServiceMetrics | None = None,
    tracing: Tracing | None = None,
) -> AsyncIterator[Services]:
    """Loads the models, opens the services, runs worker and batchers; undoes it in the other order.

    The worker runs unless `settings.jobs.worker` is off, and then once a process.
    """
    data_dir = settings.index.data_dir.expanduser()
    data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as opened:
        if tracing is not None:
            opened.push_async_callback(run_in_threadpool, tracing.close)
        services = await run_in_threadpool(
            opened.enter_context, open_services(settings, models, with_jobs=True)
        )
        await run_in_threadpool(_open_default, services)
        services.keeper.start()
        uploads = opened.enter_context(scratch_folder(data_dir, _UPLOADS, least_age_s=0.0))
        worker = None
        if settings.jobs.worker:
            worker = Worker(services, metrics=None if metrics is None else metrics.work)
            await run_in_threadpool(worker.start)
            opened.push_async_callback(run_in_threadpool, worker.stop)
        count_workers = _counted_workers(services, worker)
        readiness = Readiness(services, count_workers)
        opened.callback(readiness.close)
        if metrics is not None:
            for collector in (Held(services, count_workers), readiness):
                opened.enter_context(metrics.showing(collector))
        batchers = Batchers(settings, metrics)
        opened.push_async_callback(batchers.close)
        most = _SEARCHES_PER_CORE * (os.cpu_count() or 1)
        searches, batches = CapacityLimiter(most), CapacityLimiter(most // 2)
        yield Services(
            settings,
            services,
            batchers,
            readiness,
            uploads,
            searches,
            batches,
            CapacityLimiter(_EXPLANATIONS),
            CapacityLimiter(_LOOKUPS),
            CapacityLimiter(_ADDITIONS),
            Admission(most + settings.service.search_queue_limit),
            KnownQueries(settings.service.query_cache_bytes),
            is_ending,
            metrics,
            tracing,
        )


def _counted_workers(services: Opened, worker: Worker | None) -> Callable[[], int]:
    """Counts the workers: those that beat in a database that they share, else the one in this process."""
    if is_server(services.settings.index):
        return Watch(services.engine).count
    return lambda: int(worker is not None and worker.is_alive)


def _open_default(services: Opened) -> None:
    """Have the models loaded and the settings' collection open before the first request."""
    services.models.rerankers()
    library = services.library()
    services.models.embedder(library.collection.settings, library.generation)
    library.claim().count()


# Those that do not wait are asynchronous too: FastAPI would call a function in a thread.
async def services(request: Request) -> Services:
    """The running service's parts."""
    return cast(Services, request.state.services)


async def library(request: Request, services: Annotated[Services, Depends(services)]) -> Library:
    """The library of the collection that the address names, or of the settings' one."""
    name = request.path_params.get("collection")
    return await to_thread.run_sync(services.opened.library, name, limiter=services.lookups)


ServicesOf = Annotated[Services, Depends(services)]
LibraryOf = Annotated[Library, Depends(library)]
