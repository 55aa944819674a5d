"""Late interaction over many pages: what its first stage finds of the exhaustive result, and how fast.

    python -m benchmarks.late_interaction ../shared/data/train/questions.jsonl MODEL [--pages 100000]

MODEL is a Sentence Transformers checkpoint that takes texts; its token vectors, turned to their main
directions and cut to `--dims`, stand for those of a late-interaction model. The pages are made of real ones:
each has the vectors of one page of the file in part, those of another for the rest, all of them with noise.
The questions are those of the file, and the truth is MaxSim of a question and every page, in float32. Each
quantization has an index of its own, under HNSW, searched as it is served: so many pages by their mean, those
by MaxSim. The last line is one JSON object.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.source_pages import pages_of
from vdr.index import EdgeIndex, IndexSchema, Nearest
from vdr.index.schema import COARSE
from vdr.models.backend import choose_backend
from vdr.models.checkpoint import open_checkpoint
from vdr.models.fingerprint import fingerprint
from vdr.models.many_vectors import many_page, many_query
from vdr.models.text_windows import text_windows, window_length
from vdr.search.execute import execute
from vdr.search.plan import SearchPlan, plan_search
from vdr.settings import Backend, SearchSettings
from vdr.types import (
    FloatArray,
    PagePoint,
    PageRef,
    Quantization,
    QueryVectors,
    SearchMode,
    SearchRequest,
    SparseVector,
)
from vdr.vectors import truncate

_DEPTHS, _BEST, _CANDIDATES = (50, 200, 500, 1_000, 2_000), 10, 200
_AT_ONCE, _SEED = 32, 7
_PAGES_A_DOCUMENT, _PAGES_A_WRITE = 20, 64
_OWN_SHARE, _NOISE = 0.6, 0.25  # of a page's vectors; the length of the noise beside a vector of length 1
_NO_TERMS = SparseVector((), ())


def main(
    questions: Annotated[Path, typer.Argument(help="Pages with questions, one JSON object a line.")],
    model: Annotated[str, typer.Argument(help="Folder or Hub name of the checkpoint.")],
    pages: Annotated[int, typer.Option(min=1, help="Pages of the index.")] = 100_000,
    vectors: Annotated[int, typer.Option(min=1, help="Vectors a page.")] = 256,
    dims: Annotated[int, typer.Option(min=8, help="Dimensions of a vector.")] = 64,
    real: Annotated[int, typer.Option(min=2, help="Real pages that the others are made of.")] = 5_000,
    asked: Annotated[int, typer.Option(min=1, help="Questions.")] = 50,
) -> None:
    """Build and ask an index for each quantization."""
    texts, queries = _read(questions, real, asked)
    own, queried = _token_vectors(model, texts, queries, dims)
    made = _Made(own, pages, vectors)
    best = _exhaustive(queried, made)
    figures: dict[str, Any] = {"benchmark": "late_interaction", "model": Path(model).name}
    figures |= {
        "pages": pages,
        "vectors": vectors,
        "dims": dims,
        "real_pages": len(own),
        "questions": len(queried),
    }
    for quantization in Quantization:
        figures[quantization] = _measured(made, queried, best, quantization)
        typer.echo(f"{quantization}: {json.dumps(figures[quantization])}")
    typer.echo(json.dumps(figures))


class _Made:
    """Pages made of real ones, each the same whenever it is asked for."""

    def __init__(self, own: Sequence[FloatArray], pages: int, vectors: int) -> None:
        self._own, self.count, self._vectors = own, pages, vectors

    def page(self, number: int) -> FloatArray:
        """Vectors (vectors, dims) of length 1."""
        rng = np.random.default_rng((_SEED, number))
        one, other = (
            self._own[place] for place in (number % len(self._own), int(rng.integers(len(self._own))))
        )
        share = round(_OWN_SHARE * self._vectors)
        rows = np.concatenate([_drawn(rng, one, share), _drawn(rng, other, self._vectors - share)])
        noise = rng.normal(scale=_NOISE / np.sqrt(rows.shape[1]), size=rows.shape)
        return truncate((rows + noise).astype(np.float32), rows.shape[1])


def _drawn(rng: np.random.Generator, rows: FloatArray, count: int) -> FloatArray:
    """So many of the rows, each at most once as far as there are enough."""
    return rows[rng.permutation(max(len(rows), count))[:count] % len(rows)]


def _read(file: Path, real: int, asked: int) -> tuple[list[str], list[str]]:
    pages = [page for page in pages_of(file) if page.queries]
    rng = np.random.default_rng(_SEED)
    pages = [pages[place] for place in rng.permutation(len(pages))[:real]]
    return [" ".join(page.words) for page in pages], [page.queries[0] for page in pages[:asked]]


def _token_vectors(
    model: str, texts: Sequence[str], queries: Sequence[str], dims: int
) -> tuple[list[FloatArray], list[FloatArray]]:
    """The token vectors of the first window of each page, and of the queries."""
    loaded = open_checkpoint(model, "cpu")
    choose_backend(loaded, model, Backend.AUTO, fingerprint(model, {}))
    length = window_length(loaded)
    windows = [text_windows(text.split(), loaded.tokenizer, length)[0] for text in texts]

    def tokens(inputs: Sequence[str]) -> list[FloatArray]:
        found = loaded.encode(list(inputs), output_value="token_embeddings", batch_size=_AT_ONCE)
        return [each.cpu().numpy() for each in found]

    own, asked = tokens(windows), tokens(queries)
    _, _, directions = np.linalg.svd(np.concatenate(own)[:: max(1, len(own) // 100)], full_matrices=False)
    turned = [[truncate(rows @ directions[:dims].T, dims) for rows in each] for each in (own, asked)]
    return turned[0], turned[1]


def _exhaustive(queries: Sequence[FloatArray], made: _Made) -> list[list[int]]:
    """The pages that MaxSim ranks first for each query."""
    bounds = np.cumsum([0, *map(len, queries)])[:-1]
    rows = np.concatenate(queries)
    scores = np.empty((len(queries), made.count), np.float32)
    for number in range(made.count):
        scores[:, number] = np.add.reduceat((rows @ made.page(number).T).max(axis=1), bounds)
    return [np.argsort(-row)[:_BEST].tolist() for row in scores]


def _measured(
    made: _Made, queries: Sequence[FloatArray], best: Sequence[Sequence[int]], quantization: Quantization
) -> dict[str, Any]:
    dims = queries[0].shape[1]
    schema = IndexSchema("benchmark", "0" * 16, dims, dims, has_many_vectors=True, quantization=quantization)
    with TemporaryDirectory() as folder:
        index = EdgeIndex.open(Path(folder), schema)
        begun = time.monotonic()
        for points in _batches(made):
            index.upsert(points)
        index.flush()
        insert_s = time.monotonic() - begun
        begun = time.monotonic()
        index.build()
        built_s = time.monotonic() - begun
        figures: dict[str, Any] = {"insert_ms_a_page": round(1000 * insert_s / made.count, 2)}
        figures |= {"build_s": round(built_s, 1)}
        size = sum(file.stat().st_blocks * 512 for file in Path(folder).rglob("*") if file.is_file())
        figures["bytes_a_page"] = round(size / made.count)
        for depth in _DEPTHS:
            plans = [_plan(query, schema, depth) for query in queries]
            figures[f"among_{depth}"] = _asked(index, plans, best)
        index.close()
    return figures


def _asked(index: EdgeIndex, plans: Sequence[SearchPlan], best: Sequence[Sequence[int]]) -> dict[str, float]:
    """What share of the exhaustive best ten the first stage has, what of them comes first, and how fast."""
    found, first, times = [], [], []
    for plan, wanted in zip(plans, best, strict=True):
        begun = time.perf_counter()
        places = [_place_of(candidate.page) for candidate in execute(plan, index).candidates]
        times.append(1000 * (time.perf_counter() - begun))
        (stage,) = plan.dense
        (scores,) = index.nearest([Nearest(COARSE, stage.coarse, stage.coarse_candidates)], None)  # type: ignore[arg-type]
        pages = index.pages([point for point, _ in scores]).values()
        found.append(len({*wanted} & {_place_of(each.page) for each in pages}) / _BEST)
        first.append(len({*wanted} & {*places}) / _BEST)
    p50, p95 = np.percentile(times, [50, 95])
    figures = {"first_stage": np.mean(found), "served": np.mean(first), "p50_ms": p50, "p95_ms": p95}
    return {name: round(float(value), 3) for name, value in figures.items()}


def _plan(query: FloatArray, schema: IndexSchema, depth: int) -> SearchPlan:
    vectors: QueryVectors = many_query(query, 1.0)
    request = SearchRequest("", mode=SearchMode.VISUAL, limit=_BEST)
    settings = SearchSettings(candidates=_CANDIDATES, rerank_candidates=0)
    plan = plan_search(request, vectors, schema, settings)
    dense = tuple(replace(stage, coarse_candidates=depth) for stage in plan.dense)
    return replace(plan, dense=dense, sparse=())


def _batches(made: _Made) -> Iterator[list[PagePoint]]:
    for start in range(0, made.count, _PAGES_A_WRITE):
        yield [_point(n, made.page(n)) for n in range(start, min(start + _PAGES_A_WRITE, made.count))]


def _point(number: int, rows: FloatArray) -> PagePoint:
    document, page_index = divmod(number, _PAGES_A_DOCUMENT)
    page, vectors = PageRef(f"{document}", page_index + 1), many_page(rows)
    name = f"{page.document_id}.pdf"
    return PagePoint(page, name, vectors.embedding, _NO_TERMS, _NO_TERMS, coarse=vectors.coarse)


def _place_of(page: PageRef) -> int:
    """The number that a page was made by."""
    return int(page.document_id) * _PAGES_A_DOCUMENT + page.page_number - 1


if __name__ == "__main__":
    typer.run(main)
