"""How many searches a second the service answers, and how fast, asked by more and more clients at once.

    python -m benchmarks.service_load FOLDER [--documents 6] [--seconds 20]

FOLDER is one that `vdr evaluate` takes, with pdfs/ and queries.jsonl. Its first documents are indexed by the
service; then each client asks one of the questions after the other, over one connection. Clients and service
share the cores. The last line is one JSON object.
"""

import json
import os
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import httpx
import typer

from benchmarks.commands import environment_in, run, serving

_CLIENTS = (1, 4, 16, 32)
_WARM_UP = 20  # searches
_TIMEOUT_S = 60.0


@dataclass
class _Answers:
    """What the clients have seen: the milliseconds of each answer, and how many were no success."""

    ms: list[float] = field(default_factory=list)
    errors: int = 0


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    documents: Annotated[int, typer.Option(min=1, help="Index the first N PDFs.")] = 6,
    seconds: Annotated[float, typer.Option(min=1, help="How long each number of clients asks.")] = 20.0,
) -> None:
    """Ask a service of its own."""
    files = sorted((folder / "pdfs").glob("*.pdf"))[:documents]
    lines = (folder / "queries.jsonl").read_text().splitlines()
    questions = [str(json.loads(line)["query"]) for line in lines]
    with TemporaryDirectory(prefix="vdr-load-") as place:
        environment = environment_in(Path(place), os.environ)
        with serving(environment) as address:
            run(environment, "index", *map(str, files))
            _ask(address, questions, time.monotonic() + _TIMEOUT_S, _Answers(), most=_WARM_UP)
            measured = {str(count): _measured(address, questions, count, seconds) for count in _CLIENTS}
    for clients, each in measured.items():
        typer.echo(f"{clients:>3} clients: {each}")
    figures = {"benchmark": "service_load", "documents": len(files), "cores": os.cpu_count()}
    typer.echo(json.dumps({**figures, "clients": measured}))


def _measured(address: str, questions: Sequence[str], clients: int, seconds: float) -> dict[str, float]:
    answers = _Answers()
    began = time.monotonic()
    threads = [
        threading.Thread(
            target=_ask,
            args=(address, list(islice(cycle(questions), number, number + len(questions))), began + seconds),
            kwargs={"answers": answers},
        )
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    p50, p95 = (statistics.quantiles(answers.ms, n=20)[place] for place in (9, 18))
    rate = len(answers.ms) / took
    return {
        "searches_per_s": round(rate, 1),
        "p50_ms": round(p50, 1),
        "p95_ms": round(p95, 1),
        "errors": answers.errors,
    }


def _ask(
    address: str, questions: Sequence[str], until: float, answers: _Answers, most: int | None = None
) -> None:
    with httpx.Client(base_url=address, timeout=_TIMEOUT_S, trust_env=False) as client:
        for question in islice(cycle(questions), most):
            if time.monotonic() > until:
                return
            began = time.perf_counter()
            answer = client.post("/v1/search", json={"query": question})
            answers.ms.append(1_000 * (time.perf_counter() - began))
            answers.errors += not answer.is_success


if __name__ == "__main__":
    typer.run(main)
