"""Requests that no well-meaning program sends: each is answered with a problem, or as if nothing were odd."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.limits import MAX_BODY_BYTES, is_upload
from tests.app.talking import Service, assert_problem

JSON = {"Content-Type": "application/json"}
LONG = 60_000  # servers take no address that is longer


def form(*parts: bytes, end: bytes = b"--x--\r\n") -> bytes:
    return b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + end


def file(name: bytes, content: bytes = b"%PDF", field: bytes = b"files") -> bytes:
    return b'Content-Disposition: form-data; name="%b"; filename="%b"\r\n\r\n%b' % (field, name, content)


def drip(content: bytes) -> Iterator[bytes]:
    """The content in pieces, as a body whose length nobody knows beforehand."""
    for start in range(0, len(content), 7):
        yield content[start : start + 7]


NUMBERS = ["NaN", "-1", "0", "1e999", "-Infinity", "9" * 5_000, "1.5", "0x10", "", "%00", "%ff", "%ed%a0%80"]


class TestNumbers:
    @pytest.mark.parametrize("number", NUMBERS)
    def test_in_the_query(self, filled: Service, number: str) -> None:
        assert_problem(filled.client.get(f"/v1/documents?limit={number}"), 422, "bad_input")

    @pytest.mark.parametrize("number", [number for number in NUMBERS if number])
    def test_in_the_path(self, filled: Service, number: str) -> None:
        page = f"/v1/documents/{filled.ids()[0]}/pages/{number}/text"
        assert_problem(filled.client.get(page), 422, "bad_input")

    @pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity", "9" * 5_000, "true", '"5"', "null"])
    def test_in_json(self, filled: Service, number: str) -> None:
        body = f'{{"query": "x", "limit": {number}}}'
        assert_problem(filled.client.post("/v1/search", content=body, headers=JSON), 422, "bad_input")

    @pytest.mark.parametrize("number", ["-1", "NaN", "9" * 5_000, "\xff", ""])
    def test_in_a_header(self, filled: Service, number: str) -> None:
        headers = {"Last-Event-ID": number.encode("latin-1")}
        response = filled.client.get(f"/v1/documents/{filled.ids()[0]}/events", headers=headers)  # type: ignore[arg-type]
        assert_problem(response, 422, "bad_input")


class TestText:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"query": "\\ud800"}',
            b'{"query": "x", "\\ud800": 1}',
            b'{"query": "x", "\\u0000": 1}',
            b'{"query": "x", "mode": "\\ud800"}',
            b'{"query": "x", "filters": {"document_ids": ["\\udfff"]}}',
            b'{"query": "a\x00b"}',
            b'{"query": "\xff\xfe"}',
            b'{"query": "\xed\xa0\x80"}',
            b'{"query": "\\u2028\\u3000"}',
            b'{"query": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b"",
            b"null",
            b"[]",
        ],
    )
    def test_in_json(self, filled: Service, body: bytes) -> None:
        assert_problem(filled.client.post("/v1/search", content=body, headers=JSON), 422, "bad_input")

    @pytest.mark.parametrize("query", ["\0", "a\0b", "\x1b[31m", "\U0010ffff", '"*%:^()', "\u202e"])
    @pytest.mark.parametrize("mode", ["hybrid", "text", "visual"])
    def test_odd_characters_are_asked_for_like_any(self, filled: Service, query: str, mode: str) -> None:
        response = filled.client.post("/v1/search", json={"query": query, "mode": mode})
        assert response.status_code == 200

    @pytest.mark.parametrize("text", ["%00", "%ff", "%ed%a0%80", "..%2f..", "a" * LONG])
    @pytest.mark.parametrize("address", ["/v1/documents/{}", "/nowhere/{}"])
    def test_in_an_address(self, filled: Service, address: str, text: str) -> None:
        response = filled.client.get(address.format(text))
        assert_problem(response, 404, response.json()["code"])

    @pytest.mark.parametrize("text", ["", "%00", "%ff", "=", "AA", "_w", "w6k", "a" * LONG])
    def test_in_a_cursor(self, filled: Service, text: str) -> None:
        assert_problem(filled.client.get(f"/v1/documents?after={text}"), 422, "bad_input")

    @pytest.mark.parametrize("sent", ["limit=x&" * (LONG // 8), "limit=5&limit=x"])
    def test_the_same_parameter_again_and_again(self, filled: Service, sent: str) -> None:
        assert_problem(filled.client.get(f"/v1/documents?{sent}"), 422, "bad_input")

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            (b"a\x00b.pdf", "ab.pdf"),
            (b"\x00", "document.pdf"),
            (b"\xed\xa0\x80.pdf", "í\xa0€.pdf"),
            (b"a" * 1_000 + b".pdf", "a" * 200),
        ],
    )
    def test_in_the_name_of_a_file(self, service: Service, sent: bytes, kept: str) -> None:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        response = service.client.post("/v1/documents", content=form(file(sent)), headers=headers)
        assert kept in assert_problem(response, 415, "not_accepted")["detail"]


class TestBodies:
    @pytest.mark.parametrize(
        "kind",
        [
            b"multipart/form-data",
            b"multipart/form-data; boundary=",
            b'multipart/form-data; boundary=""',
            b"multipart/form-data; boundary=y",
            b"multipart/form-data; boundary=\xff",
            b"multipart/form-data; boundary=" + b"x" * 10_000,
        ],
    )
    @pytest.mark.parametrize("address", ["/v1/documents", "/v1/search/image"])
    def test_a_form_without_its_boundary(self, filled: Service, address: str, kind: bytes) -> None:
        body = form(file(b"a.pdf"))
        response = filled.client.post(address, content=body, headers={"Content-Type": kind})  # type: ignore[arg-type]
        assert_problem(response, 422, "bad_input")

    @pytest.mark.parametrize(
        "kind",
        [
            b"text/plain",
            b"application/json",
            b"application/x-www-form-urlencoded",
            b"multipart/mixed; boundary=x",
            b"\xff/\xff",
            b"",
        ],
    )
    @pytest.mark.parametrize("address", ["/v1/documents", "/v1/search/image"])
    def test_a_form_of_another_type(self, filled: Service, address: str, kind: bytes) -> None:
        body = form(file(b"a.pdf"))
        response = filled.client.post(address, content=body, headers={"Content-Type": kind})  # type: ignore[arg-type]
        assert_problem(response, 415, "wrong_content_type")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            form(),
            form(file(b"a.pdf"), end=b""),
            form(file(b"a.pdf")).replace(b"\r\n", b"\n"),
            form(file(b"a" * 100_000)),
            form(b"\x00: b\r\n\r\nc"),
            form(b"no colon\r\n\r\nc"),
            form(b"a: b\r\n" * 50_000 + b"\r\nc"),
            form(b"\r\nc"),
            form(b'Content-Disposition: form-data; name="files"\r\n\r\n%PDF'),
        ],
    )
    @pytest.mark.parametrize("is_dripping", [False, True])
    @pytest.mark.parametrize("address", ["/v1/documents", "/v1/search/image"])
    def test_a_form_that_is_none(self, filled: Service, address: str, body: bytes, is_dripping: bool) -> None:
        content: Any = drip(body) if is_dripping else body
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        response = filled.client.post(address, content=content, headers=headers)
        assert_problem(response, 422, "bad_input")

    @pytest.mark.parametrize("kind", [b"text/plain", b"application/jsonx", b"multipart/form-data", b"\xff"])
    def test_json_of_another_type(self, filled: Service, kind: bytes) -> None:
        headers = {"Content-Type": kind}
        response = filled.client.post("/v1/search", content=b'{"query": "x"}', headers=headers)  # type: ignore[arg-type]
        assert_problem(response, 415, "wrong_content_type")

    def test_json_of_no_type(self, filled: Service) -> None:
        response = filled.client.post("/v1/search", content=b'{"query": "x"}')
        assert "application/json" in assert_problem(response, 415, "wrong_content_type")["remedy"]

    @pytest.mark.parametrize(
        "kind", ["application/json; charset=utf-8", "Application/JSON", "application/x+json"]
    )
    def test_json_that_says_so_in_other_ways(self, filled: Service, kind: str) -> None:
        response = filled.client.post("/v1/search", content=b'{"query": "x"}', headers={"Content-Type": kind})
        assert response.status_code == 200

    def test_no_body_at_all(self, filled: Service) -> None:
        assert_problem(filled.client.post("/v1/search"), 422, "bad_input")

    def test_json_of_unknown_length(self, filled: Service) -> None:
        cut = filled.client.post("/v1/search", content=drip(b'{"query": "whales"'), headers=JSON)
        assert_problem(cut, 422, "bad_input")
        whole = filled.client.post("/v1/search", content=drip(b'{"query": "whales"}'), headers=JSON)
        assert whole.status_code == 200


class TestRanges:
    @pytest.fixture
    def url(self, filled: Service) -> str:
        return f"/v1/documents/{filled.ids()[0]}/file"

    @pytest.mark.parametrize("wanted", ["bytes=999999-", "bytes=-0"])
    def test_past_the_end(self, filled: Service, url: str, wanted: str) -> None:
        response = filled.client.get(url, headers={"Range": wanted})
        problem = assert_problem(response, 416, "range_not_satisfiable")
        size = len(filled.client.get(url).content)
        assert response.headers["content-range"] == f"bytes */{size}"
        assert f"{size:,} bytes" in problem["detail"]

    @pytest.mark.parametrize("wanted", ["pages=0-4", "garbage", "bytes=", "bytes=5-1", "bytes=\xff-"])
    def test_malformed_or_in_another_unit_is_ignored(self, filled: Service, url: str, wanted: str) -> None:
        response = filled.client.get(url, headers={"Range": wanted.encode("latin-1")})  # type: ignore[arg-type]
        assert response.status_code == 200
        assert response.content == filled.client.get(url).content

    def test_several_at_once_come_as_parts(self, filled: Service, url: str) -> None:
        response = filled.client.get(url, headers={"Range": "bytes=0-1,4-5"})
        assert response.status_code == 206
        assert response.headers["content-type"].startswith("multipart/byteranges")


class TestSize:
    def test_more_than_a_question_needs_is_turned_away(self, filled: Service) -> None:
        body = b'{"query": "%b"}' % (b"x" * MAX_BODY_BYTES)
        for content in (body, drip_fast(body)):
            response = filled.client.post("/v1/search", content=content, headers=JSON)
            assert_problem(response, 413, "request_too_large")

    def test_calling_it_an_upload_does_not_help(self, filled: Service) -> None:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        response = filled.client.post("/v1/search", content=b"x" * (MAX_BODY_BYTES + 1), headers=headers)
        assert_problem(response, 413, "request_too_large")

    def test_a_body_in_pieces_is_put_together(self, filled: Service) -> None:
        response = filled.client.post("/v1/search", content=drip(b'{"query": "turbine"}'), headers=JSON)
        assert response.status_code == 200

    @pytest.mark.parametrize("kind", [b"multipart/form-data", b"Multipart/Form-Data"])
    @pytest.mark.parametrize(
        "address", ["/v1/documents", "/v1/documents/", "/v1/search/image", "/ui/documents"]
    )
    def test_uploads_are_not_held_to_it(self, filled: Service, address: str, kind: bytes) -> None:
        body = form(file(b"big.pdf", b"%PDF" + b"x" * MAX_BODY_BYTES))
        headers = {"Content-Type": kind + b"; boundary=x"}
        response = filled.client.post(address, content=body, headers=headers)  # type: ignore[arg-type]
        assert response.status_code < 500
        assert "request_too_large" not in response.text

    def test_every_upload_is_known(self, filled: Service) -> None:
        paths = filled.client.get("/openapi.json").json()["paths"]
        uploads = [path for path in paths if "multipart/form-data" in json.dumps(paths[path])]
        assert uploads and all(map(is_upload, uploads))


def drip_fast(content: bytes) -> Iterator[bytes]:
    """The content in a few pieces, as a body whose length nobody knows beforehand."""
    yield content[:1_000]
    yield content[1_000:]
