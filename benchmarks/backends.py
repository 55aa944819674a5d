"""What a checkpoint for texts gains by OpenVINO or ONNX over torch, and whether its vectors stay the same.

    python -m benchmarks.backends ../shared/data/train/questions.jsonl MODEL [--backend onnx]

MODEL is a Sentence Transformers checkpoint that takes texts and gives one vector. Both sides run in turn, so
that whatever else runs on the machine slows both: look at the ratio. The last line is one JSON object. Work
is windows of 150 words, whole pages four at a time, as they are indexed, and questions one by one, as they
are asked. Loading is measured in processes of their own, without a converted encoder and with one.
"""

import json
import os
import resource
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.source_pages import pages_of
from vdr.models.embedder import Embedder, load_embedder
from vdr.settings import Backend, ModelSettings
from vdr.types import Box, FloatArray, PageWords, Word

_WORDS, _PAGES_AT_ONCE = 150, 4


def main(
    questions: Annotated[Path, typer.Argument(help="Pages with questions, one JSON object a line.")],
    model: Annotated[str, typer.Argument(help="Folder or Hub name of the checkpoint.")],
    source: Annotated[str, typer.Option(help="Whose pages.")] = "COVID-QA",
    windows: Annotated[int, typer.Option(help="Windows, pages and questions a round.")] = 32,
    backend: Annotated[Backend, typer.Option(help="What is compared with torch.")] = Backend.OPENVINO,
    rounds: Annotated[int, typer.Option(help="Rounds; the median counts.")] = 5,
) -> None:
    """Run the same work on both sides."""
    pages = pages_of(questions, source)
    texts = [page.paragraph_words for page in pages]
    words = [word for text in texts for word in text]
    cut = [_page(words[start : start + _WORDS]) for start in range(0, windows * _WORDS, _WORDS)]
    whole = [_page(text) for text in texts[:windows]]
    asked = [query for page in pages for query in page.queries][:windows]
    with TemporaryDirectory() as cache:
        os.environ["HF_HOME"] = cache  # read when its library is imported, in new processes
        loads = {
            name: _alone(model, each, cut)
            for name, each in (
                ("torch", Backend.TORCH),
                (f"{backend}_first", backend),
                (backend.value, backend),
            )
        }
    sides = {each.value: _loaded(model, each) for each in (Backend.TORCH, backend)}
    work: dict[str, tuple[int, Callable[[Embedder], Any]]] = {
        "windows": (len(cut), lambda each: each.encode_pages((), cut)),
        "pages": (len(whole), lambda each: _indexed(each, whole)),
        "questions": (len(asked), lambda each: [each.encode_queries([query]) for query in asked]),
    }
    figures = {
        "benchmark": "backends",
        "model": Path(model).name,
        "cores": len(os.sched_getaffinity(0)),
        "loads": loads,
        "least_cosine": _least_cosine(*(_rows(each, cut) for each in sides.values())),
        **{name: _in_turn(sides, count, run, rounds) for name, (count, run) in work.items()},
    }
    typer.echo(json.dumps(figures))


def _page(words: Sequence[str]) -> PageWords:
    return PageWords(tuple(Word(word, Box(0.0, 0.0, 1.0, 1.0)) for word in words))


def _loaded(model: str, backend: Backend) -> Embedder:
    return load_embedder(ModelSettings(embedder=model, reader=None, device="cpu", backend=backend))


def _alone(model: str, backend: Backend, texts: list[PageWords]) -> dict[str, float]:
    """Seconds to load, and MiB at the most after embedding, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, model, backend, texts).result()


def _measured(model: str, backend: Backend, texts: list[PageWords]) -> dict[str, float]:
    started = time.perf_counter()
    embedder = _loaded(model, backend)
    seconds = time.perf_counter() - started
    embedder.encode_pages((), texts)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"load_s": round(seconds, 2), "peak_mib": round(peak_mib)}


def _indexed(embedder: Embedder, texts: list[PageWords]) -> None:
    for start in range(0, len(texts), _PAGES_AT_ONCE):
        embedder.encode_pages((), texts[start : start + _PAGES_AT_ONCE])


def _in_turn(
    sides: dict[str, Embedder], count: int, run: Callable[[Embedder], Any], rounds: int
) -> dict[str, Any]:
    """How many a second each side does, and a second of a core; and the median of the rounds' ratios."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, embedder in sides.items():
            started, cpu = time.perf_counter(), time.process_time()
            run(embedder)
            spent[name].append((time.perf_counter() - started, time.process_time() - cpu))
    wall, cores = (
        [torch[kind] / other[kind] for torch, other in zip(*spent.values(), strict=True)] for kind in (0, 1)
    )
    return {
        **{
            f"{name}_per_s": round(count / median(wall for wall, _ in each), 1)
            for name, each in spent.items()
        },
        **{
            f"{name}_per_core_s": round(count / median(cpu for _, cpu in each), 1)
            for name, each in spent.items()
        },
        "ratio": round(median(wall), 2),
        "ratio_core_s": round(median(cores), 2),
    }


def _rows(embedder: Embedder, texts: list[PageWords]) -> FloatArray:
    return np.concatenate([page.embedding for page in embedder.encode_pages((), texts)])


def _least_cosine(left: FloatArray, right: FloatArray) -> float:
    cosines = (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
    return round(float(cosines.min()), 6)


if __name__ == "__main__":
    typer.run(main)
