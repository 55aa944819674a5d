"""How long a search takes over a corpus that `vdr evaluate` has indexed: hybrid, reranked, with its parts.

    python -m benchmarks.search_latency FOLDER [--cache DIR] [--rounds N]

FOLDER is one that `vdr evaluate` takes. Pages that its cache lacks are indexed first, which is not measured.
The last line is one JSON object.
"""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from training.evaluate.corpus import DEFAULT_CACHE, open_corpus
from training.evaluate.run import Task, measure_corpus, read_task
from vdr.environment import read_settings
from vdr.models.embedder import load_embedder


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    cache: Annotated[Path, typer.Option(help="Where `vdr evaluate` keeps indexed pages.")] = DEFAULT_CACHE,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds over all questions.")] = 1,
    documents: Annotated[int | None, typer.Option(min=1, help="Use only the first N PDFs.")] = None,
) -> None:
    """Ask every question of the folder, one after the other."""
    settings = read_settings()
    questions, found = read_task(Task(folder, first_documents=documents), settings)
    embedder = load_embedder(settings.model)
    with open_corpus(folder, found, settings, embedder, cache=cache, say=typer.echo) as corpus:
        latency = measure_corpus(corpus, embedder, settings.search, questions * rounds)
    for part, each in latency.items():
        typer.echo(f"{part:10} p50 {each.p50:7.2f} ms   p95 {each.p95:7.2f} ms")
    figures = {
        "benchmark": "search_latency",
        "model": embedder.name,
        "pages": len(found.pages),
        "searches": rounds * len(questions),
        "rerank_candidates": settings.search.rerank_candidates,
        "cores": os.cpu_count(),
        "p50_ms": round(latency["total"].p50, 2),
        "p95_ms": round(latency["total"].p95, 2),
        "parts_ms": {
            part: {"p50": round(each.p50, 2), "p95": round(each.p95, 2)}
            for part, each in latency.items()
            if part != "total"
        },
    }
    typer.echo(json.dumps(figures))


if __name__ == "__main__":
    typer.run(main)
