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
from app.observed import note_code
from app.page_images import KEPT_WIDTHS
from app.problems import explain
from app.static_files import StaticAssets
from app.ui.remedies import remedy_for_people
from vdr.errors import VdrError

_HERE = Path(__file__).parent
STATIC = StaticAssets(_HERE / "static")
_jinja = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_jinja.globals["widths"] = KEPT_WIDTHS
_jinja.filters["remedy"] = remedy_for_people


def _addresses(request: Request) -> dict[str, Any]:
    at = addresses(request)
    return {"at": at, "static": f"{at.root}/static/{STATIC.version}"}


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
                return problem_page(request, error)

        return handle_kindly


def problem_page(request: Request, error: Exception) -> Response:
    """An error as people read it: a fragment for htmx, else a whole page."""
    explained, _ = explain(error, request)
    note_code(request.scope, explained.code)
    is_fragment = "hx-request" in request.headers
    name = "_problem.html" if is_fragment else "problem.html"
    return templates.TemplateResponse(request, name, {"error": explained}, status_code=explained.status)
