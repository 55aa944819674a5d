"""Uploads with an Idempotency-Key: the same request is done once and answered alike."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from indexer.library import Library
from tests.app.talking import Service, assert_problem, files
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_encrypted, write_report
from vdr.settings import JobSettings, Settings

KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


def send(service: Service, *paths: Path, key: str = KEY, at: str = "/v1/documents", **fields: str) -> Any:
    sent: list[Any] = [*((name, (None, value)) for name, value in fields.items()), *files(*paths)]
    return service.client.post(at, files=sent, headers={"Idempotency-Key": key})


def test_the_same_request_is_answered_as_before_and_not_done_again(service: Service, tmp_path: Path) -> None:
    report = write_report(tmp_path / "a.pdf", 1)
    first = send(service, report)
    document_id = first.json()["uploads"][0]["document"]["document_id"]
    service.settled(document_id)
    service.client.delete(f"/v1/documents/{document_id}")
    again = send(service, report)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["location"] == first.headers["location"] == f"/v1/documents/{document_id}"
    told = (first.headers["idempotency-replayed"], again.headers["idempotency-replayed"])
    assert told == ("false", "true")
    assert service.ids() == []


def test_quotes_around_a_key_are_none_of_it(service: Service, tmp_path: Path) -> None:
    report = write_report(tmp_path / "a.pdf", 1)
    send(service, report, key=f'"{KEY}"')
    assert send(service, report).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("other", ["bytes", "name", "field", "option", "number"])
def test_another_request_with_the_same_key_is_refused(service: Service, tmp_path: Path, other: str) -> None:
    report = write_report(tmp_path / "a.pdf", 1)
    send(service, report)
    second = write_report(tmp_path / "b.pdf", 1, "b")
    changed = {
        "bytes": lambda: send(service, write_report(tmp_path / "a.pdf", 2)),
        "name": lambda: send(service, report.rename(tmp_path / "c.pdf")),
        "field": lambda: send(service, report, metadata='{"year": 2021}'),
        "option": lambda: send(service, report, at="/v1/documents?bulk=true"),
        "number": lambda: send(service, report, second),
    }
    assert_problem(changed[other](), 422, "idempotency_key_reused")
    assert len(service.ids()) == 1


def test_another_collection_has_keys_of_its_own(service: Service, tmp_path: Path) -> None:
    service.client.post("/v1/collections", json={"name": "other"})
    send(service, write_report(tmp_path / "a.pdf", 1))
    second = send(service, write_report(tmp_path / "b.pdf", 1, "b"), at="/v1/collections/other/documents")
    assert second.status_code == 202


def test_one_that_comes_while_the_first_is_being_answered_is_told_to_wait(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on, add = Event(), Event(), Library.add

    def slow(*args: Any, **options: Any) -> Any:
        begun.set()
        assert goes_on.wait(60)
        return add(*args, **options)

    monkeypatch.setattr(Library, "add", slow)
    report = write_report(tmp_path / "a.pdf", 1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send, service, report)
        assert begun.wait(60)
        second = send(service, report)
        goes_on.set()
        assert first.result().status_code == 202
    assert_problem(second, 409, "request_in_progress")
    assert second.headers["retry-after"]
    assert send(service, report).json() == first.result().json()


def test_what_failed_may_be_sent_again(service: Service, tmp_path: Path) -> None:
    broken = tmp_path / "a.pdf"
    broken.write_bytes(b"not a PDF")
    assert_problem(send(service, broken), 415, "not_accepted")
    assert send(service, write_report(broken, 1)).status_code == 202


def test_a_password_is_no_part_of_what_is_kept(service: Service, tmp_path: Path) -> None:
    locked = write_encrypted(tmp_path / "locked.pdf", user_password="correct horse")
    send(service, locked, password="correct horse")
    assert send(service, locked, password="another").headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", ["", '"', "a b", "x" * 254, 'a"b', '"open'])
def test_a_key_that_is_none_is_bad_input(filled: Service, tmp_path: Path, key: str) -> None:
    answer = send(filled, write_report(tmp_path / "a.pdf", 1), key=key)
    problem = assert_problem(answer, 422, "bad_input")
    assert "Idempotency-Key" in problem["detail"]


def test_another_process_on_the_same_database_knows_it(settings: Settings, tmp_path: Path) -> None:
    report = write_report(tmp_path / "a.pdf", 1)
    without = settings.model_copy(update={"jobs": JobSettings(worker=False)})
    answers = []
    for _ in range(2):  # one after the other: the embedded index is one process's
        with TestClient(create_app(without, tiny_models())) as client:
            answers.append(send(Service(client), report))
    assert [each.headers["idempotency-replayed"] for each in answers] == ["false", "true"]
    assert answers[0].json() == answers[1].json()
