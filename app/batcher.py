"""A dynamic batcher: queries that arrive together are embedded together, off the event loop."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from vdr.settings import ServiceSettings
from vdr.types import QueryInput, QueryVectors

Encode = Callable[[Sequence[QueryInput]], list[QueryVectors]]


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A query and the future its caller awaits."""

    query: QueryInput
    answer: asyncio.Future[QueryVectors]


class QueryBatcher:
    """Embeds queries in batches on one thread of its own; to be used within one event loop.

    The first query waits at most `settings.batch_wait_ms` for others; while a batch is being embedded the
    next one gathers, so batches grow with the load by themselves.
    """

    def __init__(
        self, encode: Encode, settings: ServiceSettings, told: Callable[[int], None] | None = None
    ) -> None:
        """`told` gets the size of each batch."""
        self._encode, self._told = encode, told
        self._wait_s = settings.batch_wait_ms / 1000
        self._batch_max = settings.batch_max
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embed-queries")
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    def start(self) -> None:
        """Begin to take queries."""
        self._task = asyncio.create_task(self._run(), name="query-batcher")

    async def embed(self, query: QueryInput) -> QueryVectors:
        """The query's vectors. Raises what the model raises for it alone; a cancelled call is dropped."""
        if self._is_closed:
            raise RuntimeError("The batcher is closed.")
        waiting = _Waiting(query, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        return await waiting.answer

    async def close(self) -> None:
        """Answer what has been asked, then stop; new queries are refused from now on."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put_nowait(None)
        if self._task is not None:
            await self._task
        self._thread.shutdown()

    async def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = await self._gather()
            wanted = [waiting for waiting in batch if not waiting.answer.cancelled()]
            if wanted:
                if self._told is not None:
                    self._told(len(wanted))
                await self._embed(wanted)

    async def _gather(self) -> tuple[list[_Waiting], bool]:
        """The next batch, and whether more may come after it."""
        first = await self._queue.get()
        if first is None:
            return [], False
        batch = [first]
        deadline = asyncio.get_running_loop().time() + self._wait_s
        while len(batch) < self._batch_max:
            try:
                waiting = await self._next(deadline)
            except (TimeoutError, asyncio.QueueEmpty):
                break
            if waiting is None:
                return batch, False
            batch.append(waiting)
        return batch, True

    async def _next(self, deadline: float) -> _Waiting | None:
        if not self._queue.empty():
            return self._queue.get_nowait()
        async with asyncio.timeout_at(deadline):
            return await self._queue.get()

    async def _embed(self, batch: Sequence[_Waiting]) -> None:
        try:
            vectors = await self._encode_in_thread([waiting.query for waiting in batch])
        except Exception as error:  # whatever a model raises belongs to the caller, not to the batcher
            await self._after_failure(batch, error)
            return
        for waiting, answer in zip(batch, vectors, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)

    async def _after_failure(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """A batch fails as one, so each query is tried alone: its neighbours must not suffer for it."""
        if len(batch) > 1:
            for waiting in batch:
                await self._embed([waiting])
        elif not batch[0].answer.done():
            batch[0].answer.set_exception(error)

    async def _encode_in_thread(self, queries: list[QueryInput]) -> list[QueryVectors]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._encode, queries)
