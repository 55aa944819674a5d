"""Why a page was found: which of its regions answer a question, over HTTP."""

import pytest

from tests.app.talking import UNKNOWN_ID, Service, assert_problem


@pytest.fixture
def page(filled: Service) -> str:
    return f"/documents/{filled.ids()[-1]}/pages/1"  # the oldest: whales.pdf


@pytest.mark.parametrize("below", ["/v1", "/v1/collections/default"])
def test_regions_come_best_first_with_a_sentence(filled: Service, page: str, below: str) -> None:
    response = filled.client.get(f"{below}{page}/explanation?query=Which+whales+eat+ethanol%3F")
    assert response.status_code == 200, response.text
    explained = response.json()
    assert (explained["document_id"], explained["page_number"]) == (filled.ids()[-1], 1)
    assert explained["sentence"] == (
        "“whales” and “eat” stand on the page; the regions are those most like the query as a whole."
    )
    weights = [region["weight"] for region in explained["regions"]]
    assert weights[0] == 1
    assert weights == sorted(weights, reverse=True)
    x0, y0, x1, y1 = explained["regions"][0]["box"]
    assert 0 <= x0 < x1 <= 1
    assert 0 <= y0 < y1 <= 1
    assert explained["regions"][0]["words"] == []


@pytest.mark.parametrize("query", ["", "%20%20", "a" * 2_001])
def test_a_query_that_cannot_be_asked_is_named(filled: Service, page: str, query: str) -> None:
    problem = assert_problem(filled.client.get(f"/v1{page}/explanation?query={query}"), 422, "bad_input")
    assert problem["errors"][0]["field"] == "query"


def test_without_a_query_there_is_nothing_to_explain(filled: Service, page: str) -> None:
    assert_problem(filled.client.get(f"/v1{page}/explanation"), 422, "bad_input")


def test_a_page_past_the_last(filled: Service, page: str) -> None:
    problem = assert_problem(filled.client.get(f"/v1{page[:-1]}4/explanation?query=whales"), 404, "not_found")
    assert "3 pages" in problem["detail"]


def test_an_unknown_document_or_collection(filled: Service, page: str) -> None:
    unknown = f"/v1/documents/{UNKNOWN_ID}/pages/1/explanation?query=whales"
    assert_problem(filled.client.get(unknown), 404, "not_found")
    elsewhere = f"/v1/collections/nowhere{page}/explanation?query=whales"
    assert_problem(filled.client.get(elsewhere), 404, "collection_not_found")


def test_a_search_explains_nothing_by_itself(filled: Service, page: str) -> None:
    (hit, *_) = filled.search("whales")
    assert "regions" not in hit
