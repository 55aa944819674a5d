"""HEAD is answered wherever GET is: the same status and headers, no body."""

import pytest

from tests.app.talking import UNKNOWN_ID, Service

_VARIES = {"date", "x-request-id", "content-length"}


def paths(service: Service) -> list[str]:
    document = f"/v1/documents/{service.ids()[-1]}"
    return [
        "/",
        "/healthz",
        "/readyz",
        "/version",
        "/openapi.json",
        "/static/style.css",
        "/v1/collections",
        "/v1/documents?limit=1",
        document,
        f"{document}/pages/1/image",
        f"{document}/pages/1/text",
        f"{document}/events",
        f"/v1/documents/{UNKNOWN_ID}",
        "/v1/documents?limit=0",
        "/nowhere",
    ]


def test_it_answers_as_get_without_the_body(filled: Service) -> None:
    for path in paths(filled):
        got, headed = filled.client.get(path), filled.client.head(path)
        assert (path, headed.status_code, headed.content) == (path, got.status_code, b"")
        told, expected = (
            {k: v for k, v in each.headers.items() if k not in _VARIES} for each in (headed, got)
        )
        assert told == expected, path


def test_the_length_is_that_of_the_body(filled: Service) -> None:
    path = f"/v1/documents/{filled.ids()[0]}/file"
    headed = filled.client.head(path)
    assert int(headed.headers["content-length"]) == len(filled.client.get(path).content)
    assert headed.headers["accept-ranges"] == "bytes"


def test_a_document_that_nobody_indexes_is_not_followed(filled: Service, document_path: str) -> None:
    headed = filled.client.head(f"{document_path}/events")
    assert headed.headers["content-type"].startswith("text/event-stream")
    assert headed.headers["cache-control"] == "no-store"


@pytest.fixture
def document_path(filled: Service) -> str:
    return f"/v1/documents/{filled.ids()[0]}"


def test_it_is_listed_where_another_method_is_refused(filled: Service) -> None:
    assert filled.client.put("/v1/documents").headers["allow"] == "GET, HEAD, POST"
    refused = filled.client.head("/v1/search")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
