"""The OpenAPI description: what FastAPI makes of the routes, completed for people and client generators."""

import json
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any

from fastapi import FastAPI

_JSON = "application/json"
_TOLD = ("example", "const", "default")
_WRITTEN: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "null": None}


class DescribedApp(FastAPI):
    """An application whose description says that there is no login, and has whole examples.

    What a request may leave out has no `default` in its schema but in its text: some generators require
    fields that have one (openapi-typescript).
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - whatever FastAPI takes
        super().__init__(**options)
        self._described: dict[str, Any] | None = None
        self._describing = Lock()

    def openapi(self) -> dict[str, Any]:
        """The description, made when it is first asked for: once, whichever threads ask."""
        with self._describing:
            if self._described is None:
                described = super().openapi()
                _complete(described)
                self._described = described
            return self._described


def _complete(description: dict[str, Any]) -> None:
    description["security"] = []
    schemas: dict[str, Any] = description["components"]["schemas"]
    operations = [each for path in description["paths"].values() for each in path.values()]
    for body in _json_bodies(each.get("requestBody", {}) for each in operations):
        body["example"] = _without_null(example_of(body["schema"], schemas))
    for body in _json_bodies(answer for each in operations for answer in each["responses"].values()):
        body["example"] = example_of(body["schema"], schemas)
    for name in {name for each in operations for name in _named(each.get("requestBody"), schemas)}:
        for field in schemas[name].get("properties", {}).values():
            _tell_default(field)


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """A value that a schema allows, made of the examples of its parts."""
    if "$ref" in schema and "default" not in schema:
        return example_of(schemas[_name_of(schema)], schemas)
    if told := [*schema.get("examples", ()), *(schema[key] for key in _TOLD if key in schema)]:
        return told[0]
    if "anyOf" in schema or "enum" in schema:
        return schema["enum"][0] if "enum" in schema else example_of(schema["anyOf"][0], schemas)
    if schema["type"] == "object":
        return {name: example_of(field, schemas) for name, field in schema.get("properties", {}).items()}
    return [example_of(schema["items"], schemas)] if schema["type"] == "array" else _WRITTEN[schema["type"]]


def _json_bodies(parts: Iterator[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    return (part["content"][_JSON] for part in parts if part.get("content", {}).get(_JSON, {}).get("schema"))


def _without_null(example: Any) -> Any:  # noqa: ANN401
    if not isinstance(example, dict):
        return example
    return {name: _without_null(value) for name, value in example.items() if value is not None}


def _named(part: Any, schemas: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    """The schemas that a part of the description refers to, and those that they refer to."""
    if isinstance(part, list):
        for each in part:
            yield from _named(each, schemas)
    elif isinstance(part, dict):
        if "$ref" in part:
            yield _name_of(part)
            yield from _named(schemas[_name_of(part)], schemas)
        yield from _named(list(part.values()), schemas)


def _name_of(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _tell_default(field: dict[str, Any]) -> None:
    default = field.pop("default", None)
    if default is not None:
        told = json.dumps(default)
        field["description"] = f"{field.get('description', '')} Default: `{told}`.".lstrip()
