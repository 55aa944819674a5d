"""What finds pages of many vectors first: their mean, a fixed-dimensional encoding, or means of clusters.

    python -m benchmarks.first_stage ../shared/data/train/questions.jsonl MODEL [--source FeTaQA]

MODEL is a Sentence Transformers checkpoint that takes texts; its token vectors are what late interaction
compares. Pages are those of one source, as their words. Of the ten pages that exhaustive MaxSim ranks first
for a question, how many are among the best 50 and 200 by it? Fixed-dimensional encodings are those of
Dhulipala et al., MUVERA, NeurIPS 2024, at as many bytes as the mean and at more. The means of clusters are
compared by MaxSim, as the vectors themselves are. The last line is one JSON object.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import torch
import typer
from sentence_transformers.multi_vector_encoder.modules import HierarchicalTokenPooling

from benchmarks.source_pages import pages_of
from vdr.models.checkpoint import open_checkpoint
from vdr.models.many_vectors import mean_of
from vdr.models.text_windows import text_windows, window_length
from vdr.types import FloatArray
from vdr.vectors import best_of_each, truncate

_BEST, _DEPTHS, _AT_ONCE, _SEED = 10, (50, 200), 32, 7
_CLUSTERS = (4, 16)
Encode = Callable[[FloatArray], FloatArray]  # to rows


@dataclass(frozen=True, slots=True)
class Encoding:
    """A fixed-dimensional encoding: `planes` part space, `width` is that of a part's projected vectors.

    `page` and `query` give vectors (1, repeats * 2 ** planes * width), whose dot product is near the MaxSim
    of the matrices that they are made of.
    """

    planes: FloatArray  # (repeats, planes, dims)
    projections: FloatArray  # (repeats, dims, width)

    @classmethod
    def drawn(cls, dims: int, repeats: int, planes: int, width: int) -> "Encoding":
        """One with random planes and projections."""
        rng = np.random.default_rng(_SEED)
        signs = rng.choice([-1.0, 1.0], size=(repeats, dims, width)).astype(np.float32)
        return cls(rng.normal(size=(repeats, planes, dims)).astype(np.float32), signs / np.sqrt(width))

    def query(self, rows: FloatArray) -> FloatArray:
        """Each part the sum of the rows in it."""
        parts = [self._summed(rows, repeat)[0].ravel() for repeat in range(len(self.planes))]
        return np.concatenate(parts)[None]

    def page(self, rows: FloatArray) -> FloatArray:
        """Each part the mean of the rows in it, an empty one the row that lies nearest."""
        return np.concatenate([self._filled(rows, repeat).ravel() for repeat in range(len(self.planes))])[
            None
        ]

    def _filled(self, rows: FloatArray, repeat: int) -> FloatArray:
        summed, counts, parts = self._summed(rows, repeat)
        means: FloatArray = (summed / np.maximum(counts, 1)[:, None]).astype(np.float32)
        empty = np.flatnonzero(counts == 0)
        nearest = np.bitwise_count(empty[:, None] ^ parts[None, :]).argmin(axis=1)
        means[empty] = rows[nearest] @ self.projections[repeat]
        return means

    def _summed(self, rows: FloatArray, repeat: int) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
        bits = rows @ self.planes[repeat].T > 0
        parts = bits @ (1 << np.arange(bits.shape[1]))
        projected = rows @ self.projections[repeat]
        summed = np.zeros((1 << bits.shape[1], projected.shape[1]), np.float32)
        np.add.at(summed, parts, projected)
        return summed, np.bincount(parts, minlength=len(summed)).astype(np.float32), parts


def main(
    questions: Annotated[Path, typer.Argument(help="Pages with questions, one JSON object a line.")],
    model: Annotated[str, typer.Argument(help="Folder or Hub name of the checkpoint.")],
    source: Annotated[str, typer.Option(help="Whose pages.")] = "FeTaQA",
    most: Annotated[int, typer.Option(min=1, help="How many questions to ask.")] = 300,
) -> None:
    """Compare what such vectors find with what MaxSim ranks first."""
    pages = pages_of(questions, source)
    asked = [query for page in pages for query in page.queries][:most]
    loaded = open_checkpoint(model, None)
    windows = [text_windows(page.words, loaded.tokenizer, window_length(loaded)) for page in pages]

    def tokens(texts: Sequence[str]) -> list[FloatArray]:
        found = loaded.encode(list(texts), output_value="token_embeddings", batch_size=_AT_ONCE)
        return [truncate(each.cpu().numpy(), each.shape[1]) for each in found]

    each = iter(tokens([text for page in windows for text in page]))
    made = [np.concatenate([next(each) for _ in page]) for page in windows]
    queries = tokens(asked)
    best = [row[:_BEST] for row in _ranked(queries, made)]
    dims = made[0].shape[1]
    ways: dict[str, tuple[Encode, Encode]] = {"mean": (_mean, _mean)}
    for count in _CLUSTERS:
        ways[f"means of {count} clusters"] = (np.asarray, partial(_means, count=count))
    for repeats, planes, width in ((3, 4, dims // 48), (6, 4, dims // 24), (20, 4, dims // 24)):
        encoding = Encoding.drawn(dims, repeats, planes, width)
        ways[f"encoding of {repeats * 2**planes * width}"] = (encoding.query, encoding.page)
    figures = {
        "benchmark": "first_stage",
        "model": Path(model).name,
        "source": source,
        "pages": len(pages),
        "vectors_a_page": round(float(np.mean([len(rows) for rows in made])), 1),
        "questions": len(queries),
        "dims": dims,
        "recall": {name: _recalls(best, queries, made, *way) for name, way in ways.items()},
    }
    typer.echo(json.dumps(figures))


def _ranked(queries: Sequence[FloatArray], pages: Sequence[FloatArray]) -> list[list[int]]:
    """All pages for each query, best first by MaxSim."""
    rows = np.concatenate(pages)
    counts = list(map(len, pages))
    scores = (best_of_each(query @ rows.T, counts).sum(axis=0) for query in queries)
    return [np.argsort(-row).tolist() for row in scores]


def _mean(rows: FloatArray) -> FloatArray:
    return mean_of(rows)[None]


def _means(rows: FloatArray, count: int) -> FloatArray:
    pooling = HierarchicalTokenPooling(max(1.0, len(rows) / count), num_protected_tokens=0)
    means: FloatArray = pooling.pool_one(torch.from_numpy(rows)).numpy()
    return means


def _recalls(
    best: Sequence[Sequence[int]],
    queries: Sequence[FloatArray],
    pages: Sequence[FloatArray],
    of_query: Encode,
    of_page: Encode,
) -> dict[str, float]:
    ranked = _ranked(list(map(of_query, queries)), list(map(of_page, pages)))

    def recall(depth: int) -> float:
        pairs = zip(best, (row[:depth] for row in ranked), strict=True)
        return float(np.mean([len({*wanted} & {*found}) / _BEST for wanted, found in pairs]))

    return {f"at_{depth}": round(recall(depth), 4) for depth in _DEPTHS}


if __name__ == "__main__":
    typer.run(main)
