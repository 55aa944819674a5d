"""Query parameters that an address does not have are refused, like unknown fields of a body."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool


async def only_known_parameters(request: Request) -> None:
    """Raises RequestValidationError, which names each query parameter that the description does not have."""
    given = set(request.query_params)
    # Without any, none is looked up: the description takes part of a second to make.
    if given and (unknown := given - await run_in_threadpool(_described, request)):
        raise RequestValidationError([_fault(name) for name in sorted(unknown)])


def _described(request: Request) -> set[str]:
    """The query parameters of the request's address; nobody can use one that is not described."""
    paths: Mapping[str, Mapping[str, Any]] = request.app.openapi()["paths"]
    name = request.scope["route"].name  # the operation's id, too
    operation = next(each for path in paths.values() for each in path.values() if each["operationId"] == name)
    return {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}


def _fault(name: str) -> dict[str, Any]:
    return {
        "type": "extra_forbidden",
        "loc": ("query", name),
        "msg": "Unknown query parameter",
        "input": None,
    }
