"""What a curl command of the documents asks of the service, and whether OpenAPI has it."""

import json
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

_ADDRESS = re.compile(r"(?:https?://)?[\w.-]+(?::\d+)?(/[^\s]*)")

# A path of a proxy, below which the service is (VDR_ROOT_PATH).
_BELOW = re.compile(r"^/[\w-]+(?=/v1/)")


@dataclass(frozen=True, slots=True)
class Request:
    """`fields` are the names of a form's fields, `body` what was sent as JSON."""

    method: str
    path: str
    query: tuple[str, ...]
    fields: tuple[str, ...]
    body: str | None


def request_of(arguments: list[str]) -> Request:
    """The request that curl makes. An option that is not known here ends in SystemExit."""
    given = _parser().parse_args(arguments)
    found = _ADDRESS.fullmatch(given.address)
    assert found, f"{given.address} is no address"
    parts = urlsplit(found[1])
    query = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    if given.get:
        query += [each.partition("=")[0] for each in (*given.data, *given.encoded)]
    sends = "POST" if (given.data or given.form) and not given.get else "GET"
    return Request(
        method="HEAD" if given.head else given.method or sends,
        path=_BELOW.sub("", parts.path),
        query=tuple(query),
        fields=tuple(each.partition("=")[0] for each in given.form),
        body=given.data[-1] if given.data and not given.get else None,
    )


def faults(request: Request, description: dict[str, Any]) -> Iterator[str]:
    """What OpenAPI's description of the service does not have of a request."""
    operation = _operation(request, description)
    if operation is None:
        yield f"no {request.method} {request.path}"
        return
    taken = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
    yield from (f"no parameter {name}" for name in request.query if name not in taken)
    sent = operation.get("requestBody", {}).get("content", {})
    form = _resolved(sent.get("multipart/form-data", {}).get("schema", {}), description)
    yield from (f"no field {name}" for name in request.fields if name not in form.get("properties", {}))
    if request.body is not None:
        schema = next(each["schema"] for kind, each in sent.items() if kind.endswith("json"))
        whole = {**schema, "components": description["components"]}
        yield from (
            error.message for error in Draft202012Validator(whole).iter_errors(json.loads(request.body))
        )


def _operation(request: Request, description: dict[str, Any]) -> dict[str, Any] | None:
    """Addresses without parameters come before those with."""
    for path, methods in sorted(description["paths"].items(), key=lambda each: each[0].count("{")):
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        method = "get" if request.method == "HEAD" else request.method.lower()
        if re.fullmatch(pattern, request.path) and method in methods:
            return dict(methods[method])
    return None


def _resolved(schema: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    return dict(description["components"]["schemas"][schema["$ref"].rpartition("/")[2]])


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="curl", allow_abbrev=False)
    parser.add_argument("address")
    parser.add_argument("-X", "--request", dest="method")
    for names in (("-d", "--data"), ("-F", "--form"), ("-H", "--header")):
        parser.add_argument(*names, action="append", default=[])
    parser.add_argument("--data-urlencode", dest="encoded", action="append", default=[])
    for flag in ("-s", "-S", "-N", "-f", "-i", "-L", "-k"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("-G", "--get", action="store_true")
    parser.add_argument("-I", "--head", action="store_true")
    for name in ("-o", "-u", "--cacert"):
        parser.add_argument(name)
    return parser
