"""Files and fields of an upload in whatever order and pieces they arrive."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import Request

from app.uploads import Outcome, take_in
from tests.app.talking import Service, files
from tests.fixtures.pdfs import write_encrypted, write_report
from vdr.errors import BadMetadata
from vdr.types import Priority

METADATA = {"year": 2021, "tags": ["q3"]}


def send_slowly(service: Service, parts: list[tuple[str, Any]]) -> list[Outcome]:
    """Take in a body that arrives in small pieces, so that nothing is known of what comes later."""
    sent = httpx.Request("POST", "http://vdr/v1/documents", files=parts)
    pieces = _pieces(sent.read())

    async def receive() -> dict[str, object]:
        return next(pieces)

    headers = [(b"content-type", sent.headers["content-type"].encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    services = service.client.app_state["services"]
    library = services.opened.library()
    return anyio.run(take_in, request, services, library, Priority.INTERACTIVE)


def _pieces(body: bytes) -> Iterator[dict[str, object]]:
    for start in range(0, len(body), 64):
        is_last = start + 64 >= len(body)
        yield {"type": "http.request", "body": body[start : start + 64], "more_body": not is_last}


def metadata_of(service: Service) -> list[object]:
    return [each["metadata"] for each in service.client.get("/v1/documents").json()["documents"]]


def test_metadata_that_comes_last_is_that_of_all_files(service: Service, tmp_path: Path) -> None:
    reports = [write_report(tmp_path / f"{name}.pdf", 1, name) for name in "ab"]
    locked = write_encrypted(tmp_path / "locked.pdf", user_password="correct horse")
    fields = [("metadata", (None, json.dumps(METADATA))), ("password", (None, "correct horse"))]
    outcomes = send_slowly(service, [*files(*reports, locked), *fields])
    told = [each.document.metadata for each in outcomes if each.document is not None]
    assert told == [{"year": 2021, "tags": ("q3",)}] * 3
    assert metadata_of(service) == [METADATA] * 3


def test_bad_metadata_that_comes_last_leaves_the_files_without(service: Service, tmp_path: Path) -> None:
    report = files(write_report(tmp_path / "a.pdf", 1))
    with pytest.raises(BadMetadata):
        send_slowly(service, [*report, ("metadata", (None, "{"))])
    assert metadata_of(service) == [{}]
    send_slowly(service, [*report, ("metadata", (None, json.dumps(METADATA)))])
    assert metadata_of(service) == [METADATA]


def test_bad_metadata_that_comes_first_keeps_the_files_out(service: Service, tmp_path: Path) -> None:
    with pytest.raises(BadMetadata):
        send_slowly(service, [("metadata", (None, "{")), *files(write_report(tmp_path / "a.pdf", 1))])
    assert metadata_of(service) == []
    assert list(service.client.app_state["services"].uploads.iterdir()) == []


def test_metadata_at_its_largest_is_taken_whole(service: Service, tmp_path: Path) -> None:
    largest = {"note": "ü" * 4_000}
    report = files(write_report(tmp_path / "a.pdf", 1))
    send_slowly(service, [("metadata", (None, json.dumps(largest))), *report])
    assert metadata_of(service) == [largest]
