"""The HTTP API: what docs/api.md says is what the service answers to."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.service import create_app
from app.ui.documents import router as ui_documents
from app.ui.endpoints import router as ui
from app.ui.feedback import router as ui_feedback
from app.ui.reference import router as reference
from tests.app.conftest import settings_in
from tests.fixtures.libraries import tiny_models
from tests.project.files import table_rows, text_of
from vdr.errors import VdrError

_HEADING = re.compile(r"^### `([A-Z]+) (\S+)`$", re.MULTILINE)
# What a collection has itself, and a document or a search has not.
_OF_A_COLLECTION = re.compile(r"^/v1/collections/\{collection\}/(generations|rollback)\b")
_ROW = re.compile(r"`([A-Z]+) (\S+)`")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(settings_in(tmp_path_factory.mktemp("api")), tiny_models())


def sections() -> dict[tuple[str, str], str]:
    """The text under each heading that names a route."""
    _, *parts = _HEADING.split(text_of("docs/api.md"))
    return {
        (method, path): text for method, path, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def operations(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Those below a collection are documented together."""
    for path, methods in app.openapi()["paths"].items():
        if not path.startswith("/v1/collections/{collection}/") or _OF_A_COLLECTION.match(path):
            yield from ((method.upper(), path) for method in methods)


def test_every_route_of_what_a_collection_has_exists_below_it(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    below = {
        path: methods.keys()
        for path, methods in paths.items()
        if "{collection}/" in path and not _OF_A_COLLECTION.match(path)
    }
    theirs = ("/v1/d", "/v1/s", "/v1/feedback", "/v1/questions")
    plain = {path: methods.keys() for path, methods in paths.items() if path.startswith(theirs)}
    assert below == {path.replace("/v1", "/v1/collections/{collection}", 1): plain[path] for path in plain}


def test_every_operation_is_documented(app: FastAPI) -> None:
    assert sections().keys() == set(operations(app))


def test_every_operation_has_a_curl_example_of_its_own_address() -> None:
    for (_, path), text in sections().items():
        pattern = re.sub(r"\\\{\w+\\\}", r"[^/\\s'\"]+", re.escape(path))
        examples = re.findall(r"```sh\n(curl .*?)```", text, re.DOTALL)
        assert len(examples) == 1, path
        assert re.search(rf"localhost:8000{pattern}(?=[\s?'\"]|$)", examples[0]), path


def ui_routes() -> Iterator[BaseRoute]:
    """The routes of the web UI."""
    for router in (ui, ui_documents, ui_feedback, reference):
        yield from router.routes


def test_every_address_of_the_page_for_people_is_listed() -> None:
    listed = {
        match.groups() for row in table_rows(text_of("docs/api.md")) if (match := _ROW.fullmatch(row[0]))
    }
    served = {
        (method, route.path)
        for route in ui_routes()
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert listed == served | {("GET", "/static/{file}"), ("GET", "/openapi.json")}


def test_every_answer_that_reports_an_error_is_a_documented_code(app: FastAPI) -> None:
    codes = {row[0].strip("`") for row in table_rows(text_of("docs/errors.md"))}
    told = set(re.findall(r"`([a-z_]+)`: ", str(app.openapi()["paths"])))
    assert VdrError.code in told
    assert told <= codes


def test_no_route_is_added_beside_the_routers(app: FastAPI, tmp_path: Path) -> None:
    # The tests above look at OpenAPI and at the page's router; a route of another kind would escape them.
    own = {getattr(route, "path", None) for route in app.routes} - {None, "/openapi.json", "/static", "/mcp"}
    pages = {route.path for route in ui_routes() if isinstance(route, APIRoute)}
    known = {*app.openapi()["paths"], *pages, *(f"/collections/{{collection}}{path}" for path in pages)}
    assert own <= known
