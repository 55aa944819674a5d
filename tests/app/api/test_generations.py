"""Generations over HTTP: built by the service's worker, switched to, switched back, dropped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.service import create_app
from tests.app.talking import Service, assert_problem
from tests.fixtures.jobs import wait_until
from tests.fixtures.pdfs import write_report
from tests.fixtures.turned import TURNED, two_models
from vdr.settings import ModelSettings, Settings

DEFAULT = "/v1/collections/default"
ALL = f"{DEFAULT}/generations"
SECOND = f"{ALL}/g2"


@pytest.fixture
def two(settings: Settings, tmp_path: Path) -> Iterator[Service]:
    """A service of two models, with a document of three pages."""
    chosen = settings.model_copy(update={"model": ModelSettings(embedders=(TURNED,))})
    with TestClient(create_app(chosen, two_models())) as client:
        service = Service(client)
        service.index(write_report(tmp_path / "a.pdf", 3))
        yield service


def states(service: Service) -> dict[str, str]:
    return {each["name"]: each["state"] for each in service.client.get(ALL).json()["generations"]}


def built(service: Service) -> None:
    """Create the second generation and wait until it is built."""
    created = service.client.post(ALL, json={"embedder": TURNED})
    assert created.status_code == 201 and created.headers["location"] == SECOND
    assert service.client.post(f"{SECOND}/build").status_code == 202
    wait_until(lambda: states(service)["g2"] == "ready")


def test_it_is_built_beside_switched_to_and_back_and_dropped(two: Service) -> None:
    built(two)
    shown = two.client.get(SECOND).json()
    assert (shown["embedder"], shown["documents"], shown["indexed"], shown["failed"]) == (TURNED, 1, 1, 0)
    before = two.client.post("/v1/search", json={"query": "report page"}).json()
    assert two.client.post(f"{SECOND}/switch").json()["state"] == "serving"
    assert two.client.get(DEFAULT).json()["generation"]["embedder"] == TURNED
    after = two.client.post("/v1/search", json={"query": "report page"}).json()
    assert len(after["hits"]) == len(before["hits"]) == 3
    assert states(two) == {"g1": "earlier", "g2": "serving"}
    assert two.client.post(f"{DEFAULT}/rollback").json()["name"] == "g1"
    assert states(two) == {"g1": "serving", "g2": "earlier"}
    assert two.client.delete(SECOND).status_code == 204
    assert states(two) == {"g1": "serving"}
    assert_problem(two.client.get(SECOND), 404, "generation_not_found")


def test_what_is_uploaded_meanwhile_is_built_as_well(two: Service, tmp_path: Path) -> None:
    built(two)
    two.index(write_report(tmp_path / "b.pdf", 1, "other"))
    refused = two.client.post(f"{SECOND}/switch")
    assert_problem(refused, 409, "generation_incomplete")
    wait_until(lambda: states(two)["g2"] == "ready")
    assert two.client.post(f"{SECOND}/switch").status_code == 200


def test_no_webhook_and_no_event_tells_of_a_document_again(two: Service) -> None:
    [document] = two.client.get("/v1/documents").json()["documents"]
    built(two)
    [same] = two.client.get("/v1/documents").json()["documents"]
    assert same == document


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("POST", f"{SECOND}/build", 404, "generation_not_found"),
        ("POST", f"{SECOND}/switch", 404, "generation_not_found"),
        ("POST", f"{DEFAULT}/rollback", 404, "generation_not_found"),
        ("POST", f"{ALL}/g1/build", 409, "generation_serves"),
        ("POST", f"{ALL}/g1/switch", 409, "generation_serves"),
        ("DELETE", f"{ALL}/g1", 409, "generation_serves"),
        ("GET", "/v1/collections/nowhere/generations", 404, "collection_not_found"),
        ("GET", f"{ALL}/G%201", 422, "bad_input"),
    ],
)
def test_what_cannot_be_is_a_problem(two: Service, method: str, address: str, status: int, code: str) -> None:
    assert_problem(two.client.request(method, address), status, code)


def test_a_model_that_collections_may_not_use_is_a_problem(two: Service) -> None:
    assert_problem(two.client.post(ALL, json={"embedder": "models/nobody"}), 422, "bad_input")
    two.client.post(ALL, json={"embedder": TURNED})
    assert_problem(two.client.post(f"{SECOND}/switch"), 409, "generation_incomplete")
