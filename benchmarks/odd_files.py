"""Uploads every odd file to a service and looks how quickly it answers /healthz all the while.

python -m benchmarks.odd_files [--rounds 1]
"""

import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Annotated, Any

import httpx
import typer

from benchmarks.processes import Service, embedded_service
from tests.indexer.pdf.test_odd_pdfs import ACCEPTED, BOMBS, REFUSED

_EVERY_S = 0.02
_LIMIT_MS = 100.0
_PAGE_TIMEOUT_S = 2
_REQUEST_S = 120.0
_FINISHED = {"indexed", "failed"}


def main(rounds: Annotated[int, typer.Option(help="How often every file is sent.")] = 1) -> None:
    """Count what becomes of the files and time the service's answers."""
    odd: dict[str, Any] = {**REFUSED, **ACCEPTED, **BOMBS}
    files: dict[str, bytes] = {name: make() for name, (make, _) in odd.items()}
    became: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="vdr-odd-files-") as folder:
        environment = {"VDR_PAGE_TIMEOUT_S": str(_PAGE_TIMEOUT_S)}
        with (
            embedded_service(Path(folder) / "service", environment) as service,
            _measured(service) as answered_ms,
        ):
            for _ in range(rounds):
                became += _sent(service, files)
    slow = sum(each > _LIMIT_MS for each in answered_ms)
    told = {
        "benchmark": "odd_files",
        "files": len(files) * rounds,
        "became": dict(became),
        "health": {
            "answers": len(answered_ms),
            "p50_ms": round(statistics.median(answered_ms), 1),
            "p99_ms": round(statistics.quantiles(answered_ms, n=100)[98], 1),
            "max_ms": round(max(answered_ms), 1),
            "over_100_ms": slow,
        },
    }
    typer.echo(json.dumps(told))


def _sent(service: Service, files: dict[str, bytes]) -> Counter[str]:
    """Upload the files, one at a time, then wait for all; how each was refused or ended."""
    became: Counter[str] = Counter()
    with httpx.Client(base_url=service.address, timeout=_REQUEST_S) as client:
        taken = []
        for number, content in enumerate(files.values()):
            answer = client.post("/v1/documents", files={"files": (f"{number}.pdf", content)}).json()
            upload = answer["uploads"][0] if "uploads" in answer else {"problem": answer}
            if upload.get("problem"):
                became[upload["problem"]["code"]] += 1
            else:
                taken.append(upload["document"]["url"])
        for url in taken:
            while (document := client.get(url).json())["state"] not in _FINISHED:
                time.sleep(_EVERY_S)
            became[document["state"]] += 1
            client.delete(url)
    return became


@contextmanager
def _measured(service: Service) -> Iterator[list[float]]:
    """Milliseconds that the service took to answer, asked again and again as long as the block runs."""
    taken: list[float] = []
    over = Event()

    def ask() -> None:
        while not over.wait(_EVERY_S):
            taken.append(_health_ms(client))

    with httpx.Client(base_url=service.address, timeout=_REQUEST_S) as client:
        _health_ms(client)  # the first answer is slower
        asking = Thread(target=ask)
        asking.start()
        try:
            yield taken
        finally:
            over.set()
            asking.join()


def _health_ms(client: httpx.Client) -> float:
    started = time.perf_counter()
    client.get("/healthz").raise_for_status()
    return 1_000 * (time.perf_counter() - started)


if __name__ == "__main__":
    typer.run(main)
