"""The web UI: the whole page, and the fragments that htmx requests."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.addresses import addresses
from app.api.filters import MAX_FILTER_CHARACTERS
from app.api.search.schemas import MAX_QUERY_CHARACTERS
from app.cursors import cursor_at, read_cursor
from app.query_images import QueryImage, receive_image
from app.searching import search
from app.state import LibraryOf, Services, ServicesOf
from app.ui.apart import documents_apart, documents_found
from app.ui.examples import examples
from app.ui.forms import FilterText, FormOf, QueryText, SearchForm, form_of
from app.ui.results import ResultsView, results_view
from app.ui.routing import HtmlRoute, templates
from app.ui.views import LibraryView, library_view, page_name, page_number_of, page_view
from app.uploads import Outcome, take_in
from indexer.library import Library
from indexer.pdf.as_pdf import accepted_kinds
from indexer.pdf.kinds import SUFFIXES
from vdr.errors import BadFilter, BadInput
from vdr.filters import parse_filter_text
from vdr.search.request import all_of, in_documents
from vdr.types import (
    Document,
    DocumentState,
    Filter,
    Listing,
    PageRef,
    Priority,
    SearchMode,
    SearchRequest,
)

router = APIRouter(include_in_schema=False, route_class=HtmlRoute, default_response_class=HTMLResponse)

_DOCUMENTS = 50
PageTyped = Annotated[str, Query(max_length=40)]
_CHANGED: Mapping[str, object] = {"library-changed": ""}
_CHOICES = 500  # documents that the filter offers
_MODE_HINTS = {
    SearchMode.VISUAL: "Search what the pages look like",
    SearchMode.TEXT: "Search the text of the PDFs only",
    SearchMode.HYBRID: "Search both (recommended)",
}


@router.get("/")
async def home(request: Request, form: FormOf, services: ServicesOf, library: LibraryOf) -> Response:
    """The web UI, with results if its address contains a question."""
    results = await _results(services, library, form) if form.is_asked else None
    shown, choices, suggestions = await run_in_threadpool(_surroundings, library)
    names = [each.name for each in await run_in_threadpool(library.collections.list)]
    context = {
        "collection": library.collection.name,
        "collections": names,
        "form": form,
        "results": results,
        "library": shown,
        "choices": choices,
        "examples": suggestions,
        "modes": tuple(SearchMode),
        "mode_hints": _MODE_HINTS,
        "max_query": MAX_QUERY_CHARACTERS,
        "max_filter": MAX_FILTER_CHARACTERS,
    }
    return templates.TemplateResponse(request, "home.html", {**context, "accepted": _accepted()})


@router.get("/ui/results")
async def results(request: Request, form: FormOf, services: ServicesOf, library: LibraryOf) -> Response:
    """The results of a search, and the address that shows them again."""
    if not form.is_asked:
        raise BadInput("No question was entered.", remedy="Type a question into the search box.")
    found = await _results(services, library, form)
    shown = await run_in_threadpool(_library, library)
    context = {"results": found, "form": form, "library": shown}
    response = templates.TemplateResponse(request, "_results.html", context)
    response.headers["HX-Push-Url"] = f"{addresses(request).ui}/{form.address}"
    return response


@router.post("/ui/results/image")
async def results_by_image(request: Request, services: ServicesOf, library: LibraryOf) -> Response:
    """The results of a search by an image, which has no address: the image is not kept."""
    fields: dict[str, str] = {}
    image = await receive_image(request, services, fields)
    form = form_of(fields)
    found = await _results(services, library, form, image)
    shown = await run_in_threadpool(_library, library)
    context = {"results": found, "form": form, "library": shown}
    return templates.TemplateResponse(request, "_results.html", context)


@router.get("/ui/intro")
def intro(request: Request, library: LibraryOf) -> Response:
    """What is shown before the first search: examples, or how to begin."""
    shown, _, suggestions = _surroundings(library)
    return templates.TemplateResponse(request, "_intro.html", {"library": shown, "examples": suggestions})


@router.get("/ui/choices")
def choices(request: Request, form: FormOf, library: LibraryOf) -> Response:
    """The documents that the filter offers."""
    context = {"choices": _choices(library), "form": form}
    return templates.TemplateResponse(request, "_choices.html", context)


@router.get("/ui/library")
def document_list(
    request: Request,
    library: LibraryOf,
    indexed: int = -1,
    limit: Annotated[int, Query(ge=1, le=_CHOICES)] = _DOCUMENTS,
    filter: FilterText = "",
) -> Response:
    """The list of documents; polled while any is being indexed."""
    return _library_response(request, library, filter, limit=limit, known_indexed=indexed)


@router.get("/ui/library/older")
def older(request: Request, library: LibraryOf, after: str, filter: FilterText = "") -> Response:
    """The documents after a given one in the list."""
    context = {"library": _library(library, after=after, filter=filter)}
    return templates.TemplateResponse(request, "_older.html", context)


@router.post("/ui/documents")
async def upload(request: Request, services: ServicesOf, library: LibraryOf) -> Response:
    """Uploads files; answers with the list and a message for each rejected file."""
    outcomes = await take_in(request, services, library, Priority.INTERACTIVE)
    return await run_in_threadpool(_library_response, request, library, outcomes=outcomes, events=_CHANGED)


@router.delete("/ui/documents/{document_id}")
def delete(request: Request, document_id: str, library: LibraryOf, filter: FilterText = "") -> Response:
    """Deletes a document; answers with the list."""
    library.delete(document_id)
    events = {**_CHANGED, "document-deleted": {"ids": [document_id]}}
    return _library_response(request, library, filter, events=events)


@router.post("/ui/documents/{document_id}/cancel")
def cancel(request: Request, document_id: str, library: LibraryOf, filter: FilterText = "") -> Response:
    """Stops indexing a document; answers with the list."""
    library.cancel(document_id)
    return _library_response(request, library, filter, events=_CHANGED)


@router.post("/ui/documents/{document_id}/retry")
def retry(request: Request, document_id: str, library: LibraryOf, filter: FilterText = "") -> Response:
    """Indexes a document again; answers with the list."""
    library.retry(document_id)
    return _library_response(request, library, filter, events=_CHANGED)


@router.get("/ui/pages/{document_id}")
def page_fragment_by_label(
    request: Request, document_id: str, library: LibraryOf, page: PageTyped, q: QueryText = ""
) -> Response:
    """The page that somebody typed the number of, for the viewer."""
    return page_fragment(request, document_id, page_number_of(library, document_id, page), library, q)


@router.get("/documents/{document_id}")
def document(
    request: Request, document_id: str, library: LibraryOf, page: PageTyped = "", q: QueryText = ""
) -> Response:
    """Leads to a page of a document: the one typed, or the first."""
    number = page_number_of(library, document_id, page) if page else 1
    query = f"?{urlencode({'q': q})}" if q else ""
    return RedirectResponse(f"{addresses(request).page(PageRef(document_id, number))}{query}", 303)


@router.get("/ui/pages/{document_id}/{page_number}")
def page_fragment(
    request: Request, document_id: str, page_number: int, library: LibraryOf, q: QueryText = ""
) -> Response:
    """A page for the viewer."""
    view = page_view(library, PageRef(document_id, page_number), q)
    return templates.TemplateResponse(request, "_page.html", {"page": view, "is_dialog": True})


@router.get("/documents/{document_id}/pages/{page_number}")
def page(
    request: Request, document_id: str, page_number: int, library: LibraryOf, q: QueryText = ""
) -> Response:
    """A page with an address of its own, to link to."""
    view = page_view(library, PageRef(document_id, page_number), q)
    return templates.TemplateResponse(request, "page.html", {"page": view, "is_dialog": False})


async def _results(
    services: Services, library: Library, form: SearchForm, by_image: QueryImage | None = None
) -> ResultsView:
    try:
        asked = _read(form.filter)
    except BadFilter as error:  # the form is still there to correct it in
        return ResultsView(form.query, problem=error)
    chosen = all_of(in_documents([form.document_id] if form.document_id else []), asked)
    request = SearchRequest(
        None if by_image else form.query,
        None if by_image is None else by_image.image,
        None if by_image else form.page,
        mode=form.mode,
        filter=chosen,
        limit=form.shown + 1,  # one more tells that there are more
        explain=True,
    )
    found = await search(services, library, request)
    like = "" if request.page is None else await run_in_threadpool(page_name, library, request.page)
    documents = await run_in_threadpool(documents_found, library, found)
    return results_view(found, documents, form.query, form.shown, by_image.name if by_image else like)


def _accepted() -> str:
    """The endings that the browser offers to choose from."""
    return ",".join(f".{suffix}" for kind in accepted_kinds() for suffix in SUFFIXES[kind])


def _surroundings(library: Library) -> tuple[LibraryView, list[Document], tuple[str, ...]]:
    documents = library.catalogue.page(_CHOICES)
    return _library(library), _indexed(library, documents), examples(library, documents)


def _library(
    library: Library, limit: int = _DOCUMENTS, after: str | None = None, filter: str = ""
) -> LibraryView:
    catalogue = library.catalogue
    indexed_count = catalogue.count(Listing(states=(DocumentState.INDEXED,)))
    try:
        listing = Listing(_read(filter))
        found = catalogue.page(limit + 1, listing, read_cursor(after, listing) if after else None)
    except BadFilter as error:  # a list of documents knows no pages
        return LibraryView((), None, indexed_count, filter, problem=error)
    next_after = cursor_at(found[limit - 1], listing) if len(found) > limit else None
    return library_view(documents_apart(library, found[:limit]), next_after, indexed_count, filter)


def _read(filter: str) -> Filter | None:
    return parse_filter_text(filter) if filter.strip() else None


def _choices(library: Library) -> list[Document]:
    return _indexed(library, library.catalogue.page(_CHOICES))


def _indexed(library: Library, documents: list[Document]) -> list[Document]:
    indexed = [document for document in documents if document.indexing.state is DocumentState.INDEXED]
    return sorted(documents_apart(library, indexed), key=lambda document: document.name.lower())


def _library_response(
    request: Request,
    library: Library,
    filter: str = "",
    *,
    limit: int = _DOCUMENTS,
    known_indexed: int = -1,
    outcomes: Sequence[Outcome] | None = None,
    events: Mapping[str, object] | None = None,
) -> Response:
    view = _library(library, limit, filter=filter)
    if known_indexed not in {-1, view.indexed_count}:
        events = _CHANGED
    context = {"library": view, "outcomes": outcomes, "max_filter": MAX_FILTER_CHARACTERS}
    response = templates.TemplateResponse(request, "_library_response.html", context)
    if events:
        response.headers["HX-Trigger"] = json.dumps(events)
    return response
