"""How much embedding queries together gains under load: the same queries with and without batching.

    python benchmarks/batcher.py [--embedder NAME] [--clients 32] [--queries 512]

Clients ask one query after the other, all at once, through two batchers that differ only in `batch_max`:
the setting's, and 1. The two take turns in the same run, and the ratio of their throughputs is the result: it
says how a machine gains, whatever else that machine is busy with. The last line is JSON.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from app.batcher import QueryBatcher
from vdr.environment import read_settings
from vdr.models.embedder import Embedder, load_embedder
from vdr.settings import PAGE_READER, ServiceSettings

_ROUNDS = 5
_QUESTIONS = (
    "How did net sales develop by region?",
    "What does the warranty exclude?",
    "Which age group was examined most often?",
    "total assets at year end 2023",
    "How is the battery replaced safely?",
    "map of the drilling sites",
)


@dataclass(frozen=True)
class Load:
    """What one way of batching made of the load."""

    queries_per_s: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Result:
    """The medians over all rounds, and the ratio of the throughputs."""

    embedder: str
    clients: int
    queries: int
    alone: Load
    batched: Load
    gain: float


def measure(embedder: Embedder, settings: ServiceSettings, clients: int, queries: int) -> Result:
    """Both ways, in turns; the first round warms up and is not counted."""
    alone, batched, gains = list[Load](), list[Load](), list[float]()
    for turn in range(_ROUNDS + 1):
        one = asyncio.run(_load(embedder, settings.model_copy(update={"batch_max": 1}), clients, queries))
        many = asyncio.run(_load(embedder, settings, clients, queries))
        if turn:
            alone.append(one)
            batched.append(many)
            gains.append(many.queries_per_s / one.queries_per_s)
    return Result(
        embedder.name, clients, queries, _median(alone), _median(batched), round(statistics.median(gains), 2)
    )


async def _load(embedder: Embedder, settings: ServiceSettings, clients: int, queries: int) -> Load:
    batcher = QueryBatcher(embedder.encode_queries, settings)
    batcher.start()
    waited: list[float] = []
    started = time.perf_counter()
    await asyncio.gather(*(_ask(batcher, client, queries // clients, waited) for client in range(clients)))
    seconds = time.perf_counter() - started
    await batcher.close()
    cuts = statistics.quantiles(waited, n=20)
    return Load(len(waited) / seconds, cuts[9] * 1000, cuts[18] * 1000)


async def _ask(batcher: QueryBatcher, client: int, count: int, waited: list[float]) -> None:
    for number in range(count):
        started = time.perf_counter()
        await batcher.embed(f"{_QUESTIONS[number % len(_QUESTIONS)]} {client}")
        waited.append(time.perf_counter() - started)


def _median(loads: Sequence[Load]) -> Load:
    return Load(
        round(statistics.median(load.queries_per_s for load in loads), 1),
        round(statistics.median(load.p50_ms for load in loads), 2),
        round(statistics.median(load.p95_ms for load in loads), 2),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", default=PAGE_READER)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--queries", type=int, default=512)
    options = parser.parse_args()
    settings = read_settings()
    embedder = load_embedder(settings.model.model_copy(update={"embedder": options.embedder}))
    result = measure(embedder, settings.service, options.clients, options.queries)
    for name, load in (("alone", result.alone), ("batched", result.batched)):
        times = f"p50 {load.p50_ms:.2f} ms  p95 {load.p95_ms:.2f} ms"
        print(f"{name:8} {load.queries_per_s:8.1f} queries/s  {times}")
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
