"""How many pages a coarse embedding has to find, so that the best by the full embedding are among them.

    python -m benchmarks.coarse DATA_DIR... [--pages 10000 --pages 100000] [--dims 256 --dims 512]

Pages and questions are those of benchmarks/scale.py. For each number of pages and dimensions: the share of
the ten best by the full embedding that is among the best K by its first dimensions, and the K that holds
0.99 of them. All pages are compared; no engine takes part. The last line is one JSON object.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.made_pages import MadePages
from benchmarks.real_pages import Asked, read_real
from vdr.types import FloatArray
from vdr.vectors import truncate

_BEST, _WANTED = 10, 0.99
_AMONG = (200, 400, 800, 1_600, 3_200, 6_400)


def main(
    data_dirs: Annotated[list[Path], typer.Argument(help="Data folders with real pages.")],
    pages: Annotated[list[int], typer.Option(min=1_000, help="Pages.")] = [10_000, 100_000],  # noqa: B006
    dims: Annotated[list[int], typer.Option(min=8, help="Coarse dimensions.")] = [256, 512],  # noqa: B006
    questions: Annotated[int, typer.Option(min=1, help="Questions.")] = 200,
    collection: Annotated[str, typer.Option(help="Collection of the real pages.")] = "evaluate",
) -> None:
    """Compare every question with every page."""
    real, texts, schema = read_real(data_dirs, collection)
    asked = Asked(texts[:questions])
    figures: dict[str, Any] = {"benchmark": "coarse", "real_pages": len(real), "questions": len(asked.texts)}
    for count in pages:
        ranks = _ranks(MadePages(real, schema, count, 0), asked.embeddings, dims)
        figures[str(count)] = {str(width): _told(found, count) for width, found in ranks.items()}
        typer.echo(f"{count}: {json.dumps(figures[str(count)])}")
    typer.echo(json.dumps(figures))


def _ranks(made: MadePages, queries: FloatArray, dims: Sequence[int]) -> dict[int, FloatArray]:
    """Where the best pages by the full embedding stand by each coarse one: (questions, best), from 0."""
    widths = (made.schema.dims, *dims)
    asked = {width: truncate(queries, width) for width in widths}
    scores = {width: np.empty((len(queries), made.count), np.float32) for width in widths}
    start = 0
    for rows in made.embeddings():
        for width in widths:
            scores[width][:, start : start + len(rows)] = asked[width] @ truncate(rows, width).T
        start += len(rows)
    best = np.argpartition(-scores[widths[0]], _BEST, axis=1)[:, :_BEST]
    ranks = {}
    for width in dims:
        own = np.take_along_axis(scores[width], best, 1)
        ranks[width] = np.stack(
            [(scores[width] > own[:, n : n + 1]).sum(axis=1) for n in range(_BEST)], axis=1
        )
    return ranks


def _told(ranks: FloatArray, pages: int) -> dict[str, float]:
    needed = int(np.sort(ranks, axis=None)[math.ceil(_WANTED * ranks.size) - 1]) + 1
    shares = {f"among_{k}": round(float((ranks < k).mean()), 4) for k in _AMONG if k <= pages}
    return {**shares, "needed": needed}


if __name__ == "__main__":
    typer.run(main)
