"""How long a trained embedder takes for questions and pages, measured here and now."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from vdr.models.embedder import Embedder, load_embedder
from vdr.settings import ModelSettings
from vdr.types import PageWords

QUESTIONS, PAGES = 50, 8


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds a question, asked alone, and pages a second, in one batch; how many, and on what."""

    query_p50_ms: float
    query_p95_ms: float
    questions: int
    pages_per_s: float
    pages: int
    machine: str


def measure(
    model: Path, queries: Sequence[str], images: Sequence[Image.Image], words: Sequence[PageWords]
) -> Speed:
    """The speed of the embedder in a folder; the first question and page are paid for beforehand.

    It takes the images or the words of pages; both are there before, and nothing is read beside it.
    Raises ModelError where it cannot be loaded.
    """
    embedder = load_embedder(ModelSettings(embedder=str(model), dims=None, reader=None))
    queries, words = queries[:QUESTIONS], words[:PAGES]
    images = [page.convert("RGB") for page in images[:PAGES]]
    p50, p95 = map(float, np.percentile(_milliseconds(embedder, queries), [50, 95]))
    pages_per_s = _pages_per_s(embedder, images, words)
    return Speed(p50, p95, len(queries), pages_per_s, len(images), _this_machine())


def _milliseconds(embedder: Embedder, queries: Sequence[str]) -> list[float]:
    embedder.encode_queries(queries[:1])
    taken = []
    for query in queries:
        started = time.perf_counter()
        embedder.encode_queries([query])
        taken.append(1000 * (time.perf_counter() - started))
    return taken


def _pages_per_s(embedder: Embedder, images: Sequence[Image.Image], words: Sequence[PageWords]) -> float:
    embedder.encode_pages(images[:1], words[:1])
    started = time.perf_counter()
    embedder.encode_pages(images, words)
    return len(images) / (time.perf_counter() - started)


def _this_machine() -> str:
    cores = os.cpu_count() or 1
    return f"{cores} {'core' if cores == 1 else 'cores'} ({platform.machine()})"
