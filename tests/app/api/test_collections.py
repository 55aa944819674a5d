"""Collections over HTTP: created, changed and deleted, each with documents of its own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.talking import Service, assert_problem, files
from tests.fixtures.pdfs import write_report
from tests.fixtures.traces import traces
from vdr.search.calibration import MadeWith
from vdr.search.kept import KeptPlan, KeptStep, PlanShape

INVOICES = "/v1/collections/invoices"


@pytest.fixture
def invoices(service: Service) -> Service:
    created = service.client.post("/v1/collections", json={"name": "invoices", "description": "Of suppliers"})
    assert created.status_code == 201 and created.headers["location"] == INVOICES
    return service


def names(service: Service) -> list[str]:
    return [each["name"] for each in service.client.get("/v1/collections").json()["collections"]]


def test_the_collection_of_the_settings_is_there_from_the_start(service: Service) -> None:
    [only] = service.client.get("/v1/collections").json()["collections"]
    assert (only["name"], only["documents"], only["generation"]["embedder"]) == ("default", 0, "tiny")


def test_a_new_collection_is_empty_and_built_by_nobody_yet(invoices: Service) -> None:
    found = invoices.client.get(INVOICES).json()
    assert (found["name"], found["description"], found["documents"]) == ("invoices", "Of suppliers", 0)
    assert (found["generation"]["name"], found["generation"]["dims"]) == ("g1", None)
    assert names(invoices) == ["default", "invoices"]
    hits = invoices.client.post(f"{INVOICES}/search", json={"query": "anything"}).json()["hits"]
    assert hits == []


def test_what_is_uploaded_into_it_is_found_there_and_nowhere_else(invoices: Service, tmp_path: Path) -> None:
    sent = invoices.client.post(f"{INVOICES}/documents", files=files(write_report(tmp_path / "a.pdf", 2)))
    document = sent.json()["uploads"][0]["document"]
    assert document["url"] == f"{INVOICES}/documents/{document['document_id']}"
    assert sent.headers["location"] == document["url"]
    events = invoices.client.get(document["events_url"]).text
    assert "event: indexed" in events
    asked = {"query": "report page", "mode": "text"}
    [first, _] = invoices.client.post(f"{INVOICES}/search", json=asked).json()["hits"]
    assert first["image_url"].startswith(f"{INVOICES}/documents/")
    assert first["page_url"].startswith("/collections/invoices/documents/")
    assert invoices.client.get(first["image_url"]).headers["content-type"] == "image/webp"
    assert "a.pdf" in invoices.client.get(first["page_url"]).text
    assert invoices.client.post("/v1/search", json=asked).json()["hits"] == []
    assert_problem(invoices.client.get(f"/v1/documents/{document['document_id']}"), 404, "not_found")


def test_settings_of_its_own_are_changed_one_by_one(invoices: Service) -> None:
    changed = invoices.client.patch(INVOICES, json={"settings": {"max_pages": 1, "queue_limit": 5}})
    assert (changed.json()["settings"]["max_pages"], changed.json()["settings"]["queue_limit"]) == (1, 5)
    again = invoices.client.patch(INVOICES, json={"settings": {"queue_limit": None}, "description": "Ours"})
    assert (again.json()["settings"]["max_pages"], again.json()["settings"]["queue_limit"]) == (1, None)
    assert again.json()["description"] == "Ours"


def test_its_page_limit_is_kept_to(invoices: Service, tmp_path: Path) -> None:
    invoices.client.patch(INVOICES, json={"settings": {"max_pages": 1}})
    report = files(write_report(tmp_path / "a.pdf", 2))
    assert_problem(invoices.client.post(f"{INVOICES}/documents", files=report), 413, "too_many_pages")
    assert invoices.client.post("/v1/documents", files=report).status_code == 202


def test_the_model_of_an_index_that_is_built_stays(service: Service) -> None:
    refused = service.client.patch("/v1/collections/default", json={"settings": {"dims": 32}})
    assert_problem(refused, 409, "index_mismatch")


def test_a_plan_that_is_kept_is_shown_and_can_be_dropped(invoices: Service) -> None:
    assert invoices.client.get(INVOICES).json()["plan"] is None
    collections = invoices.client.app_state["services"].opened.collections
    shape = PlanShape(candidates=100, rerank=(KeptStep(reranker="late-interaction", depth=20),))
    made_with = MadeWith(embedder="tiny", dims=64)
    kept = KeptPlan(shape=shape, made_with=made_with, tuned_at=datetime(2026, 3, 1, tzinfo=UTC), questions=60)
    _, generation = collections.opened("invoices")
    collections.note_plan(generation, kept.model_dump(mode="json"))
    assert invoices.client.get(INVOICES).json()["plan"] == {
        "candidates": 100,
        "rerank": [{"reranker": "late-interaction", "depth": 20}],
        "without": [],
        "tuned_at": "2026-03-01T00:00:00Z",
        "questions": 60,
    }
    assert invoices.client.patch(INVOICES, json={"description": "Ours"}).json()["plan"] is not None
    assert invoices.client.patch(INVOICES, json={"plan": None}).json()["plan"] is None
    assert collections.opened("invoices")[1].plan is None
    collections.note_plan(generation, {"of": "another version"})
    assert invoices.client.get(INVOICES).json()["plan"] is None


def test_a_deleted_collection_leaves_nothing_and_its_name_is_free(invoices: Service, tmp_path: Path) -> None:
    report = files(write_report(tmp_path / "a.pdf", 2))
    sent = invoices.client.post(f"{INVOICES}/documents", files=report)
    invoices.client.get(sent.json()["uploads"][0]["document"]["events_url"])
    assert invoices.client.delete(INVOICES).status_code == 202
    assert_problem(invoices.client.get(INVOICES), 404, "collection_not_found")
    assert_problem(invoices.client.get(f"{INVOICES}/documents"), 404, "collection_not_found")
    services = invoices.client.app_state["services"].opened
    while services.collections.half_deleted():  # the worker's job
        invoices.client.get("/healthz")
    assert traces(services, "invoices") == []
    assert invoices.client.post("/v1/collections", json={"name": "invoices"}).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/v1/collections", {"name": "invoices"}, 409, "collection_exists"),
        ("POST", "/v1/collections", {"name": "In voices"}, 422, "bad_input"),
        ("POST", "/v1/collections", {"name": "a", "settings": {"embedder": "x/y"}}, 422, "bad_input"),
        ("POST", "/v1/collections", {"name": "a", "settings": {"ocr": "some"}}, 422, "bad_input"),
        ("POST", "/v1/collections", {"name": "a", "colour": "red"}, 422, "bad_input"),
        ("PATCH", "/v1/collections/invoices", {"plan": {"candidates": 9}}, 422, "bad_input"),
        ("PATCH", "/v1/collections/nothing", {"description": "x"}, 404, "collection_not_found"),
        ("DELETE", "/v1/collections/nothing", None, 404, "collection_not_found"),
        ("GET", "/v1/collections/nothing/documents", None, 404, "collection_not_found"),
        ("GET", "/v1/collections/No%20name/documents", None, 404, "collection_not_found"),
        ("POST", "/v1/collections/nothing/search", {"query": "x"}, 404, "collection_not_found"),
    ],
)
def test_what_cannot_be_is_a_problem_with_a_remedy(
    invoices: Service, method: str, path: str, body: object, status: int, code: str
) -> None:
    assert_problem(invoices.client.request(method, path, json=body), status, code)


def test_the_web_ui_offers_the_collections(invoices: Service) -> None:
    home = invoices.client.get("/").text
    assert 'href="/collections/invoices/"' in home and 'hx-get="/ui/results"' in home
    there = invoices.client.get("/collections/invoices/").text
    assert "Collection:</span> invoices" in there and 'hx-get="/collections/invoices/ui/results"' in there
    assert invoices.client.get("/collections/nothing/").status_code == 404
