"""How fast each stage of a search is, and how much of the exact result the coarse stage keeps.

    python -m benchmarks.funnel --pages 20000 --regions 200

The pages are synthetic: embeddings gather around topics and their variance falls from dimension to dimension,
as Matryoshka embeddings' does; terms follow Zipf's law. Times say how the engine does on this machine, recall
says what a coarse scan (plain) and int8 under HNSW (graph) lose; neither says how good a model is. The last
line is one JSON object.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vdr.index import EdgeIndex, IndexSchema
from vdr.index.bm25 import term_index
from vdr.page_reader.region_bytes import encode_regions, encode_tokens
from vdr.search.execute import execute
from vdr.search.plan import SearchPlan, plan_search
from vdr.settings import SearchSettings
from vdr.types import (
    FloatArray,
    PagePoint,
    PageRef,
    QueryVectors,
    SearchMode,
    SearchRequest,
    SparseVector,
)

VOCABULARY = 50_000
TERMS_A_PAGE = 250
TERMS_A_QUERY = 8
TOKENS_A_QUERY = 12
PAGES_A_TOPIC = 40
PAGES_A_DOCUMENT = 20
PAGES_A_WRITE = 64


@dataclass(frozen=True)
class Corpus:
    """Embeddings of all pages at once; terms and regions are drawn page by page."""

    embeddings: FloatArray  # (pages, dims)
    regions: int
    region_pages: int
    region_dims: int


def main() -> None:
    """Build an index, time every stage, measure recall, print."""
    options = _options()
    rng = np.random.default_rng(options.seed)
    region_dims = options.region_dims if options.region_pages else None
    schema = IndexSchema("benchmark", "0" * 16, options.dims, options.coarse_dims, region_dims)
    embeddings = _embeddings(rng, options.pages, options.dims)
    corpus = Corpus(embeddings, options.regions, options.region_pages, options.region_dims)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = _measure(Path(folder), schema, corpus, rng, options.queries)
    sizes = {
        key: getattr(options, key) for key in ("pages", "dims", "coarse_dims", "region_pages", "regions")
    }
    print(json.dumps({"benchmark": "funnel", **sizes, **figures}))


def _measure(
    folder: Path, schema: IndexSchema, corpus: Corpus, rng: np.random.Generator, queries: int
) -> dict[str, float]:
    index = EdgeIndex.open(folder, schema)
    insert_s = _seconds(lambda: _fill(index, corpus, rng))
    asked = _queries(rng, corpus, queries)
    figures = {"insert_ms_per_page": 1000 * insert_s / len(corpus.embeddings)}
    figures |= _stages("plain", index, schema, asked, corpus)
    index.close()
    opened: list[EdgeIndex] = []
    figures["build_graph_s"] = _seconds(
        lambda: opened.append(EdgeIndex.open(folder, schema, unindexed_pages=1))
    )
    figures |= _stages("graph", opened[0], schema, asked, corpus)
    opened[0].close()
    return {key: round(value, 3) for key, value in figures.items()}


def _stages(
    when: str, index: EdgeIndex, schema: IndexSchema, asked: list[QueryVectors], corpus: Corpus
) -> dict[str, float]:
    """p50 and p95 of every stage alone and of the whole search in ms, and recall of the dense stages."""
    figures: dict[str, float] = {}
    for name, plans in _plans(schema, asked).items():
        times = [1000 * _seconds(lambda plan=plan: execute(plan, index)) for plan in plans]  # type: ignore[misc]
        p50, p95 = np.percentile(times, [50, 95])
        print(f"{when:5} {name:14} p50 {p50:7.2f} ms   p95 {p95:7.2f} ms")
        figures |= {f"{when}_{name}_p50_ms": float(p50), f"{when}_{name}_p95_ms": float(p95)}
    recall = _recall(index, _plans(schema, asked)["dense"], corpus.embeddings)
    print(f"{when:5} recall@10 of coarse -> full against exact: {recall:.4f}")
    return {**figures, f"{when}_recall_at_10": recall}


def _plans(schema: IndexSchema, asked: list[QueryVectors]) -> dict[str, list[SearchPlan]]:
    def plans(mode: SearchMode, rerank: int = 0) -> list[SearchPlan]:
        settings = SearchSettings(candidates=200, rerank_candidates=rerank)
        return [plan_search(SearchRequest("", mode=mode), q, schema, settings) for q in asked]

    visual = plans(SearchMode.VISUAL)
    return {
        "dense": [replace(plan, sparse=()) for plan in visual],
        "read": [replace(plan, dense=()) for plan in visual],
        "text": plans(SearchMode.TEXT),
        "hybrid": plans(SearchMode.HYBRID),
        "hybrid_rerank": plans(SearchMode.HYBRID, rerank=50),
    }


def _recall(index: EdgeIndex, plans: list[SearchPlan], embeddings: FloatArray) -> float:
    shares = []
    for plan in plans:
        exact = np.argsort(-(embeddings @ plan.dense[0].embedding))[:10]
        found = {place_of(candidate.page) for candidate in execute(plan, index).candidates}
        shares.append(len(found & set(exact.tolist())) / 10)
    return float(np.mean(shares))


def page_at(place: int) -> PageRef:
    """The page at this place among all."""
    document, page_index = divmod(place, PAGES_A_DOCUMENT)
    return PageRef(f"{document + 1}", page_index + 1)


def place_of(page: PageRef) -> int:
    """The place of a page among all."""
    return (int(page.document_id) - 1) * PAGES_A_DOCUMENT + page.page_number - 1


def _fill(index: EdgeIndex, corpus: Corpus, rng: np.random.Generator) -> None:
    batch = []
    for point in _points(corpus, rng):
        batch.append(point)
        if len(batch) == PAGES_A_WRITE:
            index.upsert(batch)
            batch = []
    index.upsert(batch)
    index.flush()


def _points(corpus: Corpus, rng: np.random.Generator) -> Iterator[PagePoint]:
    for n, embedding in enumerate(corpus.embeddings):
        text, read = _page_terms(rng), _page_terms(rng)
        page, regions = page_at(n), None
        if n < corpus.region_pages:
            regions = encode_regions(_directions(rng, corpus.regions, corpus.region_dims))
        yield PagePoint(page, f"{page.document_id}.pdf", embedding, text, read, regions)


def _queries(rng: np.random.Generator, corpus: Corpus, count: int) -> list[QueryVectors]:
    """Questions near pages that have regions, where any has, so that reranking has its full work."""
    near = corpus.embeddings[rng.integers(0, corpus.region_pages or len(corpus.embeddings), count)]
    noise = _spectrum(near.shape[1]) * rng.normal(size=near.shape).astype(np.float32)
    asked = []
    for embedding in _normalized(near + 0.5 * noise):
        tokens = encode_tokens(_directions(rng, TOKENS_A_QUERY, corpus.region_dims))
        asked.append(QueryVectors(embedding, tokens, tuple(_words(rng, TERMS_A_QUERY))))
    return asked


def _embeddings(rng: np.random.Generator, pages: int, dims: int) -> FloatArray:
    spectrum = _spectrum(dims)
    topics = spectrum * rng.normal(size=(pages // PAGES_A_TOPIC + 1, dims)).astype(np.float32)
    own = spectrum * rng.normal(size=(pages, dims)).astype(np.float32)
    return _normalized(topics[rng.integers(0, len(topics), pages)] + own)


def _spectrum(dims: int) -> FloatArray:
    falling: FloatArray = (np.arange(1, dims + 1) ** -0.5).astype(np.float32)
    return falling / np.linalg.norm(falling)


def _directions(rng: np.random.Generator, rows: int, dims: int) -> FloatArray:
    return _normalized(rng.normal(size=(rows, dims)).astype(np.float32))


def _normalized(vectors: FloatArray) -> FloatArray:
    lengths: FloatArray = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths


def _page_terms(rng: np.random.Generator) -> SparseVector:
    indices = sorted(term_index(word) for word in _words(rng, TERMS_A_PAGE))
    return SparseVector(tuple(indices), tuple(rng.uniform(0.5, 2.0, len(indices)).tolist()))


def _words(rng: np.random.Generator, count: int) -> list[str]:
    """Different words, drawn by Zipf's law with exponent 1."""
    ranks = np.exp(rng.random(3 * count) * np.log(VOCABULARY)).astype(int)
    return [f"word{rank}" for rank in rng.permutation(np.unique(ranks))[:count]]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--dims", type=int, default=1_024)
    parser.add_argument("--coarse-dims", type=int, default=256)
    parser.add_argument("--region-pages", type=int, default=20_000, help="how many of the pages have regions")
    parser.add_argument("--regions", type=int, default=200)
    parser.add_argument("--region-dims", type=int, default=128)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--folder", type=Path, default=None, help="where to build it. Default: a temporary folder"
    )
    options = parser.parse_args()
    options.region_pages = min(options.region_pages, options.pages)
    return options


if __name__ == "__main__":
    main()
