"""How fast `vdr index` is on a folder of PDFs, what memory it takes, and where the time goes.

python -m benchmarks.indexing FOLDER [--documents N] [--tiny | --model-ms MS]

With --model-ms a model stands in for one on a GPU: it takes so long a page and no processor, while the page
reader reads beside it. `model_busy` is the share of the time that it works; what is missing to 1 it waits for
the processor.
"""

import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from indexer.commands.index import index_files
from indexer.paths import find_pdfs
from indexer.services import open_services
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import tiny_models
from vdr.environment import read_settings
from vdr.models.loading import Models
from vdr.models.reader import load_reader
from vdr.settings import PAGE_READER

_KILOBYTES_A_MEGABYTE = 1024


def main(
    pdfs: Annotated[Path, typer.Argument(help="Folder of PDFs.")],
    documents: Annotated[int | None, typer.Option(help="Use only the first N.")] = None,
    tiny: Annotated[bool, typer.Option("--tiny", help="A tiny embedder in place of the model.")] = False,
    model_ms: Annotated[float | None, typer.Option(help="A sleeping one, so long a page.")] = None,
) -> None:
    """Measure `vdr index`; the settings are those of the environment, the data folder is a passing one."""
    settings = read_settings()
    models = tiny_models() if tiny else Models(settings.model)
    if model_ms is not None:
        models = tiny_models(_sleeping(model_ms))
    embedder = models.embedder()
    with tempfile.TemporaryDirectory(prefix="vdr-indexing-") as folder:
        index = settings.index.model_copy(update={"data_dir": Path(folder)})
        files = find_pdfs([str(pdfs)])[:documents]
        with open_services(settings.model_copy(update={"index": index}), models) as services:
            summary = index_files(files, services.library())
    # rasterize, text and encode_image run in threads beside the others: seconds of work, not of waiting.
    steps = asdict(summary.steps)
    total = sum(steps.values()) or 1.0
    figures = {
        "documents": summary.documents,
        "pages": summary.pages,
        "seconds": round(summary.seconds, 2),
        "pages_per_s": round(summary.pages_per_second, 2),
        "peak_rss_mb": _peak_rss_mb(),
        "step_ms_per_page": {step: round(1000 * s / max(summary.pages, 1), 1) for step, s in steps.items()},
        "step_share": {step: round(s / total, 3) for step, s in steps.items()},
        "embedder": embedder.name,
        "model_ms": model_ms,
        "model_busy": round(steps["embed"] / summary.seconds, 3) if summary.seconds else None,
        "cores": os.cpu_count(),
        "failed": summary.failed,
    }
    typer.echo(json.dumps(figures))


def _sleeping(model_ms: float) -> TinyEmbedder:
    embedder = TinyEmbedder(lambda images: time.sleep(model_ms / 1000 * len(images)))
    embedder.reader = load_reader(PAGE_READER)
    return embedder


def _peak_rss_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kilobytes = peak // 1024 if sys.platform == "darwin" else peak  # bytes on macOS, kilobytes on Linux
    return round(kilobytes / _KILOBYTES_A_MEGABYTE)


if __name__ == "__main__":
    typer.run(main)
