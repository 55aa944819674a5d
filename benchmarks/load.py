"""How many searches a second the service answers under load, and how fast.

    python -m benchmarks.load FOLDER [--pages 7000] [--seconds 8] [--clients 64] [--before CHECKOUT]

FOLDER is one that `vdr evaluate` takes, with pdfs/ and queries.jsonl; `load_collection.py` makes a collection
of what its cache holds. Clients ask one question after the other, each over one connection, and share the
cores with the services. These take turns, with each number of clients:

- `distinct`: no question is asked twice, so no answer is known;
- `unbatched`: the same with VDR_BATCH_MAX=1;
- `repeated`: 20 questions, over and over;
- `indexing`: as `distinct`, while 50 documents that were uploaded before are being indexed;
- `before`: as `distinct`, by the vdr of another checkout (`git worktree add`), for instance of the version
  before.

The last line is one JSON object.
"""

import asyncio
import json
import os
import random
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer

from benchmarks.commands import environment_in, serving
from benchmarks.load_collection import copied, made_of
from tests.fixtures.pdfs import write_report
from training.evaluate.corpus import DEFAULT_CACHE

_CLIENTS = [1, 4, 16, 64]
_WARM_UP = 100  # searches
_REPEATED = 20  # questions
_DOCUMENTS, _PAGES_EACH = 50, 6
_TIMEOUT_S = 120.0

Sides = dict[str, dict[int, dict[str, float]]]


@dataclass
class _Answers:
    """What the clients have seen: the milliseconds of each answer, and how many were no success."""

    ms: list[float] = field(default_factory=list)
    errors: int = 0

    def figures(self, seconds: float) -> dict[str, float]:
        """Searches a second, the median and 95th percentile of their times, and errors."""
        p50, p95 = (statistics.quantiles(self.ms, n=20)[place] for place in (9, 18))
        return {
            "searches_per_s": round(len(self.ms) / seconds, 1),
            "p50_ms": round(p50, 1),
            "p95_ms": round(p95, 1),
            "errors": self.errors,
        }


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    pages: Annotated[int, typer.Option(min=1, help="Pages in the collection, at least.")] = 7_000,
    seconds: Annotated[float, typer.Option(min=1, help="How long each number of clients asks.")] = 8.0,
    clients: Annotated[list[int], typer.Option(min=1, help="Numbers of clients.")] = _CLIENTS,
    before: Annotated[Path | None, typer.Option(help="A checkout to compare with.")] = None,
    cache: Annotated[Path, typer.Option(help="Where `vdr evaluate` keeps indexed pages.")] = DEFAULT_CACHE,
) -> None:
    """Ask services of its own."""
    made = made_of(folder, cache, pages)
    asked = _questions(folder)
    with ExitStack() as opened:

        def started(**changes: str) -> str:
            place = Path(opened.enter_context(TemporaryDirectory(prefix="vdr-load-")))
            environment = environment_in(place, {**os.environ, **changes})
            return opened.enter_context(serving(opened.enter_context(copied(made, environment))))

        service, unbatched = started(), started(VDR_BATCH_MAX="1")
        sides = {"distinct": service, "unbatched": unbatched, "repeated": service}
        if before is not None:
            sides["before"] = started(PYTHONPATH=str(before.resolve()))
        found: Sides = {side: {} for side in sides}
        _warm_up(sides, asked)
        for count in clients:
            for side, address in sides.items():
                questions = _repeated(asked) if side == "repeated" else asked
                found[side][count] = _show(side, count, _measured(address, questions, count, seconds))
        found["indexing"] = {}
        _upload(service)
        for count in clients:
            found["indexing"][count] = _show("indexing", count, _measured(service, asked, count, seconds))
        left = _unfinished(service)
    figures = {"benchmark": "load", "pages": pages, "cores": os.cpu_count(), "seconds": seconds}
    ratios = _ratios(found)
    typer.echo(json.dumps({**figures, "documents_left": left, "ratios": ratios, "sides": found}))


def _show(side: str, clients: int, figures: dict[str, float]) -> dict[str, float]:
    typer.echo(f"{side:10} {clients:3} clients: {figures}")
    return figures


def _ratios(found: Sides) -> Mapping[str, dict[int, float]]:
    """What sides of one run are beside each other, by the number of clients."""

    def ratio(figure: str, one: str, other: str) -> dict[int, float]:
        return {
            count: round(found[one][count][figure] / found[other][count][figure], 2) for count in found[one]
        }

    rate, slowest = "searches_per_s", "p95_ms"
    ratios = {
        "rate batched / unbatched": ratio(rate, "distinct", "unbatched"),
        "rate repeated / distinct": ratio(rate, "repeated", "distinct"),
        "p95 indexing / distinct": ratio(slowest, "indexing", "distinct"),
    }
    if "before" in found:
        ratios["rate distinct / before"] = ratio(rate, "distinct", "before")
    return ratios


def _questions(folder: Path) -> Iterator[str]:
    """The questions of the folder, each with a word of another one, so that none is like another."""
    lines = (folder / "queries.jsonl").read_text().splitlines()
    questions = [str(json.loads(line)["query"]) for line in lines]
    chosen = random.Random(0)
    while True:
        question, other = chosen.choice(questions), chosen.choice(questions)
        yield f"{question} {max(other.split(), key=len)}"


def _repeated(asked: Iterator[str]) -> Iterator[str]:
    return cycle([next(asked) for _ in range(_REPEATED)])


def _warm_up(sides: Mapping[str, str], asked: Iterator[str]) -> None:
    for address in dict.fromkeys(sides.values()):
        _measured(address, islice(asked, _WARM_UP), 4, _TIMEOUT_S)


def _measured(address: str, questions: Iterator[str], clients: int, seconds: float) -> dict[str, float]:
    return asyncio.run(_asked(address, questions, clients, seconds))


async def _asked(address: str, questions: Iterator[str], clients: int, seconds: float) -> dict[str, float]:
    answers, began = _Answers(), time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(clients):
            tasks.create_task(_ask(address, questions, began + seconds, answers))
    return answers.figures(time.monotonic() - began)


async def _ask(address: str, questions: Iterator[str], until: float, answers: _Answers) -> None:
    """By hand, as a client for all that HTTP can do takes as much of the cores as the service."""
    url = urlsplit(address)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    async with asyncio.timeout(_TIMEOUT_S + max(until - time.monotonic(), 0.0)):
        while time.monotonic() < until:
            question = next(questions, None)
            if question is None:
                break
            body = json.dumps({"query": question}).encode()
            head = (
                f"POST /v1/search HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(head.encode() + body)
            status, *headers = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            length = next(int(each.split(b":")[1]) for each in headers if each.startswith(b"content-length"))
            await reader.readexactly(length)
            answers.ms.append(1_000 * (time.perf_counter() - began))
            answers.errors += status.split()[1] != b"200"
    writer.close()


def _upload(address: str) -> None:
    with TemporaryDirectory(prefix="vdr-load-") as folder, httpx.Client(base_url=address) as client:
        for number in range(_DOCUMENTS):
            file = write_report(Path(folder) / f"{number}.pdf", _PAGES_EACH, topic=f"report {number}")
            answer = client.post("/v1/documents", files={"files": file.read_bytes()}, timeout=_TIMEOUT_S)
            answer.raise_for_status()


def _unfinished(address: str) -> int:
    """How many documents are still to be indexed."""
    states = "state=queued&state=rasterizing&state=embedding"
    answer = httpx.get(f"{address}/v1/documents?{states}", timeout=_TIMEOUT_S).raise_for_status()
    return int(answer.json()["total"])


if __name__ == "__main__":
    typer.run(main)
