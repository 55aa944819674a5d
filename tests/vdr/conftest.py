"""Both engines, empty, a small library of pages to fill them with, and plans to search it by."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qdrant_client import QdrantClient

from tests.fixtures.words import said
from tests.scale.qdrant_stand_in import qdrant_stand_in
from vdr.index import EdgeIndex, IndexSchema, VectorIndex, page_terms
from vdr.index.qdrant import QdrantIndex, connect
from vdr.models.reranker import LoadedStep
from vdr.page_reader.region_bytes import encode_regions, encode_tokens
from vdr.search.plan import SearchPlan, plan_search
from vdr.settings import SearchSettings
from vdr.types import Box, FloatArray, PagePoint, PageRef, QueryVectors, SearchRequest, Word

WORDS = (
    "net",
    "sales",
    "rose",
    "fell",
    "chart",
    "margin",
    "growth",
    "risk",
    "asia",
    "europe",
    "pump",
    "valve",
)


@pytest.fixture
def schema() -> IndexSchema:
    return IndexSchema("default", "0123456789abcdef", dims=32, coarse_dims=16, region_dims=8)


@pytest.fixture
def edge(tmp_path: Path, schema: IndexSchema) -> Iterator[VectorIndex]:
    index = EdgeIndex.open(tmp_path, schema)
    yield index
    index.close()


@pytest.fixture
def qdrant(schema: IndexSchema) -> Iterator[VectorIndex]:
    index = QdrantIndex(QdrantClient(":memory:"), schema)
    yield index
    index.close()


@pytest.fixture
def http(schema: IndexSchema) -> Iterator[VectorIndex]:
    with qdrant_stand_in() as server, closing(connect(server.address, None)) as client:
        yield QdrantIndex(client, schema)


@pytest.fixture(params=["edge", "qdrant", "http"])
def index(request: pytest.FixtureRequest) -> VectorIndex:
    built: VectorIndex = request.getfixturevalue(request.param)
    return built


MakePage = Callable[..., PagePoint]
MakeQuery = Callable[..., QueryVectors]


def unit(rng: np.random.Generator, dims: int = 32) -> FloatArray:
    vector = rng.normal(size=dims).astype(np.float32)
    return vector / np.linalg.norm(vector)


def codes(rows: NDArray[np.floating[Any]]) -> FloatArray:
    """Rows as late interaction has them: their numbers sum to 0, and they are no longer than 1."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    return (centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1)).astype(np.float32)


@pytest.fixture(scope="session")
def make_page() -> MakePage:
    """Makes a page whose every number follows from its document and number."""
    return _page


@pytest.fixture(scope="session")
def make_query() -> MakeQuery:
    """Makes a query from a seed, some terms and a number of tokens."""
    return _query


def _page(document_id: str, page_number: int, *, regions: int = 5) -> PagePoint:
    rng = np.random.default_rng([*document_id.encode(), page_number])
    seen = [str(word) for word in rng.choice(WORDS, size=6)]
    box = Box(0.1, 0.1, 0.2, 0.2)
    return PagePoint(
        PageRef(document_id, page_number),
        f"{document_id}.pdf",
        embedding=unit(rng),
        text_terms=page_terms(said(seen[:4])),
        read_terms=page_terms([Word(word, box, confidence=0.5 + rng.random() / 2) for word in seen]),
        regions=encode_regions(codes(rng.normal(size=(regions, 8)))) if regions else None,
    )


@pytest.fixture
def library() -> list[PagePoint]:
    """Four documents of five pages; every fourth page has no regions, every fifth no text layer."""
    pages = [_page(f"doc{d}", n, regions=0 if n == 4 else 3 + n) for d in range(4) for n in range(1, 6)]
    return [replace(point, text_terms=None) if point.page.page_number == 5 else point for point in pages]


def _query(seed: int = 0, terms: Sequence[str] = ("net", "margin", "valve"), tokens: int = 3) -> QueryVectors:
    rng = np.random.default_rng(seed)
    rows = encode_tokens(rng.normal(size=(tokens, 8)).astype(np.float32)) if tokens else None
    return QueryVectors(unit(rng), tokens=rows, terms=tuple(terms))


@pytest.fixture
def plan(schema: IndexSchema) -> Callable[..., SearchPlan]:
    """A hybrid plan over everything; say what shall be otherwise."""

    def build(
        query: QueryVectors | None = None,
        *,
        candidates: int = 50,
        rerank_candidates: int = 20,
        rerankers: Sequence[LoadedStep] = (),
        **asked: Any,
    ) -> SearchPlan:
        return plan_search(
            SearchRequest(**{"text": "a question", "limit": 20, **asked}),
            query or _query(),
            schema,
            SearchSettings(candidates=candidates, rerank_candidates=rerank_candidates),
            rerankers=rerankers,
        )

    return build
