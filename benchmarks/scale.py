"""How the embedded index does with many pages: time, memory, disk, what it finds, and whether searches wait.

    python -m benchmarks.scale DATA_DIR... [--pages 10000 --pages 100000] [--questions 200]

Each DATA_DIR holds real pages in an embedded index: one of `vdr index`, or of `vdr evaluate`'s cache
(~/.cache/vdr/evaluate/NAME, collection `evaluate`). The pages are made of these (benchmarks/made_pages.py);
the questions are ten consecutive words of real pages, as the shipped models embed them. Recall is of the
ten pages that exact comparison of the full embeddings finds. Beside it, over the same full embeddings:
NumPy, FAISS (`pip install faiss-cpu`; left out without it) and the local mode of qdrant-client. Another
thread searches while the index is filled, flushed, built and opened; the longest that one of its searches
took is the pause. The last line is one JSON object.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.made_pages import LONG_DOCUMENT, MadePages
from benchmarks.real_pages import Asked, read_real
from benchmarks.scale_others import others
from vdr.index import EdgeIndex, Nearest
from vdr.index.edge_copy import size_on_disk
from vdr.index.schema import COARSE, FULL
from vdr.search.execute import execute
from vdr.search.plan import plan_search
from vdr.search.request import in_documents
from vdr.settings import SearchSettings
from vdr.types import (
    Condition,
    Effort,
    Filter,
    FloatArray,
    Operator,
    QueryVectors,
    SearchRequest,
)

_BEST = 10
_GB = 1e9
_BETWEEN_S = 0.02  # searches that run beside something else
_SMALL = 2_000  # pages of another index, which is searched while the large one is opened


def main(
    data_dirs: Annotated[list[Path], typer.Argument(help="Data folders with real pages.")],
    pages: Annotated[list[int], typer.Option(min=2 * LONG_DOCUMENT, help="Pages of an index.")] = [  # noqa: B006
        10_000,
        100_000,
    ],
    questions: Annotated[int, typer.Option(min=1, help="Questions.")] = 200,
    regions: Annotated[int, typer.Option(min=0, help="Late-interaction vectors a page, at most.")] = 169,
    coarse_dims: Annotated[int | None, typer.Option(help="Default: those of the real pages.")] = None,
    collection: Annotated[str, typer.Option(help="Collection of the real pages.")] = "evaluate",
    others_up_to: Annotated[int, typer.Option(help="Most pages that others are measured with.")] = 100_000,
    folder: Annotated[Path | None, typer.Option(help="Where to build. Default: a temporary folder")] = None,
) -> None:
    """Build an index of each size, and ask."""
    real, texts, schema = read_real(data_dirs, collection)
    schema = replace(schema, collection="scale", coarse_dims=coarse_dims or schema.coarse_dims)
    asked = Asked(texts[:questions])
    figures: dict[str, Any] = {"benchmark": "scale", "real_pages": len(real), "questions": len(asked.texts)}
    figures |= {"cores": os.cpu_count(), "coarse_dims": schema.coarse_dims, "regions": regions}
    for count in pages:
        made = MadePages(real, schema, count, regions)
        with TemporaryDirectory(dir=folder) as place:
            measured = _rounded(_measured(Path(place), made, asked))
        if count <= others_up_to:
            measured |= _rounded(others(made, asked.embeddings, _exact(made, asked.embeddings)))
        typer.echo(f"{count}: {json.dumps(measured)}")
        figures[str(count)] = measured
    typer.echo(json.dumps(figures))


def _exact(made: MadePages, queries: FloatArray) -> list[set[int]]:
    """The places of the best pages for each query by exact comparison."""
    best = np.zeros((len(queries), 0), np.float32)
    places = np.zeros((len(queries), 0), np.int64)
    start = 0
    for rows in made.embeddings():
        best = np.concatenate([best, queries @ rows.astype(np.float16).astype(np.float32).T], axis=1)
        here = np.arange(start, start + len(rows))
        places = np.concatenate([places, np.broadcast_to(here, (len(queries), len(rows)))], axis=1)
        kept = np.argsort(-best, axis=1)[:, :_BEST]
        best, places = np.take_along_axis(best, kept, 1), np.take_along_axis(places, kept, 1)
        start += len(rows)
    return [set(row.tolist()) for row in places]


def _measured(place: Path, made: MadePages, asked: Asked) -> dict[str, Any]:
    exact = _exact(made, asked.embeddings)
    before = _memory()
    index = EdgeIndex.open(place / "large", made.schema, unindexed_pages=made.count)
    figures: dict[str, Any] = {"fill_s": _filled(index, made), "new_memory_gb": _grown(before)}
    waiting = _Waiting(index, asked)
    figures["new_recall_at_10"] = _recall(index, made, asked, exact)
    with waiting.told(figures, "flush"):
        index.flush()
    with waiting.told(figures, "build"):
        index.build()
    index.close()
    figures["disk_gb"] = size_on_disk(place) / _GB
    with closing(EdgeIndex.open(place / "small", made.schema)) as small:
        _filled(small, made.fewer(_SMALL))
        before = _memory()
        with _Waiting(small, asked).told(figures, "open"):
            index = EdgeIndex.open(place / "large", made.schema, unindexed_pages=made.count)
    figures["recall_at_10"] = _recall(index, made, asked, exact)
    figures |= _searches(index, asked)
    figures["memory_gb"] = _grown(before)
    with _Waiting(index, asked).told(figures, "delete"):
        index.delete_document(made.long_document)
    index.close()
    return figures


def _filled(index: EdgeIndex, made: MadePages) -> float:
    """The seconds that writing takes, without those that making the pages does."""
    took = 0.0
    for points in made.points():
        started = time.perf_counter()
        index.upsert(points)
        took += time.perf_counter() - started
    return took


def _searches(index: EdgeIndex, asked: Asked) -> dict[str, Any]:
    """ms p50 and p95 of whole searches, once they are embedded: as they took, and of the processor alone."""
    shelf = Condition("shelf", Operator.EQ, 7)
    kinds: dict[str, tuple[Effort, bool, Filter | None]] = {
        **{f"{effort}_no_rerank": (effort, False, None) for effort in Effort},
        **{f"{effort}": (effort, True, None) for effort in (Effort.BALANCED, Effort.BEST)},
        "one_percent": (Effort.BALANCED, True, shelf),
        "one_document": (Effort.BALANCED, True, in_documents(["17"])),
    }
    return {name: _times(index, asked, *kind) for name, kind in kinds.items()}


def _times(
    index: EdgeIndex, asked: Asked, effort: Effort, rerank: bool, where: Filter | None
) -> dict[str, float]:
    times, cpu_times = [], []
    for text, vectors in zip(asked.texts, asked.vectors, strict=True):
        started, worked = time.perf_counter(), time.process_time()
        _search(index, text, vectors, effort, rerank, where)
        times.append(1_000 * (time.perf_counter() - started))
        cpu_times.append(1_000 * (time.process_time() - worked))
    (p50, p95), (cpu_p50, cpu_p95) = np.percentile(times, [50, 95]), np.percentile(cpu_times, [50, 95])
    return {"p50_ms": p50, "p95_ms": p95, "cpu_p50_ms": cpu_p50, "cpu_p95_ms": cpu_p95}


def _search(
    index: EdgeIndex,
    text: str,
    vectors: QueryVectors,
    effort: Effort = Effort.BALANCED,
    rerank: bool = True,
    where: Filter | None = None,
) -> None:
    request = SearchRequest(text, effort=effort, rerank=rerank, filter=where)
    execute(plan_search(request, vectors, index.schema, SearchSettings(), pages=index.rough_count()), index)


def _recall(index: EdgeIndex, made: MadePages, asked: Asked, exact: Sequence[set[int]]) -> float:
    """Of the best pages those that the first dense stage of a plan finds."""
    shares = []
    for text, vectors, best in zip(asked.texts, asked.vectors, exact, strict=True):
        plan = plan_search(SearchRequest(text), vectors, index.schema, SearchSettings(), pages=made.count)
        dense = plan.dense[0]
        among = None if dense.coarse is None else Nearest(COARSE, dense.coarse, dense.coarse_candidates)
        (found,) = index.nearest([Nearest(FULL, dense.embedding, _BEST, among)])
        pages = index.pages([point for point, _ in found]).values()
        shares.append(len({made.place_of(each.page) for each in pages} & best) / _BEST)
    return float(np.mean(shares))


class _Waiting:
    """Searches one after the other in a thread of its own, and notes how long the slowest takes."""

    def __init__(self, index: EdgeIndex, asked: Asked) -> None:
        self._index, self._asked = index, asked

    @contextmanager
    def told(self, figures: dict[str, Any], what: str) -> Iterator[None]:
        """Note how long the block takes, and how long the slowest search that runs meanwhile."""
        times: list[float] = []
        stop = threading.Event()
        thread = threading.Thread(target=self._search_on, args=(stop, times))
        thread.start()
        started = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - started
            stop.set()
            thread.join()
        figures[f"{what}_s"] = took
        figures[f"{what}_search_ms"] = {"p50": np.median(times), "most": max(times)}

    def _search_on(self, stop: threading.Event, times: list[float]) -> None:
        while not stop.is_set():
            for text, vectors in zip(self._asked.texts, self._asked.vectors, strict=True):
                started = time.perf_counter()
                _search(self._index, text, vectors)
                times.append(1_000 * (time.perf_counter() - started))
                if stop.wait(_BETWEEN_S):
                    break


def _memory() -> dict[str, float]:
    """What this process has for itself, and what it holds of files, in bytes."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    kept = {"own": "RssAnon", "of_files": "RssFile"}
    return {name: 1_024 * float(status[field].split()[0]) for name, field in kept.items()}


def _grown(before: dict[str, float]) -> dict[str, float]:
    return {name: (now - before[name]) / _GB for name, now in _memory().items()}


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value) if isinstance(value, dict) else round(float(value), 4)
        for name, value in figures.items()
    }


if __name__ == "__main__":
    typer.run(main)
