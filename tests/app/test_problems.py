"""Whatever goes wrong is answered with a problem, and OpenAPI says which."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from app.service import create_app
from tests.app.talking import Service, assert_problem
from tests.fixtures.libraries import tiny_models
from vdr.errors import FileTooLarge, IndexLocked
from vdr.settings import Settings


def test_an_unknown_address(filled: Service) -> None:
    problem = assert_problem(filled.client.get("/v1/nowhere"), 404, "unknown_route")
    assert "/v1/nowhere" in problem["detail"]


def test_a_method_that_an_address_does_not_know(filled: Service) -> None:
    response = filled.client.put("/v1/search")
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


def test_every_method_that_an_address_knows_is_named(filled: Service) -> None:
    assert filled.client.put("/v1/documents").headers["allow"] == "GET, HEAD, POST"
    assert filled.client.put("/v1/documents/x").headers["allow"] == "GET, HEAD, PATCH, DELETE"
    assert "PUT" not in filled.client.put("/static/style.css").headers["allow"]


def test_what_is_no_json_is_told_with_the_place(filled: Service) -> None:
    response = filled.client.post(
        "/v1/search", content=b'{"query": x}', headers={"Content-Type": "application/json"}
    )
    [error] = assert_problem(response, 422, "bad_input")["errors"]
    assert error["field"] == "body"
    assert "character 10" in error["message"]


def test_the_title_is_the_kind_and_the_detail_is_the_case(filled: Service) -> None:
    response = filled.client.post("/v1/search", json={})
    problem = assert_problem(response, 422, "bad_input")
    assert problem["title"] == "The request is invalid."
    assert problem["detail"] == "query: Field required"


@pytest.mark.parametrize("raised", [RuntimeError("secret path /etc"), ValueError()])
def test_what_nobody_expected_is_logged_and_told_without_details(
    settings: Settings, caplog: pytest.LogCaptureFixture, raised: Exception
) -> None:
    app = create_app(settings, tiny_models())

    @app.get("/broken")
    def broken() -> None:
        raise raised

    with TestClient(app, raise_server_exceptions=False) as client, caplog.at_level(logging.ERROR):
        response = client.get("/broken")
        problem = assert_problem(response, 500, "internal_error")
        assert problem["title"] == "An unexpected error occurred."
        assert response.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in str(problem)
    assert "/broken failed" in caplog.text


def test_any_other_http_error_is_bad_input(settings: Settings) -> None:
    app = create_app(settings, tiny_models())

    @app.get("/teapot")
    def teapot() -> None:
        raise HTTPException(418, "short and stout")

    with TestClient(app) as client:
        problem = assert_problem(client.get("/teapot"), 422, "bad_input")
    assert problem["detail"] == "short and stout"


def test_a_library_that_another_process_holds_is_not_served(
    start: Callable[..., Service], settings: Settings
) -> None:
    start()
    with pytest.raises(IndexLocked), TestClient(create_app(settings, tiny_models())):
        pass


def test_two_services_live_in_one_process(filled: Service, service: Service) -> None:
    assert len(filled.ids()) == 2
    assert service.ids() == []


class TestOpenApi:
    @pytest.fixture
    def schema(self, filled: Service) -> dict[str, Any]:
        return dict(filled.client.get("/openapi.json").json())

    def test_operations_have_tidy_ids_and_one_tag(self, schema: dict[str, Any]) -> None:
        operations = [each for path in schema["paths"].values() for each in path.values()]
        names = {each["operationId"] for each in operations}
        in_collection = {name for name in names if name.endswith("_in_collection")}
        assert len(names) == len(operations)
        assert sorted(names - in_collection) == [
            "build_generation",
            "cancel_document",
            "change_collection",
            "change_document",
            "create_collection",
            "create_embeddings",
            "create_generation",
            "delete_collection",
            "delete_document",
            "delete_documents",
            "delete_feedback",
            "delete_question",
            "drop_generation",
            "explain_page",
            "export_feedback",
            "export_questions",
            "follow_document",
            "get_collection",
            "get_document",
            "get_file",
            "get_generation",
            "get_heatmap",
            "get_metrics",
            "get_page_image",
            "get_page_image_url",
            "get_page_text",
            "get_version",
            "give_feedback",
            "is_alive",
            "is_ready",
            "list_collections",
            "list_documents",
            "list_generations",
            "list_pages",
            "list_questions",
            "put_questions",
            "rerank",
            "retry_document",
            "roll_back",
            "search",
            "search_batch",
            "search_by_image",
            "sum_up_feedback",
            "switch_generation",
            "undo_feedback",
            "upload_documents",
        ]
        assert {name.removesuffix("_in_collection") for name in in_collection} == {
            each["operationId"]
            for each in operations
            if each["tags"][0] in ("documents", "search", "feedback", "questions")
        } - in_collection
        known = {tag["name"] for tag in schema["tags"]}
        assert all(len(each["tags"]) == 1 and each["tags"][0] in known for each in operations)

    def test_errors_are_documented_as_problems(self, schema: dict[str, Any]) -> None:
        upload = schema["paths"]["/v1/documents"]["post"]["responses"]
        too_large = upload[str(FileTooLarge.status)]
        assert "`file_too_large`" in too_large["description"]
        assert too_large["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }

    def test_problems_are_all_that_is_said_of_errors(self, schema: dict[str, Any]) -> None:
        operations = [each for path in schema["paths"].values() for each in path.values()]
        errors = [
            response
            for operation in operations
            for status, response in operation["responses"].items()
            if status >= "4"
        ]
        assert {media_type for error in errors for media_type in error["content"]} == {
            "application/problem+json"
        }

    def test_models_come_with_examples(self, schema: dict[str, Any]) -> None:
        query = schema["components"]["schemas"]["SearchBody"]["properties"]["query"]
        assert query["examples"]
        assert schema["components"]["schemas"]["Problem"]["example"]["remedy"]

    def test_uploads_are_described(self, schema: dict[str, Any]) -> None:
        body = schema["paths"]["/v1/documents"]["post"]["requestBody"]["content"]["multipart/form-data"]
        assert body["schema"]["properties"]["files"]["type"] == "array"


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/nothing", "/documents", "/collections/default/nothing"])
def test_a_browser_gets_a_page_that_says_so(filled: Service, path: str) -> None:
    response = filled.client.get(path, headers=BROWSER)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "<title>Not found" in response.text
    assert f"{path} does not exist." in response.text
    assert "openapi" not in response.text
    assert "content-security-policy" in response.headers


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/nothing", {}), ("/nothing", {"Accept": "application/json, text/html"}), ("/v1/nothing", BROWSER)],
)
def test_a_program_gets_a_problem(filled: Service, path: str, headers: dict[str, str]) -> None:
    assert_problem(filled.client.get(path, headers=headers), 404, "unknown_route")
