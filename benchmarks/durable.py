"""Documents indexed as durable jobs against the same library without them, in one run.

python -m benchmarks.durable FOLDER [--documents N] [--rounds N]
"""

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from indexer.ingest import index_document
from indexer.paths import find_pdfs
from tests.fixtures.jobs import job_setup
from tests.fixtures.libraries import opened
from vdr.environment import read_settings
from vdr.models.embedder import Embedder, load_embedder
from vdr.settings import Settings
from vdr.types import DocumentState


def bare(files: Sequence[Path], settings: Settings, embedder: Embedder) -> float:
    """Pages a second, one document after the other."""
    with opened(settings, embedder) as library:
        added = [library.add(file, file.name)[0] for file in files]
        started = time.perf_counter()
        for document in added:
            index_document(library, document.document_id)
        seconds = time.perf_counter() - started
    return sum(document.page_count for document in added) / seconds


def durable(files: Sequence[Path], settings: Settings, embedder: Embedder) -> float:
    """Pages a second by a worker, its start included."""
    with job_setup(settings, embedder) as made:
        ids = [made.add(file) for file in files]
        started = time.perf_counter()
        made.start()
        pages = sum(made.wait_for(each, DocumentState.INDEXED).page_count for each in ids)
        return pages / (time.perf_counter() - started)


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of PDFs.")],
    documents: Annotated[int | None, typer.Option(help="Use only the first N.")] = None,
    rounds: Annotated[int, typer.Option(help="How often each side runs; the best counts.")] = 2,
) -> None:
    """Compare pages a second; the sides take turns, so that both meet the same machine."""
    files, settings = find_pdfs([str(folder)])[:documents], read_settings()
    embedder = load_embedder(settings.model)
    best = {"bare": 0.0, "durable": 0.0}
    for _ in range(rounds):
        for name, side in (("bare", bare), ("durable", durable)):
            with tempfile.TemporaryDirectory(prefix="vdr-durable-") as data_dir:
                index = settings.index.model_copy(update={"data_dir": Path(data_dir)})
                found = side(files, settings.model_copy(update={"index": index}), embedder)
                best[name] = max(best[name], round(found, 3))
    ratio = round(best["durable"] / best["bare"], 3)
    typer.echo(json.dumps({"benchmark": "durable", "pages_per_s": best, "ratio": ratio}))


if __name__ == "__main__":
    typer.run(main)
