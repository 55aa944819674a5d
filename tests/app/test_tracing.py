"""Traces of requests: from HTTP through plan and engine, below the trace of the caller, without questions."""

import builtins
import gzip
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.otel import new_provider
from app.service import create_app
from app.tracing import Tracing, open_tracing
from tests.app.conftest import WHALES
from tests.app.talking import UNKNOWN_ID, Service
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_pdf
from tests.fixtures.serving_http import serving_http
from vdr.errors import BadSetting
from vdr.settings import Settings
from vdr.telemetry_settings import TelemetrySettings

_TRACE, _PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Traced:
    """A service that holds a document, and the spans of what it is asked from now on."""

    def __init__(self, service: Service, exporter: InMemorySpanExporter) -> None:
        self.service, self._exporter = service, exporter
        exporter.clear()

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self._exporter.get_finished_spans()}

    def parents(self) -> dict[str, str | None]:
        """The name of each span's parent."""
        spans = self._exporter.get_finished_spans()
        names = {span.context.span_id: span.name for span in spans}
        return {span.name: names.get(span.parent.span_id) if span.parent else None for span in spans}


def tracing_into(exporter: InMemorySpanExporter, share: float = 1.0) -> Tracing:
    provider = new_provider(None, share)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Tracing(provider)


@pytest.fixture
def share() -> float:
    return 1.0


@pytest.fixture
def traced(settings: Settings, tmp_path: Path, share: float) -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    app = create_app(settings, tiny_models(), tracing=tracing_into(exporter, share))
    with TestClient(app) as client:
        service = Service(client)
        service.index(write_pdf(tmp_path / "whales.pdf", WHALES))
        yield Traced(service, exporter)


def test_a_search_is_traced_from_http_through_plan_and_engine(traced: Traced) -> None:
    traced.service.search("whales eat krill", effort="fast")
    parents = traced.parents()
    assert parents["POST /v1/search"] is None
    assert parents["search"] == "POST /v1/search"
    assert {parents[each] for each in ("embed", "plan", "index", "snippets")} == {"search"}
    assert parents["first stages"] == "index"
    assert parents["engine pages"] == "first stages"
    assert dict(traced.spans()["search"].attributes or {}) == {
        "vdr.search.effort": "fast",
        "vdr.search.mode": "hybrid",
        "vdr.search.hits": 3,
        "vdr.search.left_out": (),
    }


def test_the_trace_of_the_caller_goes_on(traced: Traced) -> None:
    headers = {"traceparent": f"00-{_TRACE}-{_PARENT}-01"}
    traced.service.client.post("/v1/search", json={"query": "whales"}, headers=headers)
    spans = traced.spans()
    assert {f"{span.context.trace_id:032x}" for span in spans.values()} == {_TRACE}
    parent = spans["POST /v1/search"].parent
    assert parent is not None
    assert f"{parent.span_id:016x}" == _PARENT


def test_routes_are_templates_and_only_failures_of_the_service_are_errors(traced: Traced) -> None:
    traced.service.client.get(f"/v1/collections/default/documents/{UNKNOWN_ID}")
    span = traced.spans()["GET /v1/collections/{collection}/documents/{document_id}"]
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 404
    assert span.status.is_ok


def test_no_span_has_a_question(traced: Traced) -> None:
    traced.service.client.get("/?q=secret+merger")
    traced.service.search("secret merger")
    traced.service.client.post("/v1/search", json={"query": "secret merger", "limit": 0})
    spans = traced.spans()
    assert "GET /" in spans
    assert not any("secret" in span.to_json() for span in spans.values())


@pytest.mark.parametrize("share", [0.0])
def test_of_a_share_of_none_only_what_the_caller_wants_is_traced(traced: Traced) -> None:
    traced.service.client.get("/healthz")
    assert traced.spans() == {}
    traced.service.client.get("/healthz", headers={"traceparent": f"00-{_TRACE}-{_PARENT}-01"})
    assert list(traced.spans()) == ["GET /healthz"]


def test_lines_of_the_log_name_the_trace(traced: Traced, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="vdr.access"):
        traced.service.client.get("/healthz", headers={"traceparent": f"00-{_TRACE}-{_PARENT}-01"})
    [record] = [each for each in caplog.records if each.name == "vdr.access"]
    assert vars(record)["trace_id"] == _TRACE


def test_a_collector_gets_them_when_the_service_ends_at_the_latest(settings: Settings) -> None:
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(gzip.decompress(sent) if self.headers["Content-Encoding"] == "gzip" else sent)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving_http(Collector) as address:
        telemetry = TelemetrySettings(traces_url=f"{address}/v1/traces")
        app = create_app(settings.model_copy(update={"telemetry": telemetry}), tiny_models())
        with TestClient(app) as client:
            client.get("/healthz")
    assert any(b"GET /healthz" in body for body in received)


def test_without_the_extra_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_sdk(name: str, *rest: Any, **more: Any) -> ModuleType:
        if name.startswith("opentelemetry.sdk"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "app.otel")
    monkeypatch.setattr(builtins, "__import__", without_sdk)
    with pytest.raises(BadSetting, match=r"vdr-pages\[otel\]"):
        open_tracing(TelemetrySettings(traces_url="http://localhost:4318/v1/traces"))


def test_without_the_setting_nothing_of_the_sdk_is_imported() -> None:
    program = (
        "import json, sys; import app.service, vdr.search.searcher; "
        "print(json.dumps([name for name in sys.modules if name.startswith('opentelemetry.sdk')]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
