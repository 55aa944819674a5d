"""The list of documents in the web UI: uploads, deletions, names, and how far each has come."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from app.api.documents.schemas import DocumentId
from app.api.filters import MAX_FILTER_CHARACTERS
from app.api.search.asking import DocumentIdText
from app.state import LibraryOf, ServicesOf
from app.ui.list_form import ORDERS, STANDINGS, WHOLE, ListForm, ListFormOf, home_with_list
from app.ui.listing import DOCUMENTS, library_view
from app.ui.routing import HtmlRoute, templates
from app.uploads import Outcome, take_in
from indexer.library import Library
from vdr.errors import BadInput
from vdr.types import Priority

router = APIRouter(include_in_schema=False, route_class=HtmlRoute, default_response_class=HTMLResponse)

_CHANGED: Mapping[str, object] = {"library-changed": ""}
_MOST_SHOWN = 500
_MAX_NAME = 255


@router.get("/ui/library")
def document_list(
    request: Request,
    library: LibraryOf,
    form: ListFormOf,
    indexed: int = -1,
    limit: Annotated[int, Query(ge=1, le=_MOST_SHOWN)] = DOCUMENTS,
) -> Response:
    """A page of the list of documents; polled while any of them is being indexed."""
    return _list(request, library, form, limit=limit, known_indexed=indexed)


@router.post("/ui/documents")
async def upload(request: Request, services: ServicesOf, library: LibraryOf) -> Response:
    """Uploads files; answers with the list and a message for each rejected file."""
    outcomes = await take_in(request, services, library, Priority.INTERACTIVE)
    return await run_in_threadpool(_list, request, library, outcomes=outcomes, events=_CHANGED)


@router.patch("/ui/documents/{document_id}")
def rename(
    request: Request,
    document_id: DocumentId,
    library: LibraryOf,
    form: ListFormOf,
    new_name: Annotated[str, Form(max_length=_MAX_NAME)] = "",
) -> Response:
    """Gives a document another name; answers with the list."""
    if not new_name.strip():
        raise BadInput("No name was entered.", remedy="Type a name for the document.")
    library.change(document_id, name=new_name)
    return _list(request, library, form, events=_CHANGED)


@router.delete("/ui/documents/{document_id}")
def delete(request: Request, document_id: str, library: LibraryOf, form: ListFormOf) -> Response:
    """Deletes a document; answers with the list."""
    library.delete(document_id)
    return _list(request, library, form, events=_deleted([document_id]))


@router.post("/ui/deletions")
def delete_many(
    request: Request, library: LibraryOf, form: ListFormOf, ids: Annotated[list[DocumentIdText], Form()]
) -> Response:
    """Deletes the documents that were selected; answers with the list."""
    library.delete_all(ids)
    return _list(request, library, form, events=_deleted(ids))


@router.post("/ui/documents/{document_id}/cancel")
def cancel(request: Request, document_id: str, library: LibraryOf, form: ListFormOf) -> Response:
    """Stops indexing a document; answers with the list."""
    library.cancel(document_id)
    return _list(request, library, form, events=_CHANGED)


@router.post("/ui/documents/{document_id}/retry")
def retry(request: Request, document_id: str, library: LibraryOf, form: ListFormOf) -> Response:
    """Indexes a document again; answers with the list."""
    library.retry(document_id)
    return _list(request, library, form, events=_CHANGED)


def _deleted(ids: Sequence[str]) -> Mapping[str, object]:
    return {**_CHANGED, "document-deleted": {"ids": list(ids)}}


def _list(
    request: Request,
    library: Library,
    form: ListForm = WHOLE,
    *,
    limit: int = DOCUMENTS,
    known_indexed: int = -1,
    outcomes: Sequence[Outcome] | None = None,
    events: Mapping[str, object] | None = None,
) -> Response:
    view = library_view(library, form, limit)
    if known_indexed not in {-1, view.indexed_count}:
        events = _CHANGED
    context = {
        "library": view,
        "outcomes": outcomes,
        "max_filter": MAX_FILTER_CHARACTERS,
        "orders": ORDERS,
        "standings": STANDINGS,
    }
    response = templates.TemplateResponse(request, "_library_response.html", context)
    if events:
        response.headers["HX-Trigger"] = json.dumps(events)
    is_poll = known_indexed != -1
    if not is_poll and (address := home_with_list(request, form)) is not None:
        response.headers["HX-Replace-Url"] = address
    return response
