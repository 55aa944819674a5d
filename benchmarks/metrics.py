"""What metrics cost a search: the same searches of two services that differ only in `VDR_METRICS`, by turns.

    python -m benchmarks.metrics FOLDER [--documents 3] [--searches 400]

FOLDER is one that `vdr evaluate` takes, with pdfs/ and queries.jsonl. Its smallest documents are indexed
once, with the models of the settings. Both services are in this process and are asked the same question one
after the other, by turns the one or the other first, so that what else the machine does meets both. Each is
asked every question a few times, of which the fastest counts; `apart_ms` is the median of what metrics add.
The last line is one JSON object.
"""

import json
import os
import shutil
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from fastapi.testclient import TestClient

from app.service import create_app
from indexer.commands.index import index_files
from indexer.services import open_services
from vdr.environment import read_settings
from vdr.models.loading import Models
from vdr.settings import JobSettings, Settings

_WARM_UP = 20  # searches
_TIMES = 4  # that each question is asked of each service
_MEASURED = ("on", "off")


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    documents: Annotated[int, typer.Option(min=1, help="Index the N smallest PDFs.")] = 3,
    searches: Annotated[int, typer.Option(min=100, help="Searches of each service.")] = 400,
) -> None:
    """Ask two services by turns."""
    settings, files = (
        read_settings(),
        sorted((folder / "pdfs").glob("*.pdf"), key=lambda path: path.stat().st_size),
    )
    lines = (folder / "queries.jsonl").read_text().splitlines()
    questions = [str(json.loads(line)["query"]) for line in lines][: searches // _TIMES]
    models = Models(settings.model)
    with TemporaryDirectory(prefix="vdr-metrics-") as place, ExitStack() as opened:
        first = _in(settings, Path(place, "on"), is_on=True)
        with open_services(first, models) as services:
            index_files(files[:documents], services.library())
        shutil.copytree(Path(place, "on"), Path(place, "off"))
        second = _in(settings, Path(place, "off"), is_on=False)
        clients = [opened.enter_context(TestClient(create_app(each, models))) for each in (first, second)]
        pages = clients[0].get("/readyz").json()["pages"]
        for question in questions[:_WARM_UP]:
            for client in clients:
                _ms(client, question)
        measured = _measured(clients, questions)
    told = {name: _figures(ms) for name, ms in zip(_MEASURED, measured, strict=True)}
    ratios = {
        quantile: round(told["on"][quantile] / told["off"][quantile], 4) for quantile in ("p50_ms", "p95_ms")
    }
    apart = statistics.median(on - off for on, off in zip(*measured, strict=True))
    figures = {"benchmark": "metrics", "pages": pages, "questions": len(questions), "cores": os.cpu_count()}
    typer.echo(json.dumps({**figures, **told, "ratio": ratios, "apart_ms": round(apart, 3)}))


def _in(settings: Settings, folder: Path, *, is_on: bool) -> Settings:
    return settings.model_copy(
        update={
            "index": settings.index.model_copy(update={"data_dir": folder}),
            "telemetry": settings.telemetry.model_copy(update={"metrics": is_on}),
            "jobs": JobSettings(worker=False),
        }
    )


def _measured(clients: Sequence[TestClient], questions: Sequence[str]) -> list[list[float]]:
    """The milliseconds of each question, by each of the services."""
    fastest = [[float("inf")] * len(questions) for _ in clients]
    for round_ in range(_TIMES):
        for place, question in enumerate(questions):
            order = range(len(clients)) if (place + round_) % 2 else reversed(range(len(clients)))
            for which in order:
                fastest[which][place] = min(fastest[which][place], _ms(clients[which], question))
    return fastest


def _ms(client: TestClient, question: str) -> float:
    began = time.perf_counter()
    client.post("/v1/search", json={"query": question}).raise_for_status()
    return 1_000 * (time.perf_counter() - began)


def _figures(ms: Sequence[float]) -> dict[str, float]:
    quantiles = statistics.quantiles(ms, n=20)
    return {"p50_ms": round(quantiles[9], 2), "p95_ms": round(quantiles[18], 2)}


if __name__ == "__main__":
    typer.run(main)
