"""Files and fields of an upload in whatever order and pieces they arrive."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from app.service import create_app
from app.uploads import Outcome, take_in
from indexer.ingest import index_document
from tests.app.talking import Service, files
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_encrypted, write_report
from vdr.errors import BadMetadata
from vdr.settings import JobSettings, Settings
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


@pytest.fixture
def idle(settings: Settings) -> Iterator[Service]:
    """A service in which nothing is indexed by itself."""
    without = settings.model_copy(update={"jobs": JobSettings(worker=False)})
    with TestClient(create_app(without, tiny_models())) as client:
        yield Service(client)


def uploaded(idle: Service, path: Path, **fields: str) -> Any:
    sent: list[Any] = [*((name, (None, value)) for name, value in fields.items()), *files(path)]
    return idle.client.post("/v1/documents", files=sent)


def counts_of(idle: Service) -> list[int]:
    return [each["page_count"] for each in idle.client.get("/v1/documents").json()["documents"]]


def finish_all(idle: Service) -> None:
    library = idle.client.app_state["services"].opened.library()
    for document in library.catalogue.unfinished():
        index_document(library, document.document_id)


@pytest.mark.parametrize("is_last", [False, True])
def test_a_file_replaces_others_of_its_name_once_it_is_indexed(
    idle: Service, tmp_path: Path, is_last: bool
) -> None:
    uploaded(idle, write_report(tmp_path / "a.pdf", 1))
    finish_all(idle)
    sent = [("replace", (None, "true")), *files(write_report(tmp_path / "a.pdf", 2))]
    send_slowly(idle, sent[::-1] if is_last else sent)
    assert counts_of(idle) == [2, 1]
    finish_all(idle)
    assert counts_of(idle) == [2]


@pytest.mark.parametrize("fields", [{}, {"replace": "false"}])
def test_otherwise_both_stay(idle: Service, tmp_path: Path, fields: dict[str, str]) -> None:
    for pages in (1, 2):
        uploaded(idle, write_report(tmp_path / "a.pdf", pages), **fields)
    finish_all(idle)
    assert counts_of(idle) == [2, 1]


def test_files_of_one_request_do_not_replace_each_other(idle: Service, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    both: Any = files(write_report(tmp_path / "a.pdf", 1), write_report(tmp_path / "b" / "a.pdf", 2))
    send_slowly(idle, [("replace", (None, "true")), *both])
    finish_all(idle)
    assert sorted(counts_of(idle)) == [1, 2]


def test_replace_is_true_or_false(idle: Service, tmp_path: Path) -> None:
    answer = uploaded(idle, write_report(tmp_path / "a.pdf", 1), replace="perhaps")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    assert "perhaps" in answer.json()["detail"]


def test_the_same_bytes_by_another_name_are_found_by_both(idle: Service, tmp_path: Path) -> None:
    path = write_report(tmp_path / "scan.pdf", 1)
    uploaded(idle, path)
    [told] = uploaded(idle, path.rename(tmp_path / "better.pdf")).json()["uploads"]
    assert (told["is_new"], told["document"]["name"]) == (False, "better.pdf")
    assert told["document"]["other_names"] == ["scan.pdf"]
