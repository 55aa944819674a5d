"""/docs: the reference of the HTTP API, to read and to try out, by Swagger UI from our own files."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.ui.routing import HtmlRoute, templates

router = APIRouter(include_in_schema=False, route_class=HtmlRoute, default_response_class=HTMLResponse)


@router.get("/docs", name="api_reference")
def api_reference(request: Request) -> Response:
    """Every operation of the API, with a form to try it out on this service."""
    return templates.TemplateResponse(request, "reference.html", {})
