"""Below a path of a proxy: every address that the service gives out leads back to it through the proxy."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from app.service import create_app
from tests.app.conftest import WHALES, settings_in
from tests.app.talking import Service, files
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf, write_report
from vdr.settings import JobSettings, ServiceSettings

ROOT = "/tools/vdr"
_ADDRESS = re.compile(r'(?:src|href|action|hx-get|hx-post|hx-delete)="([^"#][^"]*)"')
_CHANGING = ("/ui/documents", "/ui/deletions", "/ui/results/image", "/ui/feedback")


class Proxy:
    """Shows an application below ROOT and nothing of it elsewhere; takes ROOT away, or leaves it."""

    def __init__(self, app: ASGIApp, strips: bool) -> None:
        self._app, self._strips = app, strips

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            assert path.startswith(f"{ROOT}/"), f"{path} is not below {ROOT}"
            scope = {**scope, "path": path.removeprefix(ROOT), "raw_path": b""} if self._strips else scope
        await self._app(scope, receive, send)


@pytest.fixture(scope="module", params=[True, False], ids=["stripping", "leaving"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("proxy")
    settings = settings_in(folder)
    index_into(settings, [write_pdf(folder / "whales.pdf", WHALES)])
    below = settings.model_copy(
        update={"jobs": JobSettings(worker=False), "service": ServiceSettings(root_path=f"{ROOT}/")}
    )
    with TestClient(Proxy(create_app(below, tiny_models()), request.param)) as talking:
        yield talking


def addresses_in(value: Any) -> Iterator[str]:
    """Every address in an answer of the API."""
    if isinstance(value, dict):
        yield from (each for key, each in value.items() if key.endswith("url") and each)
        value = list(value.values())
    if isinstance(value, list):
        yield from (address for each in value for address in addresses_in(each))


def document_of(client: TestClient) -> dict[str, Any]:
    [document, *_] = client.get(f"{ROOT}/v1/documents").json()["documents"]
    return dict(document)


def test_addresses_in_the_api_lead_to_what_they_name(client: TestClient) -> None:
    url = document_of(client)["url"]
    answers = [
        client.get(f"{ROOT}/v1/documents"),
        client.get(f"{ROOT}/v1/collections"),
        client.get(f"{url}/pages"),
        client.get(f"{url}/pages/1/image-url"),
        client.post(f"{ROOT}/v1/search", json={"query": "whales"}),
        client.post(f"{ROOT}/v1/collections/default/search", json={"query": "whales"}),
    ]
    found = {address for answer in answers for address in addresses_in(answer.json())}
    assert len(found) >= 8
    for address in found:
        assert client.get(address).status_code in {200, 204}, address


@pytest.mark.parametrize("path", ["/", "/?q=whales", "/collections/default/?q=whales"])
def test_addresses_in_the_page_lead_to_what_they_name(client: TestClient, path: str) -> None:
    html = client.get(f"{ROOT}{path}").text
    found = {address.replace("&amp;", "&") for address in _ADDRESS.findall(html)}
    assert len(found) >= 8
    for address in found:
        assert address.startswith(f"{ROOT}/")
        if "/documents/" in address or address.endswith(_CHANGING):
            continue  # some of these delete or upload
        assert client.get(address, headers={"HX-Request": "true"}).status_code in {200, 422}, address
    images = re.findall(r'src="([^"]+/image[^"]*)"', unescape(html))
    assert all(client.get(image).status_code == 200 for image in images)


def test_results_are_known_by_an_address_below_it(client: TestClient) -> None:
    answer = client.get(f"{ROOT}/ui/results", params={"q": "whales"})
    assert answer.headers["hx-push-url"] == f"{ROOT}/?q=whales"


def test_events_come_and_name_addresses_below_it(client: TestClient) -> None:
    document = document_of(client)
    events = client.get(document["events_url"]).text
    assert f'"url":"{document["url"]}"' in events


def test_what_is_created_is_where_the_answer_says(client: TestClient, tmp_path: Path) -> None:
    made = client.post(f"{ROOT}/v1/collections", json={"name": f"x{id(client)}"})
    assert client.get(made.headers["location"]).json()["name"] == made.json()["name"]
    upload = client.post(f"{ROOT}/v1/documents", files=files(write_report(tmp_path / "a.pdf", 1)))
    assert client.get(upload.headers["location"]).json()["name"] == "a.pdf"


def test_a_slash_too_many_leads_to_an_address_below_it(client: TestClient) -> None:
    answer = client.get(f"{ROOT}/v1/documents/", follow_redirects=False)
    assert answer.is_redirect and f"{ROOT}/v1/documents" in answer.headers["location"]


def test_uploads_are_not_held_in_memory_there_either(client: TestClient) -> None:
    large = [("files", ("a.pdf", b"%PDF-" + b"x" * 2**21, "application/pdf"))]
    assert client.post(f"{ROOT}/v1/documents", files=large).json()["code"] == "file_too_large"


def test_the_description_says_where_it_is(client: TestClient) -> None:
    assert client.get(f"{ROOT}/openapi.json").json()["servers"][0]["url"] == ROOT


def test_a_problem_in_the_page_leads_back_home(client: TestClient) -> None:
    html = client.get(f"{ROOT}/documents/{'0' * 64}/pages/1").text
    assert f'<a href="{ROOT}/">' in html


def test_without_it_addresses_are_as_they_were(filled: Service) -> None:
    assert filled.client.get("/openapi.json").json()["servers"][0]["url"] == "/"
    assert filled.client.get("/v1/documents").json()["documents"][0]["url"].startswith("/v1/")


@pytest.mark.parametrize("root", ["vdr", "/a b", "//x", "/v1", "/static/x", "https://x/vdr", "/a?b"])
def test_what_is_no_root_path(root: str) -> None:
    with pytest.raises(ValidationError):
        ServiceSettings(root_path=root)
