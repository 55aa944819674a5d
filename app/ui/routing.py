"""A route whose errors people can read: HTML instead of problem+json."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader

from app.addresses import addresses
from app.problems import explain
from vdr.errors import VdrError

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_jinja = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def _addresses(request: Request) -> dict[str, Any]:
    return {"at": addresses(request)}


templates = Jinja2Templates(env=_jinja, context_processors=[_addresses])

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class HtmlRoute(APIRoute):
    """Answers a VdrError with its message and remedy: a fragment for htmx, else a whole page."""

    def get_route_handler(self) -> Handler:
        """The endpoint, its errors rendered."""
        handle = super().get_route_handler()

        async def handle_kindly(request: Request) -> Response:
            try:
                return await handle(request)
            except (VdrError, RequestValidationError) as error:
                return _problem(request, error)

        return handle_kindly


def _problem(request: Request, error: VdrError | RequestValidationError) -> Response:
    explained, _ = explain(error, request)
    is_fragment = "hx-request" in request.headers
    name = "_problem.html" if is_fragment else "problem.html"
    return templates.TemplateResponse(request, name, {"error": explained}, status_code=explained.status)
