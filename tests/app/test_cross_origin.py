"""Other websites may use the API where the settings name them, and not otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from app.service import create_app
from tests.app.conftest import settings_in
from tests.app.talking import Service, assert_problem
from tests.fixtures.libraries import tiny_models
from vdr.settings import JobSettings, ServiceSettings

OURS, OTHER = "https://app.example.com", "https://evil.example.com"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
SENT = {"Sec-Fetch-Site": "cross-site"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = settings_in(Path(tmp_path_factory.mktemp("shared")))
    changed = {"service": ServiceSettings(cors_origins=(OURS,)), "jobs": JobSettings(worker=False)}
    with TestClient(create_app(settings.model_copy(update=changed), tiny_models())) as client:
        yield client


def test_a_named_origin_may_read_and_change(shared: TestClient) -> None:
    asked = shared.options("/v1/search", headers={"Origin": OURS, **ASKS})
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == OURS
    found = shared.post("/v1/search", json={"query": "x"}, headers={"Origin": OURS, **SENT})
    assert found.status_code == 200
    assert found.headers["access-control-allow-origin"] == OURS
    assert "X-Request-ID" in found.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in found.headers


def test_any_other_origin_may_not(shared: TestClient) -> None:
    asked = shared.options("/v1/search", headers={"Origin": OTHER, **ASKS})
    assert "access-control-allow-origin" not in asked.headers
    sent = shared.post("/v1/search", json={"query": "x"}, headers={"Origin": OTHER, **SENT})
    assert_problem(sent, 403, "cross_site")


def test_the_web_ui_is_for_no_other_website(shared: TestClient) -> None:
    assert "access-control-allow-origin" not in shared.get("/", headers={"Origin": OURS}).headers


def test_it_is_off_by_default(filled: Service) -> None:
    headers = {"Origin": OURS}
    assert "access-control-allow-origin" not in filled.client.get("/v1/documents", headers=headers).headers
    assert_problem(filled.client.post("/v1/search", headers={**headers, **SENT}), 403, "cross_site")


@pytest.mark.parametrize(
    "origin", ["*", "app.example.com", "https://app.example.com/", "https://*.example.com"]
)
def test_an_origin_is_scheme_host_and_port(origin: str) -> None:
    with pytest.raises(ValidationError):
        ServiceSettings(cors_origins=(origin,))
