"""Both engines, empty, and a small library of pages to fill them with."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qdrant_client import QdrantClient

from tests.fixtures.words import said
from tests.scale.qdrant_stand_in import qdrant_stand_in
from vdr.index import EdgeIndex, IndexSchema, QdrantIndex, VectorIndex, page_terms, plan_search
from vdr.index.plan import SearchPlan
from vdr.types import Box, DocumentFilter, FloatArray, PagePoint, QueryVectors, SearchMode, Word

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
    with (
        qdrant_stand_in() as server,
        closing(QdrantIndex.from_url(server.address, None, schema)) as index,
    ):
        yield index


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
        document_id,
        f"{document_id}.pdf",
        page_number,
        embedding=unit(rng),
        text_terms=page_terms(said(seen[:4])),
        read_terms=page_terms([Word(word, box, confidence=0.5 + rng.random() / 2) for word in seen]),
        regions=codes(rng.normal(size=(regions, 8))) if regions else None,
    )


@pytest.fixture
def library() -> list[PagePoint]:
    """Four documents of five pages; every fourth page has no regions, every fifth no text layer."""
    pages = [_page(f"doc{d}", n, regions=0 if n == 4 else 3 + n) for d in range(4) for n in range(1, 6)]
    return [_without_text(page) if page.page_number == 5 else page for page in pages]


def _without_text(page: PagePoint) -> PagePoint:
    return PagePoint(
        page.document_id,
        page.document_name,
        page.page_number,
        page.embedding,
        read_terms=page.read_terms,
        regions=page.regions,
    )


def _query(seed: int = 0, terms: Sequence[str] = ("net", "margin", "valve"), tokens: int = 3) -> QueryVectors:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(tokens, 8)).astype(np.float32) if tokens else None
    return QueryVectors(unit(rng), tokens=rows, terms=tuple(terms))


@pytest.fixture
def plan(schema: IndexSchema) -> Callable[..., SearchPlan]:
    """A hybrid plan over everything; say what shall be otherwise."""

    def build(query: QueryVectors | None = None, **changes: object) -> SearchPlan:
        settings: dict[str, object] = {
            "mode": SearchMode.HYBRID,
            "limit": 20,
            "filter": DocumentFilter(),
            "candidates": 50,
            "rerank_candidates": 20,
        }
        return plan_search(query or _query(), schema, **{**settings, **changes})  # type: ignore[arg-type]

    return build
