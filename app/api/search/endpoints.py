"""/v1/search and /v1/collections/{collection}/search."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool

from app.addresses import AddressesOf
from app.api.filters import FilterOf
from app.api.search.asking import (
    BUDGET,
    CURSOR,
    EFFORT,
    EXPLAIN,
    FACETS,
    MARKS,
    MAX_BUDGET_MS,
    MAX_QUERY_CHARACTERS,
    NEIGHBOURS,
    OFFSET,
    PER_DOCUMENT,
    SORT,
    SORT_FIELD,
    DocumentIdText,
    Filters,
    SearchBody,
    SearchOptions,
)
from app.api.search.batches import BatchResponse, SearchBatch
from app.api.search.schemas import SearchResponse
from app.multipart import BINARY
from app.problems import documented
from app.query_images import receive_image
from app.searching import search, search_many
from app.state import LibraryOf, ServicesOf
from vdr.errors import (
    BadFilter,
    BadInput,
    BudgetTooSmall,
    CollectionNotFound,
    CrossSite,
    CursorExpired,
    EmbedderUnavailable,
    ImageTooLarge,
    IndexMismatch,
    IndexUnavailable,
    NotAnImage,
    NotCalibrated,
    NotFound,
    ObjectDamaged,
    ObjectsUnavailable,
    RequestTooLarge,
    RerankerUnavailable,
    StorageFull,
    TooManySearches,
    WrongContentType,
)
from vdr.search.request import MAX_CURSOR, MAX_FACETS, MAX_NEIGHBOURS
from vdr.types import Effort, SearchMode, SearchSort

router = APIRouter(prefix="/search", tags=["search"])

_MULTIPART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["image"],
                    "properties": {
                        "image": {**BINARY, "description": "PNG, JPEG or WebP."},
                    },
                }
            }
        },
    }
}

_BESIDE = "A question or a few words: pages that answer it and are like the image come first."
_SEARCHING = (
    BadFilter,
    BadInput,
    BudgetTooSmall,
    CollectionNotFound,
    CrossSite,
    CursorExpired,
    EmbedderUnavailable,
    IndexMismatch,
    IndexUnavailable,
    NotCalibrated,
    ObjectDamaged,
    ObjectsUnavailable,
    RerankerUnavailable,
    TooManySearches,
    WrongContentType,
)


@router.post("", name="search", responses=documented(*_SEARCHING, NotFound, RequestTooLarge))
async def search_pages(
    body: SearchBody, services: ServicesOf, library: LibraryOf, addresses: AddressesOf
) -> SearchResponse:
    """Find the pages that answer a question, or that are like a page."""
    found = await search(services, library, body.asked())
    return SearchResponse.of(addresses, found, explained=body.explain)


@router.post("/batch", name="search_batch", responses=documented(*_SEARCHING, NotFound, RequestTooLarge))
async def search_batch(
    body: SearchBatch, services: ServicesOf, library: LibraryOf, addresses: AddressesOf
) -> BatchResponse:
    """Answer up to 100 searches in one round trip. If one of them cannot be answered, none is."""
    found = await search_many(services, library, body.to_requests())
    # In a thread: a thousand hits take a second to write down where they are explained.
    return await run_in_threadpool(BatchResponse.of, addresses, found, body)


@router.post(
    "/image",
    name="search_by_image",
    responses=documented(*_SEARCHING, NotAnImage, ImageTooLarge, StorageFull),
    openapi_extra=_MULTIPART,
)
async def search_by_image(
    request: Request,
    services: ServicesOf,
    library: LibraryOf,
    addresses: AddressesOf,
    filter: FilterOf,
    query: Annotated[
        Annotated[
            str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY_CHARACTERS)
        ]
        | None,
        Query(description=_BESIDE),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Maximum number of results.")] = 10,
    offset: Annotated[int, Query(ge=0, description=OFFSET)] = 0,
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR, description=CURSOR)] = None,
    sort: Annotated[SearchSort, Query(description=SORT)] = SearchSort.RELEVANCE,
    sort_field: Annotated[str | None, Query(description=SORT_FIELD)] = None,
    mode: Annotated[SearchMode, Query(description="See POST /v1/search.")] = SearchMode.HYBRID,
    rerank: Annotated[bool, Query(description="Rerank the best pages.")] = True,
    pages_per_document: Annotated[int | None, Query(ge=1, le=100, description=PER_DOCUMENT)] = None,
    effort: Annotated[Effort, Query(description=EFFORT)] = Effort.BALANCED,
    budget_ms: Annotated[int | None, Query(ge=1, le=MAX_BUDGET_MS, description=BUDGET)] = None,
    neighbours: Annotated[int, Query(ge=0, le=MAX_NEIGHBOURS, description=NEIGHBOURS)] = 0,
    facets: Annotated[list[str], Query(max_length=MAX_FACETS, description=FACETS)] = [],  # noqa: B006
    marks: Annotated[bool, Query(description=MARKS)] = False,
    explain: Annotated[bool, Query(description=EXPLAIN)] = False,
    document_ids: Annotated[
        list[DocumentIdText], Query(max_length=1_000, description="Search only these documents.")
    ] = [],  # noqa: B006 - FastAPI copies it
) -> SearchResponse:
    """Find the pages that are like an image, and answer a question if one is sent with it."""
    options = SearchOptions(
        limit=limit,
        offset=offset,
        cursor=cursor,
        sort=sort,
        sort_field=sort_field,
        mode=mode,
        rerank=rerank,
        pages_per_document=pages_per_document,
        effort=effort,
        budget_ms=budget_ms,
        neighbours=neighbours,
        facets=facets,
        marks=marks,
        explain=explain,
        filters=Filters(document_ids=document_ids),
    )
    received = await receive_image(request, services)
    asked = options.to_request(filter, text=query, image=received.image)
    return SearchResponse.of(addresses, await search(services, library, asked), explained=explain)
