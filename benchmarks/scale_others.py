"""Other indexes over the same full embeddings: how long they take to build, to ask, and what they find."""

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from qdrant_client import QdrantClient, models

from benchmarks.made_pages import MadePages
from vdr.types import FloatArray

_BEST = 10
_HNSW_M, _HNSW_EF_CONSTRUCT, _HNSW_EF = 32, 100, 256
_ROWS_A_WRITE = 500
_FEW = 50  # questions: the local mode of qdrant-client takes long

_Ask = Callable[[FloatArray], Sequence[int]]


def others(made: MadePages, queries: FloatArray, exact: Sequence[set[int]]) -> dict[str, Any]:
    """Seconds to build, ms p50 and p95 of a query, and recall@10 of each; FAISS where it is installed."""
    rows = np.concatenate(list(made.embeddings()))
    figures = {"numpy": _asked(lambda: _numpy(rows), queries, exact)}
    if find_spec("faiss"):
        figures["faiss_flat"] = _asked(lambda: _faiss(rows, is_flat=True), queries, exact)
        figures["faiss_hnsw"] = _asked(lambda: _faiss(rows, is_flat=False), queries, exact)
    figures["qdrant_local"] = _asked(lambda: _qdrant(rows), queries[:_FEW], exact)
    return figures


def _asked(build: Callable[[], _Ask], queries: FloatArray, exact: Sequence[set[int]]) -> dict[str, float]:
    started = time.perf_counter()
    ask = build()
    built, times, shares = time.perf_counter() - started, [], []
    for query, best in zip(queries, exact, strict=False):
        started = time.perf_counter()
        found = ask(query)
        times.append(1_000 * (time.perf_counter() - started))
        shares.append(len({*found} & best) / _BEST)
    p50, p95 = np.percentile(times, [50, 95])
    return {"build_s": built, "p50_ms": p50, "p95_ms": p95, "recall_at_10": float(np.mean(shares))}


def _numpy(rows: FloatArray) -> _Ask:
    def ask(query: FloatArray) -> Sequence[int]:
        found: list[int] = np.argpartition(-(rows @ query), _BEST)[:_BEST].tolist()
        return found

    return ask


def _faiss(rows: FloatArray, *, is_flat: bool) -> _Ask:
    faiss: Any = import_module("faiss")
    dims = rows.shape[1]
    if is_flat:
        index = faiss.IndexFlatIP(dims)
    else:
        index = faiss.IndexHNSWFlat(dims, _HNSW_M, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = _HNSW_EF_CONSTRUCT
        index.hnsw.efSearch = _HNSW_EF
    index.add(rows)

    def ask(query: FloatArray) -> Sequence[int]:
        found: list[int] = index.search(query[None], _BEST)[1][0].tolist()
        return found

    return ask


def _qdrant(rows: FloatArray) -> _Ask:
    client = QdrantClient(":memory:")
    name = "scale"
    size = rows.shape[1]
    client.create_collection(name, models.VectorParams(size=size, distance=models.Distance.COSINE))
    for start in range(0, len(rows), _ROWS_A_WRITE):
        some = rows[start : start + _ROWS_A_WRITE]
        ids = range(start, start + len(some))
        client.upsert(name, models.Batch(ids=list(ids), vectors=some.tolist()))

    def ask(query: FloatArray) -> Sequence[int]:
        points = client.query_points(name, query.tolist(), limit=_BEST).points
        return [int(point.id) for point in points]

    return ask
