"""Counts of what was found, over an embedded index."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vdr.index import EdgeIndex, IndexSchema
from vdr.search.facets import facets
from vdr.types import Candidate, Facet, FacetValue, PagePoint, PageRef

Count = Callable[..., dict[str, Facet]]


@pytest.fixture
def count(tmp_path: Path, schema: IndexSchema, make_page: Callable[..., PagePoint]) -> Iterator[Count]:
    """Counts pages, given as (document, page number, metadata), that were all found."""
    index = EdgeIndex.open(tmp_path, schema)

    def count_pages(pages: list[tuple[str, int, dict[str, Any]]], *fields: str) -> dict[str, Facet]:
        index.upsert(
            [replace(make_page(document, n), metadata=told, kind="pdf") for document, n, told in pages]
        )
        return facets([Candidate(PageRef(document, n), "", 1.0) for document, n, _ in pages], fields, index)

    yield count_pages
    index.close()


def test_pages_and_documents_are_counted_the_most_frequent_value_first(count: Count) -> None:
    legal, sales = {"department": "legal"}, {"department": "sales"}
    pages = [("a", 1, legal), ("b", 1, sales), ("b", 2, sales), ("c", 1, sales)]
    assert count(pages, "department", "kind") == {
        "department": Facet((FacetValue("sales", 3, 2), FacetValue("legal", 1, 1))),
        "kind": Facet((FacetValue("pdf", 4, 3),)),
    }


def test_of_equal_numbers_of_pages_the_one_of_more_documents_comes_first(count: Count) -> None:
    pages = [("a", 1, {"x": "a"}), ("a", 2, {"x": "a"}), ("b", 1, {"x": "b"}), ("c", 1, {"x": "b"})]
    assert [each.value for each in count(pages, "x")["x"].values] == ["b", "a"]


def test_a_list_counts_with_each_element_once(count: Count) -> None:
    found = count([("a", 1, {"tags": ("q3", "q4", "q3")}), ("b", 1, {"tags": ("q4",)})], "tags")["tags"]
    assert found == Facet((FacetValue("q4", 2, 2), FacetValue("q3", 1, 1)))


def test_values_are_told_apart_as_in_filters(count: Count) -> None:
    pages = [("a", 1, {"x": True}), ("b", 1, {"x": 1}), ("c", 1, {"x": "1"}), ("d", 1, {"x": 1.5})]
    values = [each.value for each in count(pages, "x")["x"].values]
    assert [(type(value), value) for value in values] == [(bool, True), (int, 1), (float, 1.5), (str, "1")]


def test_a_field_that_nobody_has_is_empty(count: Count) -> None:
    assert count([("a", 1, {})], "nowhere", "pdf_title") == {"nowhere": Facet(), "pdf_title": Facet()}


def test_fifty_values_are_shown_and_the_others_counted(count: Count) -> None:
    facet = count([("a", n, {"x": f"v{n:02}"}) for n in range(1, 61)], "x")["x"]
    assert ([each.value for each in facet.values], facet.more) == ([f"v{n:02}" for n in range(1, 51)], 10)


def test_fields_of_a_page_are_counted_too(count: Count) -> None:
    found = count([("a", 1, {}), ("b", 1, {}), ("b", 2, {})], "page_number")["page_number"]
    assert found == Facet((FacetValue(1, 2, 2), FacetValue(2, 1, 1)))


def test_unasked_nothing_is_looked_up(count: Count) -> None:
    assert count([("a", 1, {})]) == {}
