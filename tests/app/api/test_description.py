"""The OpenAPI description is valid, complete, and such that generators of clients make good of it.

`npx @redocly/cli lint` asks for the same, with nothing left to say.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.service import create_app
from tests.app.conftest import settings_in
from tests.fixtures.libraries import tiny_models

# Words that begin what a version of OpenAPI after 3.1 has.
_LATER = ("itemSchema", "itemEncoding", "prefixEncoding")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return create_app(settings_in(Path()), tiny_models()).openapi()


def operations(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for path in description["paths"].values() for each in path.values())


def bodies(parts: Iterator[dict[str, Any]], media_type: str = "application/json") -> list[dict[str, Any]]:
    return [part["content"][media_type] for part in parts if media_type in part.get("content", {})]


def test_it_is_valid_openapi_of_its_version(description: dict[str, Any]) -> None:
    assert description["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(description).validate()
    assert not [word for word in _LATER if word in str(description)]


def test_it_says_where_the_service_is_who_may_use_it_and_under_which_licence(
    description: dict[str, Any],
) -> None:
    assert description["servers"][0]["url"] == "/"
    assert description["security"] == []
    assert description["info"]["license"]["identifier"] == "Apache-2.0"


def test_every_operation_has_a_summary_its_own_id_and_the_errors_of_clients(
    description: dict[str, Any],
) -> None:
    ids = [each["operationId"] for each in operations(description)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z_]+", each) for each in ids)
    for each in operations(description):
        assert each["summary"] and each["tags"]
        assert [status for status in each["responses"] if status.startswith("4")], each["operationId"]


def test_every_body_in_json_has_a_whole_example_that_is_valid(description: dict[str, Any]) -> None:
    asked = bodies(each["requestBody"] for each in operations(description) if "requestBody" in each)
    answered = bodies(answer for each in operations(description) for answer in each["responses"].values())
    assert len(asked) >= 8 and len(answered) >= 20
    for body in (*asked, *answered):
        if body["schema"]:
            schema = {**body["schema"], "components": description["components"]}
            Draft202012Validator(schema).validate(body["example"])


def test_what_may_be_left_out_of_a_request_has_no_default_that_generators_take_for_required(
    description: dict[str, Any],
) -> None:
    fields = description["components"]["schemas"]["SearchBody"]["properties"]
    assert not [name for name, field in fields.items() if "default" in field]
    assert fields["limit"]["description"].endswith("Default: `10`.")
    assert fields["mode"]["description"].endswith('Default: `"hybrid"`.')
    assert "required" not in description["components"]["schemas"]["SearchBody"]


def test_files_are_binary_for_every_generator(description: dict[str, Any]) -> None:
    forms = bodies((each.get("requestBody", {}) for each in operations(description)), "multipart/form-data")
    files = [
        field.get("items", field)
        for form in forms
        for name, field in form["schema"]["properties"].items()
        if name in ("files", "image")
    ]
    assert len(files) == 4
    assert {field["format"] for field in files} == {"binary"}
    answers = [answer for each in operations(description) for answer in each["responses"].values()]
    for media_type in ("image/webp", "image/png", "image/jpeg", "application/pdf"):
        found = bodies(iter(answers), media_type)
        assert found and all(body["schema"]["format"] == "binary" for body in found)


def test_threads_that_ask_at_once_get_one_description_whole(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path), tiny_models())
    with ThreadPoolExecutor(4) as threads:
        first, *others = threads.map(lambda _: app.openapi(), range(4))
    assert all(each is first for each in others)
    assert first["security"] == []
