"""Queries that arrive together are embedded together, and none pays for another."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
import pytest

from app.batcher import QueryBatcher
from vdr.settings import ServiceSettings
from vdr.types import QueryInput, QueryVectors


class Model:
    """Embeds a query as its length and remembers batches; a query "bad" fails; `gate` holds it up."""

    def __init__(self) -> None:
        self.batches: list[list[QueryInput]] = []
        self.threads: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def encode(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        self.batches.append(list(queries))
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        self.gate.wait()
        if "bad" in queries:
            raise ValueError("this query cannot be embedded")
        return [QueryVectors(np.array([len(str(query))], np.float32)) for query in queries]


def with_batcher(
    model: Model, use: Callable[[QueryBatcher], Awaitable[None]], *, wait_ms: float = 20.0, most: int = 32
) -> None:
    async def run() -> None:
        batcher = QueryBatcher(model.encode, ServiceSettings(batch_wait_ms=wait_ms, batch_max=most))
        batcher.start()
        try:
            await use(batcher)
        finally:
            await batcher.close()

    asyncio.run(run())


def test_each_caller_gets_the_vectors_of_its_own_query() -> None:
    async def use(batcher: QueryBatcher) -> None:
        answers = await asyncio.gather(*(batcher.embed("x" * length) for length in range(1, 9)))
        assert [answer.embedding[0] for answer in answers] == [1, 2, 3, 4, 5, 6, 7, 8]

    with_batcher(Model(), use)


def test_queries_that_arrive_together_are_one_batch() -> None:
    model = Model()

    async def use(batcher: QueryBatcher) -> None:
        await asyncio.gather(batcher.embed("a"), batcher.embed("b"), batcher.embed("c"))

    with_batcher(model, use)
    assert model.batches == [["a", "b", "c"]]


def test_a_batch_is_never_larger_than_its_limit() -> None:
    model = Model()

    async def use(batcher: QueryBatcher) -> None:
        await asyncio.gather(*(batcher.embed(str(n)) for n in range(7)))

    with_batcher(model, use, most=3)
    assert [len(batch) for batch in model.batches] == [3, 3, 1]


def test_without_waiting_what_gathers_during_a_batch_is_the_next() -> None:
    model = Model()
    model.gate.clear()

    async def use(batcher: QueryBatcher) -> None:
        first = asyncio.create_task(batcher.embed("first"))
        await asyncio.to_thread(model.entered.wait)
        rest = [asyncio.create_task(batcher.embed(name)) for name in ("second", "third")]
        await asyncio.sleep(0)
        model.gate.set()
        await asyncio.gather(first, *rest)

    with_batcher(model, use, wait_ms=0.0)
    assert model.batches == [["first"], ["second", "third"]]


def test_the_event_loop_goes_on_while_the_model_works() -> None:
    model = Model()
    model.gate.clear()

    async def use(batcher: QueryBatcher) -> None:
        answer = asyncio.create_task(batcher.embed("slow"))
        await asyncio.to_thread(model.entered.wait)
        assert not answer.done()  # and yet this line runs
        model.gate.set()
        await answer

    with_batcher(model, use)
    assert all(name.startswith("embed-queries") for name in model.threads)


def test_a_failing_query_does_not_fail_its_neighbours() -> None:
    async def use(batcher: QueryBatcher) -> None:
        queries = ["good", "bad", "fine!"]
        answers = await asyncio.gather(*map(batcher.embed, queries), return_exceptions=True)
        good, bad, fine = answers
        assert isinstance(good, QueryVectors)
        assert good.embedding[0] == 4
        assert isinstance(bad, ValueError)
        assert isinstance(fine, QueryVectors)
        assert fine.embedding[0] == 5

    with_batcher(Model(), use)


def test_a_cancelled_query_is_not_embedded() -> None:
    model = Model()
    model.gate.clear()

    async def use(batcher: QueryBatcher) -> None:
        first = asyncio.create_task(batcher.embed("first"))
        await asyncio.to_thread(model.entered.wait)
        dropped, kept = (asyncio.create_task(batcher.embed(name)) for name in ("dropped", "kept"))
        await asyncio.sleep(0)
        dropped.cancel()
        await asyncio.sleep(0)
        model.gate.set()
        await asyncio.gather(first, kept)

    with_batcher(model, use)
    assert model.batches == [["first"], ["kept"]]


@pytest.mark.parametrize("query", ["good", "bad"])
def test_a_query_cancelled_while_it_is_embedded_harms_nobody(query: str) -> None:
    model = Model()
    model.gate.clear()

    async def use(batcher: QueryBatcher) -> None:
        lost = asyncio.create_task(batcher.embed(query))
        await asyncio.to_thread(model.entered.wait)
        lost.cancel()
        await asyncio.sleep(0)
        model.gate.set()
        assert (await batcher.embed("next")).embedding[0] == 4

    with_batcher(model, use)


def test_a_batch_of_cancelled_queries_is_not_embedded_at_all() -> None:
    model = Model()

    async def use(batcher: QueryBatcher) -> None:
        lost = asyncio.create_task(batcher.embed("lost"))
        await asyncio.sleep(0)
        lost.cancel()

    with_batcher(model, use)
    assert model.batches == []


def test_closing_answers_what_was_asked_and_refuses_what_comes_after() -> None:
    model = Model()

    async def use(batcher: QueryBatcher) -> None:
        asked = [asyncio.create_task(batcher.embed(name)) for name in ("a", "bb")]
        await asyncio.sleep(0)
        await batcher.close()
        assert [task.result().embedding[0] for task in asked] == [1, 2]
        with pytest.raises(RuntimeError, match="closed"):
            await batcher.embed("late")

    with_batcher(model, use)


def test_a_batcher_that_was_never_started_closes() -> None:
    asyncio.run(QueryBatcher(Model().encode, ServiceSettings()).close())
