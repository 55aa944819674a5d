"""What the service tells Prometheus of requests, errors, searches and batches."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from app.service import create_app
from tests.app.conftest import WHALES
from tests.app.talking import UNKNOWN_ID, Service, assert_problem
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.settings import Settings
from vdr.telemetry_settings import TelemetrySettings


def told(service: Service) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """The samples of each name by their labels."""
    samples: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families(service.client.get("/metrics").text):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return samples


def value(service: Service, name: str, **labels: str) -> float:
    return told(service).get(name, {}).get(frozenset(labels.items()), 0.0)


@pytest.fixture
def indexed(service: Service, tmp_path: Path) -> Service:
    service.index(write_pdf(tmp_path / "whales.pdf", WHALES))
    return service


def test_requests_are_counted_by_the_template_of_their_route(indexed: Service) -> None:
    [document_id] = indexed.ids()
    for path in (
        f"/v1/documents/{document_id}/pages/1/text",
        f"/v1/collections/default/documents/{document_id}/pages/2/text",
        f"/documents/{document_id}/pages/1",
        f"/collections/default/documents/{document_id}/pages/1",
        "/static/style.css",
        "/nowhere",
    ):
        indexed.client.get(path)
    indexed.client.head("/healthz")
    counted = {dict(labels)["route"] for labels in told(indexed)["vdr_http_requests_total"]}
    assert counted >= {
        "/v1/documents",
        "/v1/documents/{document_id}/pages/{page_number}/text",
        "/v1/collections/{collection}/documents/{document_id}/pages/{page_number}/text",
        "/documents/{document_id}/pages/{page_number}",
        "/collections/{collection}/documents/{document_id}/pages/{page_number}",
        "/static",
        "(none)",
        "/healthz",
    }
    assert not any(document_id in each for each in counted)
    assert value(indexed, "vdr_http_requests_total", method="HEAD", route="/healthz", status="200") == 1


def test_errors_are_counted_by_code_whoever_answers(filled: Service) -> None:
    def errors(route: str, code: str) -> float:
        return value(filled, "vdr_http_errors_total", route=route, code=code)

    before = errors("/v1/search", "bad_input")
    filled.client.post("/v1/search", json={})
    filled.client.get(f"/documents/{UNKNOWN_ID}/pages/1")
    filled.client.get("/", headers={"Host": "elsewhere.example.com"})
    filled.client.post("/v1/documents", headers={"Sec-Fetch-Site": "cross-site"})
    assert errors("/v1/search", "bad_input") == before + 1
    assert errors("/documents/{document_id}/pages/{page_number}", "not_found") == 1
    assert errors("(none)", "unknown_host") == 1
    assert errors("(none)", "cross_site") == 1


def test_what_nobody_expected_is_counted_too(settings: Settings) -> None:
    app = create_app(settings, tiny_models())

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    with TestClient(app, raise_server_exceptions=False) as client:
        client.get("/broken")
        assert value(Service(client), "vdr_http_errors_total", route="/broken", code="internal_error") == 1
        assert (
            value(Service(client), "vdr_http_requests_total", method="GET", route="/broken", status="500")
            == 1
        )


def test_a_method_that_nobody_knows_makes_no_label(filled: Service) -> None:
    filled.client.request("BREW", "/healthz")
    methods = {dict(labels)["method"] for labels in told(filled)["vdr_http_requests_total"]}
    assert "other" in methods
    assert "BREW" not in methods


def test_searches_are_told_by_effort_stage_and_what_they_go_by(indexed: Service) -> None:
    indexed.search("whales eat krill", effort="fast")
    page = {"document_id": indexed.ids()[0], "page_number": 1}
    indexed.client.post("/v1/search", json={"page": page, "query": "songs"})
    indexed.client.get("/?q=whales")
    assert value(indexed, "vdr_searches_total", effort="fast", mode="hybrid", by="text") == 1
    assert value(indexed, "vdr_searches_total", effort="balanced", mode="hybrid", by="text") == 1
    assert value(indexed, "vdr_searches_total", effort="balanced", mode="hybrid", by="text+page") == 1
    assert value(indexed, "vdr_search_seconds_count", effort="balanced") == 2
    for stage in ("search", "embed", "plan", "index", "first stages", "engine nearest", "snippets"):
        assert value(indexed, "vdr_search_stage_seconds_count", effort="fast", stage=stage) >= 1, stage
    assert value(indexed, "vdr_search_stage_seconds_count", effort="fast", stage="snippets") == 1
    assert value(indexed, "vdr_query_batch_size_count") >= 3


def test_stages_that_are_left_out_and_searches_without_hits_are_counted(
    indexed: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vdr.search.budget.Budget.left_out", ("phrase",))
    indexed.search("zzzyx qqpw", mode="text")
    assert value(indexed, "vdr_searches_without_hits_total", effort="balanced") == 1
    assert value(indexed, "vdr_search_stages_left_out_total", stage="phrase") == 1


def test_work_and_what_there_is_are_told_beside_them(indexed: Service) -> None:
    assert value(indexed, "vdr_pages_indexed_total") == 3
    assert value(indexed, "vdr_pages", collection="default") == 3
    assert value(indexed, "vdr_workers") == 1


def test_no_text_of_a_question_or_name_of_a_document_is_among_them(indexed: Service) -> None:
    indexed.search("whales eat krill")
    indexed.client.get("/?q=humpback")
    shown = indexed.client.get("/metrics").text
    assert not any(word in shown for word in ("whale", "krill", "humpback"))


class TestTurnedOff:
    @pytest.fixture
    def silent(self, settings: Settings) -> Iterator[Service]:
        off = settings.model_copy(update={"telemetry": TelemetrySettings(metrics=False)})
        with TestClient(create_app(off, tiny_models())) as client:
            yield Service(client)

    def test_there_are_none(self, silent: Service) -> None:
        assert_problem(silent.client.get("/metrics"), 404, "unknown_route")

    def test_everything_else_works(self, silent: Service, tmp_path: Path) -> None:
        silent.index(write_pdf(tmp_path / "whales.pdf", WHALES))
        assert silent.search("whales")


def test_a_service_that_is_started_again_tells_the_same(settings: Settings) -> None:
    app = create_app(settings, tiny_models())
    for _ in range(2):
        with TestClient(app) as client:
            assert value(Service(client), "vdr_workers") == 1
