"""How long a trained embedder takes for questions and pages, measured here and now."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from vdr.models.embedder import load_embedder
from vdr.settings import ModelSettings

QUESTIONS, PAGES = 50, 8


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds a question, asked alone, and pages a second, in one batch."""

    query_p50_ms: float
    query_p95_ms: float
    pages_per_s: float


def measure(model: Path, queries: Sequence[str], pages: Sequence[Image.Image]) -> Speed:
    """The speed of the embedder in a folder; the first question and page are paid for beforehand."""
    embedder = load_embedder(ModelSettings(embedder=str(model)))
    embedder.encode_queries(queries[:1])
    embedder.encode_pages(pages[:1])
    milliseconds = []
    for query in queries[:QUESTIONS]:
        started = time.perf_counter()
        embedder.encode_queries([query])
        milliseconds.append(1000 * (time.perf_counter() - started))
    started = time.perf_counter()
    embedder.encode_pages(pages[:PAGES])
    seconds = time.perf_counter() - started
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return Speed(float(p50), float(p95), len(pages[:PAGES]) / seconds)
