"""The reference of the API at /docs: our own files alone, with their licence beside them."""

import re
from pathlib import Path

from fastapi.testclient import TestClient

from app.service import create_app
from app.ui import reference
from tests.app.talking import Service
from tests.fixtures.libraries import tiny_models
from vdr.settings import ServiceSettings, Settings

VENDORED = Path(reference.__file__).parent / "static" / "swagger-ui"


def test_it_names_files_of_the_service_alone(filled: Service) -> None:
    page = filled.client.get("/docs")
    assert page.status_code == 200
    assert "unsafe" not in page.headers["content-security-policy"]
    named = re.findall(r'(?:src|href|data-description)="([^"]+)"', page.text)
    assert "/openapi.json" in named
    assert len(named) >= 6
    for address in named:
        assert filled.client.get(address).status_code == 200, address
    assert "<script>" not in page.text
    assert "style=" not in page.text


def test_what_its_own_style_names_is_there() -> None:
    style = (VENDORED.parent / "reference.css").read_text()
    named = set(re.findall(r'url\("([^"]+)"\)', style))
    assert named
    assert all((VENDORED.parent / name).is_file() for name in named)


def test_it_lies_below_the_path_of_a_proxy(settings: Settings) -> None:
    below = settings.model_copy(update={"service": ServiceSettings(root_path="/vdr")})
    with TestClient(create_app(below, tiny_models())) as client:
        page = client.get("/vdr/docs").text
        assert 'data-description="/vdr/openapi.json"' in page
        assert client.get("/vdr/openapi.json").json()["servers"][0]["url"] == "/vdr"


def test_licence_and_notices_lie_beside_it() -> None:
    assert "Apache License" in (VENDORED / "LICENSE.txt").read_text()
    assert "SmartBear" in (VENDORED / "NOTICE.txt").read_text()
    assert "swagger-ui-bundle.js.LICENSE.txt" in (VENDORED / "swagger-ui-bundle.js").read_text()[:200]
    assert (VENDORED / "swagger-ui-bundle.js.LICENSE.txt").stat().st_size > 1_000


def test_what_is_tried_first_is_what_is_asked_by_default(filled: Service) -> None:
    body = filled.client.get("/openapi.json").json()["paths"]["/v1/search"]["post"]["requestBody"]
    example = body["content"]["application/json"]["example"]
    assert (example["mode"], example["effort"]) == ("hybrid", "balanced")
