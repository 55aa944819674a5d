"""Query parameters that nobody described are refused, as unknown fields of a body are."""

import pytest

from tests.app.talking import UNKNOWN_ID, Service, assert_problem


@pytest.mark.parametrize(
    ("address", "unknown"),
    [
        ("/v1/documents?states=failed", ["states"]),
        ("/v1/documents?limit=1&page=2&Sort=name", ["Sort", "page"]),
        ("/v1/collections/default/documents?collection=default", ["collection"]),
        ("/v1/collections?q=x", ["q"]),
        (f"/v1/documents/{UNKNOWN_ID}/pages/1/image?height=3", ["height"]),
    ],
)
def test_each_is_named(filled: Service, address: str, unknown: list[str]) -> None:
    problem = assert_problem(filled.client.get(address), 422, "bad_input")
    assert [each["field"] for each in problem["errors"]] == unknown


def test_an_upload_with_one_is_refused_before_it_is_read(filled: Service) -> None:
    response = filled.client.post("/v1/documents?bulks=true", files={"files": ("a.pdf", b"%PDF")})
    assert_problem(response, 422, "bad_input")


def test_addresses_for_people_take_what_links_bring_along(filled: Service) -> None:
    assert filled.client.get("/?utm_source=mail").status_code == 200
