"""Models of Qwen3-VL's own size: what it costs the ordinary commands to index ten pages and search them.

    python -m benchmarks.full_size REPORT.pdf [--kind embedder] [--max-pixels 1843200] [--pages 10]

The shape is that of Qwen/Qwen3-VL-Embedding-2B (its config.json; image sizes as its model card says), the
weights are random: what is found means nothing, what it costs does. Each command is a process of its own,
whose peak memory is told, that of a GPU too; seconds have the loading of the model in them. `--work` keeps
the checkpoints, 4.3 GB each, for the next run. The last line is one JSON object.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Annotated, Any

import pypdfium2
import typer

from tests.fixtures.torchvision import offer_torchvision

_GIB = 1024**2  # in the kilobytes that the system counts in
_QUESTION = "How did net sales develop by region?"
_MOST_PIXELS = 1800 * 32 * 32  # https://github.com/QwenLM/Qwen3-VL-Embedding: MAX_PIXELS
_COMMAND = (
    "from tests.fixtures.torchvision import offer_torchvision; offer_torchvision();"
    "from benchmarks.full_size import tell_gpu; import atexit; atexit.register(tell_gpu);"
    "from vdr.rooms import main; main()"
)
_GPU_FILE = "BENCHMARK_GPU_FILE"


class Kind(StrEnum):
    """What the checkpoint is."""

    EMBEDDER = "embedder"
    MULTI_VECTOR = "multi-vector"
    RERANKER = "reranker"


def main(
    pdf: Annotated[Path, typer.Argument(help="A PDF whose first pages are indexed.")],
    kind: Annotated[list[Kind], typer.Option(help="Which checkpoints.")] = [*Kind],  # noqa: B006
    pages: Annotated[int, typer.Option(min=1, help="So many pages.")] = 10,
    max_pixels: Annotated[int, typer.Option(help="Largest image that the model sees.")] = _MOST_PIXELS,
    precision: Annotated[str, typer.Option(help="VDR_PRECISION.")] = "bfloat16",
    work: Annotated[Path | None, typer.Option(help="Folder for the checkpoints.")] = None,
    build: Annotated[Kind | None, typer.Option(help="Only builds one, in a process of its own.")] = None,
) -> None:
    """Index and search with each kind of checkpoint in turn."""
    with ExitStack() as stack:
        work = work or Path(stack.enter_context(TemporaryDirectory()))
        if build is not None:
            _build(build, _checkpoint(work, build, max_pixels), max_pixels)
            return
        figures: dict[str, Any] = {"benchmark": "full_size", "pages": pages, "max_pixels": max_pixels}
        figures |= {"precision": precision, "device": _device()}
        part = _first_pages(pdf, pages, work / "pages.pdf")
        for each in kind:
            checkpoint = _checkpoint(work, each, max_pixels)
            if not checkpoint.exists():
                options = ["--max-pixels", str(max_pixels), "--work", str(work), "--build", each.value]
                subprocess.run([sys.executable, "-m", "benchmarks.full_size", str(pdf), *options], check=True)
            with TemporaryDirectory() as data:
                figures[each] = _measured(
                    each, checkpoint, part, {"VDR_DATA_DIR": data, "VDR_PRECISION": precision}
                )
            typer.echo(f"{each}: {json.dumps(figures[each])}")
        typer.echo(json.dumps(figures))


def _measured(kind: Kind, checkpoint: Path, pdf: Path, settings: dict[str, str]) -> dict[str, Any]:
    role = "VDR_RERANKER" if kind is Kind.RERANKER else "VDR_EMBEDDER"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", **settings, role: str(checkpoint)}
    index, _ = _run(["index", str(pdf)], environment)
    search, found = _run(["search", _QUESTION, "--json"], environment)
    hits = json.loads(found)["hits"]
    return {
        **{f"index_{name}": figure for name, figure in index.items()},
        **{f"search_{name}": figure for name, figure in search.items()},
        "hits": len(hits),
        "stages": sorted(hits[0]["stages"]),
    }


def _run(arguments: Sequence[str], environment: dict[str, str]) -> tuple[dict[str, float], str]:
    """Seconds and peak memory of a command, that of a GPU too, and its output."""
    begun = time.monotonic()
    with NamedTemporaryFile() as gpu:
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *arguments],
            env={**environment, _GPU_FILE: gpu.name},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise typer.Exit(1)
        figures = {
            "s": round(time.monotonic() - begun, 1),
            "peak_gib": round(usage.ru_maxrss / _GIB, 2),
        }
        return figures | json.loads(gpu.read() or "{}"), output


def tell_gpu() -> None:
    """Write down what a process has taken of its GPU, if it has used one."""
    import torch  # noqa: PLC0415 - is loaded already

    if torch.cuda.is_available():
        told = {"gpu_peak_gib": round(torch.cuda.max_memory_allocated() / 1024**3, 2)}
        Path(os.environ[_GPU_FILE]).write_text(json.dumps(told))


def _build(kind: Kind, folder: Path, max_pixels: int) -> None:
    offer_torchvision()
    import torch  # noqa: PLC0415 - after torchvision

    from tests.fixtures.tiny_qwen import (  # noqa: PLC0415 - after torchvision
        Shape,
        qwen3_vl,
        qwen3_vl_multi_vector,
        qwen3_vl_reranker,
    )

    shape = Shape(
        text={
            "vocab_size": 151_936,
            "hidden_size": 2048,
            "intermediate_size": 6144,
            "num_hidden_layers": 28,
            "num_attention_heads": 16,
            "num_key_value_heads": 8,
            "head_dim": 128,
            "max_position_embeddings": 262_144,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 5_000_000.0,
                "mrope_section": [24, 20, 20],
                "mrope_interleaved": True,
            },
        },
        vision={
            "depth": 24,
            "hidden_size": 1024,
            "intermediate_size": 4096,
            "num_heads": 16,
            "patch_size": 16,
            "spatial_merge_size": 2,
            "out_hidden_size": 2048,
            "num_position_embeddings": 2304,
            "deepstack_visual_indexes": [5, 11, 17],
        },
        most_pixels=max_pixels,
        dtype=torch.bfloat16,
    )
    make = {
        Kind.EMBEDDER: qwen3_vl,
        Kind.MULTI_VECTOR: qwen3_vl_multi_vector,
        Kind.RERANKER: qwen3_vl_reranker,
    }
    made = make[kind](folder.with_name(f"{folder.name}-new"), shape)
    shutil.rmtree(made.with_name(f"{made.name}-backbone"))
    made.rename(folder)


def _checkpoint(work: Path, kind: Kind, max_pixels: int) -> Path:
    return work / f"{kind}-{max_pixels}"


def _first_pages(pdf: Path, count: int, into: Path) -> Path:
    with pypdfium2.PdfDocument(pdf) as whole, pypdfium2.PdfDocument.new() as part:
        part.import_pages(whole, list(range(min(count, len(whole)))))
        part.save(into)
    return into


def _device() -> str:
    import torch  # noqa: PLC0415 - takes seconds

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    typer.run(main)
