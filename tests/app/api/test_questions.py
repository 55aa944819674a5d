"""Labelled questions over HTTP: kept, listed, exported and deleted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.conftest import TRAM, WHALES
from tests.app.talking import UNKNOWN_ID, Service, assert_problem
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.settings import JobSettings, Settings

KRILL = {"query_id": "q1", "query": "What do blue whales eat?", "document": "whales.pdf", "page_numbers": [1]}


@pytest.fixture
def service(settings: Settings, tmp_path: Any) -> Iterator[Service]:
    index_into(settings, [write_pdf(tmp_path / "whales.pdf", WHALES), write_pdf(tmp_path / "tram.pdf", TRAM)])
    without = settings.model_copy(update={"jobs": JobSettings(worker=False)})
    with TestClient(create_app(without, tiny_models())) as client:
        yield Service(client)


def put(service: Service, *questions: dict[str, Any]) -> Any:
    return service.client.post("/v1/questions", json={"questions": list(questions)})


def listed(service: Service, **params: Any) -> dict[str, Any]:
    return dict(service.client.get("/v1/questions", params=params).json())


def test_a_question_is_kept_with_its_pages(service: Service) -> None:
    told = {**KRILL, "evidence": ["text"], "source": "support", "page_numbers": [3, 1, 3]}
    assert put(service, told).json() == {"added": 1, "replaced": 0}
    (found,) = listed(service)["questions"]
    document_id = found.pop("document_id")
    assert document_id in service.ids()
    assert found == {**told, "page_numbers": [1, 3]}


def test_the_same_again_is_replaced(service: Service) -> None:
    put(service, KRILL)
    without_id = {"query": "Day pass?", "document": "tram.pdf", "page_numbers": [2]}
    assert put(service, {**KRILL, "page_numbers": [2]}, without_id).json() == {"added": 1, "replaced": 1}
    assert put(service, without_id).json() == {"added": 0, "replaced": 1}
    assert listed(service)["count"] == 2


def test_an_export_can_be_imported(service: Service) -> None:
    put(service, KRILL)
    before = service.client.get("/v1/questions/export")
    assert before.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in before.text.splitlines()]
    service.client.delete("/v1/questions", params={"query_id": "q1"})
    assert put(service, *lines).json() == {"added": 1, "replaced": 0}
    assert service.client.get("/v1/questions/export").text == before.text


def test_a_list_has_pages(service: Service) -> None:
    put(service, *({**KRILL, "query_id": f"q{n}"} for n in range(5)))
    first = listed(service, limit=3)
    second = listed(service, limit=3, after=first["next_after"])
    ids = [[each["query_id"] for each in part["questions"]] for part in (first, second)]
    assert ids == [["q0", "q1", "q2"], ["q3", "q4"]]
    assert (first["count"], second["next_after"]) == (5, None)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"document": "sharks.pdf"}, 404, "not_found"),
        ({"document": ""}, 404, "not_found"),
        ({"document": UNKNOWN_ID}, 404, "not_found"),
        ({"page_numbers": [4]}, 404, "not_found"),
        ({"page_numbers": []}, 422, "bad_input"),
        ({"page_numbers": [0]}, 422, "bad_input"),
        ({"query": " "}, 422, "bad_input"),
    ],
)
def test_where_one_is_wrong_none_is_kept(
    service: Service, changed: dict[str, Any], status: int, code: str
) -> None:
    assert_problem(put(service, KRILL, {**KRILL, "query_id": "q2", **changed}), status, code)
    assert listed(service)["count"] == 0


def test_a_name_that_two_documents_have(service: Service, tmp_path: Any) -> None:
    whales = listed_id(service, "whales.pdf")
    tram = listed_id(service, "tram.pdf")
    service.client.patch(f"/v1/documents/{tram}", json={"name": "whales.pdf"})
    assert "document_id" in assert_problem(put(service, KRILL), 422, "bad_input")["remedy"]
    assert put(service, {**KRILL, "document_id": whales}).status_code == 200
    assert listed(service)["questions"][0]["document_id"] == whales


def listed_id(service: Service, name: str) -> str:
    documents = service.client.get("/v1/documents").json()["documents"]
    return next(str(each["document_id"]) for each in documents if each["name"] == name)


def test_one_is_deleted(service: Service) -> None:
    put(service, KRILL)
    assert service.client.delete("/v1/questions", params={"query_id": "q1"}).status_code == 204
    assert_problem(
        service.client.delete("/v1/questions", params={"query_id": "q1"}), 404, "question_not_found"
    )


def test_a_document_takes_its_questions_along(service: Service) -> None:
    put(service, KRILL)
    service.client.delete(f"/v1/documents/{listed_id(service, 'whales.pdf')}")
    assert listed(service)["questions"] == []


def test_collections_have_their_own(service: Service) -> None:
    put(service, KRILL)
    service.client.post("/v1/collections", json={"name": "other"})
    assert service.client.get("/v1/collections/other/questions").json()["count"] == 0
    answer = service.client.post("/v1/collections/other/questions", json={"questions": [KRILL]})
    assert_problem(answer, 404, "not_found")
