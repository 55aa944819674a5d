"""Why a page was found: which of its regions answer a question, in words and as a picture, over HTTP."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

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


class TestHeatMap:
    def image(self, service: Service, path: str, accept: str = "image/png") -> Image.Image:
        response = service.client.get(path, headers={"Accept": accept})
        assert response.status_code == 200, response.text
        return Image.open(BytesIO(response.content))

    @pytest.mark.parametrize("below", ["/v1", "/v1/collections/default"])
    def test_it_is_as_large_as_the_page_and_hottest_where_the_best_region_is(
        self, filled: Service, page: str, below: str
    ) -> None:
        query = "?query=Which+whales+eat+ethanol%3F"
        best = filled.client.get(f"{below}{page}/explanation{query}").json()["regions"][0]
        heat = self.image(filled, f"{below}{page}/heatmap{query}")
        assert (heat.format, heat.mode) == ("PNG", "RGBA")
        assert heat.size == self.image(filled, f"{below}{page}/image").size
        alpha = np.asarray(heat)[:, :, 3]
        x0, y0, x1, y1 = best["box"]
        y, x = (np.argwhere(alpha == alpha.max()) + 0.5).mean(axis=0) / alpha.shape
        assert x0 <= x <= x1
        assert y0 <= y <= y1
        assert alpha.min() == 0

    def test_it_is_webp_unless_png_is_preferred(self, filled: Service, page: str) -> None:
        asked = f"/v1{page}/heatmap?query=whales"
        for accept, kind in [("*/*", "WEBP"), ("image/jpeg", "WEBP"), ("image/png,image/*;q=0.8", "PNG")]:
            heat = self.image(filled, asked, accept)
            assert (heat.format, heat.mode) == (kind, "RGBA")

    def test_it_is_made_narrower_and_never_wider(self, filled: Service, page: str) -> None:
        whole = self.image(filled, f"/v1{page}/image")
        asked = f"/v1{page}/heatmap?query=whales"
        narrow = self.image(filled, f"{asked}&width=100")
        assert narrow.size == self.image(filled, f"/v1{page}/image?width=100").size
        assert narrow.width == 100
        assert self.image(filled, f"{asked}&width=8000").size == whole.size
        for width in (15, 8_193, "wide"):
            problem = assert_problem(filled.client.get(f"{asked}&width={width}"), 422, "bad_input")
            assert problem["errors"][0]["field"] == "width"

    def test_where_nothing_answers_it_is_transparent(self, filled: Service, page: str) -> None:
        heat = np.asarray(self.image(filled, f"/v1{page}/heatmap?query=..."))  # no word at all
        assert not heat[:, :, 3].any()

    def test_the_version_that_a_client_has_is_not_computed_again(
        self, filled: Service, page: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = f"/v1{page}/heatmap?query=whales"
        first = filled.client.get(asked)
        assert first.headers["cache-control"] == "private, no-cache"
        assert first.headers["vary"] == "Accept"
        known = {"If-None-Match": first.headers["etag"]}
        monkeypatch.delattr("app.api.documents.explaining.explain")  # nothing is explained
        again = filled.client.get(asked, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]

    @pytest.mark.parametrize(
        "other",
        [
            "/pages/1/heatmap?query=eels",
            "/pages/2/heatmap?query=whales",
            "/pages/1/heatmap?query=whales&width=64",
        ],
    )
    def test_another_query_page_or_width_is_another_version(
        self, filled: Service, page: str, other: str
    ) -> None:
        first = filled.client.get(f"/v1{page}/heatmap?query=whales").headers["etag"]
        document = page.removesuffix("/pages/1")
        response = filled.client.get(f"/v1{document}{other}", headers={"If-None-Match": first})
        assert response.status_code == 200
        assert response.headers["etag"] != first

    @pytest.mark.parametrize("query", ["", "%20%20", "-whales", "a" * 2_001])
    def test_a_query_that_cannot_be_asked(self, filled: Service, page: str, query: str) -> None:
        assert_problem(filled.client.get(f"/v1{page}/heatmap?query={query}"), 422, "bad_input")

    def test_a_page_or_document_that_is_not_there(self, filled: Service, page: str) -> None:
        for gone in (f"/v1{page[:-1]}4", f"/v1/documents/{UNKNOWN_ID}/pages/1"):
            assert_problem(filled.client.get(f"{gone}/heatmap?query=whales"), 404, "not_found")
        elsewhere = f"/v1/collections/nowhere{page}/heatmap?query=whales"
        assert_problem(filled.client.get(elsewhere), 404, "collection_not_found")
