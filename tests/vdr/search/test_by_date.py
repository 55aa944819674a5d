"""The order of hits by date within bands of like relevance."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vdr.index import EdgeIndex, IndexSchema
from vdr.search.by_date import bands, by_date
from vdr.types import Candidate, PagePoint, PageRef, PdfInfo, SearchRequest, SearchSort, Stage

Sort = Callable[..., str]


def page(name: str, score: float, *stages: Stage) -> Candidate:
    return Candidate(PageRef(name, 1), "", score, dict.fromkeys(stages, score))


def scores_of(*scores: float) -> list[list[float]]:
    return [[each.score for each in band] for band in bands([page("a", score) for score in scores])]


@pytest.fixture
def index(tmp_path: Path, schema: IndexSchema) -> Iterator[EdgeIndex]:
    index = EdgeIndex.open(tmp_path, schema)
    yield index
    index.close()


@pytest.fixture
def sort(index: EdgeIndex, make_page: Callable[..., PagePoint]) -> Sort:
    """Sorts documents given as name=(score, fields) and returns their names in order."""

    def sorted_names(order: str, field: str | None = None, **documents: tuple[float, dict[str, Any]]) -> str:
        index.upsert([replace(make_page(name, 1), **fields) for name, (_, fields) in documents.items()])
        found = [page(name, score) for name, (score, _) in documents.items()]
        request = SearchRequest("x", sort=SearchSort(order), sort_field=field)
        return "".join(each.page.document_id for each in by_date(found, request, index))

    return sorted_names


def test_a_band_is_a_twentieth_of_the_best_score_wide_and_begins_with_the_first_outside() -> None:
    assert scores_of(0.8, 0.77, 0.76, 0.75, 0.72, 0.71) == [[0.8, 0.77, 0.76], [0.75, 0.72, 0.71]]
    assert scores_of(0.2, 0.195, 0.18) == [[0.2, 0.195], [0.18]]
    assert scores_of(0.0, 0.0) == [[0.0, 0.0]]
    assert scores_of(-2.0, -2.1, -2.3) == [[-2.0, -2.1], [-2.3]]


def test_scores_on_other_scales_are_never_alike() -> None:
    reranked = [page("a", 0.5, Stage.CROSS_ENCODER), page("b", 0.5, Stage.CROSS_ENCODER)]
    found = [*reranked, page("c", 0.5), page("d", 0.9)]
    assert [[each.page.document_id for each in band] for band in bands(found)] == [["a", "b"], ["c"], ["d"]]


def test_within_a_band_dates_decide_and_clearly_better_pages_stay_first(sort: Sort) -> None:
    documents = {
        "a": (0.9, {"added_at": "2021-01-01"}),
        "b": (0.88, {"added_at": "2023-01-01"}),
        "c": (0.87, {"added_at": "2022-01-01"}),
        "d": (0.5, {"added_at": "2024-01-01"}),
    }
    assert sort("newest", **documents) == "bcad"
    assert sort("oldest", **documents) == "acbd"
    assert sort("relevance", **documents) == "abcd"


def test_a_pdf_has_its_own_date_which_counts_before_that_of_being_added(sort: Sort) -> None:
    own = PdfInfo(created_at="2019-05-01T00:00:00+00:00")
    documents = {
        "a": (0.9, {"added_at": "2024-01-02T10:00:00+00:00", "info": own}),
        "b": (0.9, {"added_at": "2024-01-01T10:00:00+00:00"}),
    }
    assert sort("newest", **documents) == "ba"


def test_equal_dates_keep_their_order_and_no_date_comes_last(sort: Sort) -> None:
    documents = {
        "a": (0.9, {}),
        "b": (0.9, {"metadata": {"due": "2024-03-01"}}),
        "c": (0.9, {"metadata": {"due": "soon"}}),
        "d": (0.9, {"metadata": {"due": "2024-03-01T00:00:00Z"}}),
        "e": (0.9, {"metadata": {"due": ("2024-01-01", "2025-01-01")}}),
        "f": (0.9, {"metadata": {"due": 2026}}),
    }
    assert sort("newest", "due", **documents) == "ebdacf"
    assert sort("oldest", "due", **documents) == "bdeacf"


def test_nothing_found_is_nothing_sorted(index: EdgeIndex) -> None:
    assert by_date([], SearchRequest("x", sort=SearchSort.NEWEST), index) == []
