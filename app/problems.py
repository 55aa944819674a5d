"""Errors as RFC 9457 `application/problem+json`: one tree in, one shape out."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount

from app.addresses import API
from app.head import is_head
from app.observed import note_code
from app.request_ids import HEADER, request_id
from vdr.errors import BadInput, MethodNotAllowed, UnknownHost, UnknownRoute, VdrError, WrongContentType

_LOG = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
Page = Callable[[Request, Exception], Response]
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class FieldProblem(BaseModel):
    """What is wrong with one field of the request."""

    field: str = Field(description="Path of the field, with dots.", examples=["filters.document_ids.0"])
    message: str = Field(examples=["String should have at least 1 character"])


class Problem(BaseModel):
    """Why a request failed, and what to do about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:vdr:error:pdf_encrypted",
                "title": "The PDF is password-protected.",
                "status": 422,
                "detail": "report.pdf is password-protected.",
                "code": "pdf_encrypted",
                "remedy": "Enter its password (the field `password`, or vdr index --ask-password).",
            }
        }
    )

    type: str = Field(description="URI of the type of error.")
    title: str = Field(description="What this type of error means.")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="What happened in this case.")
    code: str = Field(description="Stable code of the type of error.")
    remedy: str = Field(description="How to fix it.")
    errors: list[FieldProblem] = Field(
        default_factory=list, description="The invalid fields, if the input is invalid."
    )
    request_id: str | None = Field(
        None, description="Id of the request, to find it in the log.", examples=["4f2c9a1e7b0d4c5f"]
    )

    @classmethod
    def of(cls, error: VdrError, fields: Sequence[FieldProblem] = ()) -> "Problem":
        """The problem that an error is."""
        return cls(
            type=f"urn:vdr:error:{error.code}",
            title=(type(error).__doc__ or "").partition("\n")[0],
            status=error.status,
            detail=error.message,
            code=error.code,
            remedy=error.remedy,
            errors=list(fields),
            request_id=request_id(),
        )


def documented(*errors: type[VdrError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint that may answer with these errors, for OpenAPI."""
    by_status: dict[int, list[type[VdrError]]] = {}
    kinds: tuple[type[VdrError], ...] = (*errors, UnknownHost, VdrError)
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {status: _response(kinds) for status, kinds in sorted(by_status.items())}


def _response(kinds: Iterable[type[VdrError]]) -> dict[str, Any]:
    lines = [f"`{kind.code}`: {(kind.__doc__ or '').partition(chr(10))[0]}" for kind in kinds]
    schema = {"$ref": "#/components/schemas/Problem"}
    # With `model` FastAPI would add that problems come as application/json too, which they never do.
    return {"description": "\n\n".join(lines), "content": {MEDIA_TYPE: {"schema": schema}}}


def install(app: FastAPI, headers: Mapping[str, str], page: Page) -> None:
    """Answer every error of `app` with a problem, and a browser that opens an address with a `page`.

    One that nobody expected is answered outside of all middleware: it gets `headers` here.
    """

    def on_http(request: Request, error: Exception) -> Response:
        is_missing = isinstance(error, HTTPException) and error.status_code == 404
        return page(request, error) if is_missing and _is_opened(request) else _on_http(request, error)

    def on_unexpected(request: Request, error: Exception) -> Response:
        _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return answer(error, request, {**headers, HEADER: request_id() or ""})

    app.add_exception_handler(VdrError, _on_vdr_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_unexpected)


def _is_opened(request: Request) -> bool:
    """Whether a person opens the address in a browser: programs do not ask for HTML before all else."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    accepted = request.headers.get("accept", "")
    return request.method in {"GET", "HEAD"} and accepted.startswith("text/html") and not _is_api(path)


def _is_api(path: str) -> bool:
    return path == API or path.startswith(f"{API}/")


def explain(error: Exception, request: Request) -> tuple[VdrError, list[FieldProblem]]:
    """Any exception as one of our tree, with the fields at fault if there are any."""
    if isinstance(error, VdrError):
        return error, []
    if isinstance(error, RequestValidationError) and _is_unread(error, request):
        said = request.headers.get("content-type")
        return WrongContentType(
            f"Content-Type {said!r} is not JSON." if said else "No Content-Type was sent."
        ), []
    if isinstance(error, RequestValidationError):
        fields = [_field_problem(entry) for entry in error.errors()]
        return BadInput("; ".join(f"{each.field}: {each.message}" for each in fields)), fields
    if isinstance(error, HTTPException):
        return _from_http(error, request), []
    return VdrError("An unexpected error occurred."), []


def _is_unread(error: RequestValidationError, request: Request) -> bool:
    """Whether a body was not read as JSON because it does not claim to be."""
    main, _, sub = request.headers.get("content-type", "").partition(";")[0].strip().lower().partition("/")
    is_json = main == "application" and (sub == "json" or sub.endswith("+json"))
    whole = any(fault["loc"] == ("body",) and fault["type"] != "missing" for fault in error.errors())
    return whole and not is_json


def answer(error: Exception, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """The error as a problem response."""
    explained, fields = explain(error, request)
    note_code(request.scope, explained.code)
    content = Problem.of(explained, fields).model_dump()
    retry = {} if explained.retry_after_s is None else {"Retry-After": str(explained.retry_after_s)}
    return JSONResponse(
        content, explained.status, headers={**retry, **(headers or {})}, media_type=MEDIA_TYPE
    )


def _on_vdr_error(request: Request, error: Exception) -> Response:
    return answer(error, request)


def _on_invalid(request: Request, error: Exception) -> Response:
    return answer(error, request)


def _on_http(request: Request, error: Exception) -> Response:
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if "Allow" in headers:
        headers["Allow"] = ", ".join(_methods(request)) or headers["Allow"]
    return answer(error, request, headers)


def _methods(request: Request) -> list[str]:
    """What the address answers to, by all of its routes; the framework names but the first one's methods."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    return [method for method in _METHODS if any(_serves(route, request, method) for route in routes)]


def _serves(route: BaseRoute, request: Request, method: str) -> bool:
    method = "GET" if method == "HEAD" else method
    match, _ = route.matches({**request.scope, "method": method})
    return match is Match.FULL


def _field_problem(entry: Mapping[str, Any]) -> FieldProblem:
    if entry["type"] == "json_invalid":
        where, reason = entry["loc"][-1], entry["ctx"]["error"]
        return FieldProblem(field="body", message=f"Invalid JSON at character {where}: {reason}")
    place = [str(part) for part in entry["loc"]]
    # "body", "query" and "path" say where FastAPI looked; people know the field by its own name.
    name = ".".join(place[1:]) or place[0]
    return FieldProblem(field=name, message=entry["msg"])


def _from_http(error: HTTPException, request: Request) -> VdrError:
    if error.status_code == 404:
        return UnknownRoute(f"{request.url.path} does not exist.")
    if error.status_code == 405:
        method = "HEAD" if is_head(request.scope) else request.method
        return MethodNotAllowed(f"{request.url.path} does not support {method}.")
    return BadInput(str(error.detail))
