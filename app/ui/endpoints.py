"""The web UI: the whole page, and the fragments that htmx requests."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.addresses import addresses
from app.api.filters import MAX_FILTER_CHARACTERS
from app.api.search.asking import MAX_QUERY_CHARACTERS
from app.query_images import QueryImage, receive_image
from app.searching import search
from app.state import LibraryOf, Services, ServicesOf
from app.ui.apart import documents_apart, documents_found
from app.ui.examples import examples
from app.ui.forms import FormOf, QueryText, SearchForm, form_of
from app.ui.judged import VIEWER, JudgedView
from app.ui.list_form import ORDERS, STANDINGS, ListFormOf, home_with_search
from app.ui.listing import library_view
from app.ui.narrowing import MOST_FIELDS, narrowing
from app.ui.results import ResultsView, results_view
from app.ui.routing import HtmlRoute, templates
from app.ui.views import page_name, page_number_of, page_view
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
    SearchMode,
    SearchRequest,
)

router = APIRouter(include_in_schema=False, route_class=HtmlRoute, default_response_class=HTMLResponse)

PageTyped = Annotated[str, Query(max_length=40)]
SearchTyped = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$")]
_CHOICES = 500  # documents that the filter offers
_SEARCHABLE = Listing(states=(DocumentState.INDEXED,))
_MODE_HINTS = {
    SearchMode.VISUAL: "Search what the pages look like",
    SearchMode.TEXT: "Search the text of the PDFs only",
    SearchMode.HYBRID: "Search both (recommended)",
}


@router.get("/")
async def home(
    request: Request, form: FormOf, list_form: ListFormOf, services: ServicesOf, library: LibraryOf
) -> Response:
    """The web UI, with results if its address contains a question."""
    results = await _results(services, library, form) if form.is_asked else None
    names = [each.name for each in await run_in_threadpool(library.collections.list)]
    context = {
        "collection": library.collection.name,
        "collections": names,
        "form": form,
        "results": results,
        "modes": tuple(SearchMode),
        "mode_hints": _MODE_HINTS,
        "max_query": MAX_QUERY_CHARACTERS,
        "max_filter": MAX_FILTER_CHARACTERS,
        "orders": ORDERS,
        "standings": STANDINGS,
        "listed": await run_in_threadpool(library_view, library, list_form),
        **await run_in_threadpool(_surroundings, library, form),
    }
    return templates.TemplateResponse(request, "home.html", {**context, "accepted": _accepted()})


@router.get("/ui/results")
async def results(request: Request, form: FormOf, services: ServicesOf, library: LibraryOf) -> Response:
    """The results of a search, and the address that shows them again."""
    if not form.is_asked:
        raise BadInput("No question was entered.", remedy="Type a question into the search box.")
    found = await _results(services, library, form)
    shown = await run_in_threadpool(library_view, library)
    context = {"results": found, "form": form, "library": shown}
    response = templates.TemplateResponse(request, "_results.html", context)
    response.headers["HX-Push-Url"] = home_with_search(request, form.encoded)
    return response


@router.post("/ui/results/image")
async def results_by_image(request: Request, services: ServicesOf, library: LibraryOf) -> Response:
    """The results of a search by an image, which has no address: the image is not kept."""
    fields: dict[str, str] = {}
    image = await receive_image(request, services, fields)
    form = form_of(fields)
    found = await _results(services, library, form, image)
    shown = await run_in_threadpool(library_view, library)
    context = {"results": found, "form": form, "library": shown}
    return templates.TemplateResponse(request, "_results.html", context)


@router.get("/ui/intro")
def intro(request: Request, form: FormOf, library: LibraryOf) -> Response:
    """What is shown before the first search: examples, or how to begin."""
    return templates.TemplateResponse(request, "_intro.html", _surroundings(library, form))


@router.get("/ui/choices")
def choices(request: Request, form: FormOf, library: LibraryOf) -> Response:
    """The documents that the filter offers."""
    context = {"form": form, **_choices(library, form, _searchable(library))}
    return templates.TemplateResponse(request, "_choices.html", context)


@router.get("/ui/pages/{document_id}")
def page_fragment_by_label(
    request: Request,
    document_id: str,
    library: LibraryOf,
    page: PageTyped,
    q: QueryText = "",
    search: SearchTyped = "",
) -> Response:
    """The page that somebody typed the number of, for the viewer."""
    return page_fragment(request, document_id, page_number_of(library, document_id, page), library, q, search)


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
    request: Request,
    document_id: str,
    page_number: int,
    library: LibraryOf,
    q: QueryText = "",
    search: SearchTyped = "",
) -> Response:
    """A page for the viewer, found by a search or turned to from a page that was."""
    view = page_view(library, PageRef(document_id, page_number), q)
    judged = JudgedView(search, document_id, page_number, VIEWER) if search else None
    context = {"page": view, "is_dialog": True, "judged": judged}
    return templates.TemplateResponse(request, "_page.html", context)


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
    # A search by an image has no address that could be narrowed.
    fields = [] if by_image else await run_in_threadpool(library.catalogue.metadata_keys, MOST_FIELDS)
    request = SearchRequest(
        None if by_image else form.query,
        None if by_image is None else by_image.image,
        None if by_image else form.page,
        mode=form.mode,
        filter=chosen,
        limit=form.shown + 1,  # one more tells that there are more
        explain=True,
        facets=tuple(fields),
    )
    found = await search(services, library, request, shown=form.shown)
    like = "" if request.page is None else await run_in_threadpool(page_name, library, request.page)
    documents = await run_in_threadpool(documents_found, library, found)
    name, back = (by_image.name, "") if by_image else (like, form.encoded)
    view = results_view(found, documents, form.query, form.shown, name, back)
    return replace(view, fields=narrowing(found.facets, form))


def _accepted() -> str:
    """The endings that the browser offers to choose from."""
    return ",".join(f".{suffix}" for kind in accepted_kinds() for suffix in SUFFIXES[kind])


def _surroundings(library: Library, form: SearchForm) -> dict[str, Any]:
    """What stands around the results, and in place of them where nothing was asked."""
    documents = _searchable(library)
    suggestions = () if form.is_asked else examples(library, documents)
    shown = library_view(library)
    return {"library": shown, "examples": suggestions, **_choices(library, form, documents)}


def _read(filter: str) -> Filter | None:
    return parse_filter_text(filter) if filter.strip() else None


def _searchable(library: Library) -> list[Document]:
    return library.catalogue.page(_CHOICES, _SEARCHABLE)


def _choices(library: Library, form: SearchForm, documents: list[Document]) -> dict[str, Any]:
    """The documents that the filter offers by name, the chosen one among them, and how many it leaves out."""
    unlisted = library.catalogue.count(_SEARCHABLE) - len(documents)
    if form.document_id and all(each.document_id != form.document_id for each in documents):
        chosen = library.catalogue.find(form.document_id)
        documents = [*documents, *([chosen] if chosen else [])]
    named = sorted(documents_apart(library, documents), key=lambda document: document.name.lower())
    return {"choices": named, "unlisted": unlisted}
