"""/v1/search and /v1/collections/{collection}/search."""

from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from PIL.Image import Image
from starlette.concurrency import run_in_threadpool

from app.addresses import AddressesOf
from app.api.filters import FilterOf
from app.api.search.schemas import (
    MARKS,
    OFFSET,
    DocumentIdText,
    Filters,
    SearchBody,
    SearchOptions,
    SearchResponse,
)
from app.images import MAX_QUERY_BYTES, decode_query
from app.multipart import receive_files
from app.problems import documented
from app.searching import search
from app.state import LibraryOf, Services, ServicesOf
from vdr.errors import (
    BadFilter,
    BadInput,
    CollectionNotFound,
    CrossSite,
    ImageTooLarge,
    IndexMismatch,
    IndexUnavailable,
    NotAnImage,
    NotFound,
    ObjectDamaged,
    ObjectsUnavailable,
    RequestTooLarge,
    StorageFull,
)
from vdr.types import SearchMode

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
                        "image": {
                            "type": "string",
                            "contentMediaType": "application/octet-stream",
                            "description": "PNG, JPEG or WebP.",
                        }
                    },
                }
            }
        },
    }
}

_SEARCHING = (
    BadFilter,
    BadInput,
    CollectionNotFound,
    CrossSite,
    IndexMismatch,
    IndexUnavailable,
    ObjectDamaged,
    ObjectsUnavailable,
)


@router.post("", name="search", responses=documented(*_SEARCHING, NotFound, RequestTooLarge))
async def search_pages(
    body: SearchBody, services: ServicesOf, library: LibraryOf, addresses: AddressesOf
) -> SearchResponse:
    """Find the pages that answer a question, or that are like a page."""
    asked = body.to_request(body.to_filter(), text=body.query, page=body.to_page())
    return SearchResponse.of(addresses, await search(services, library, asked))


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
    limit: Annotated[int, Query(ge=1, le=100, description="Maximum number of results.")] = 10,
    offset: Annotated[int, Query(ge=0, description=OFFSET)] = 0,
    mode: Annotated[SearchMode, Query(description="See POST /v1/search.")] = SearchMode.HYBRID,
    rerank: Annotated[bool, Query(description="Rerank the best pages.")] = True,
    marks: Annotated[bool, Query(description=MARKS)] = False,
    document_ids: Annotated[
        list[DocumentIdText], Query(max_length=1_000, description="Search only these documents.")
    ] = [],  # noqa: B006 - FastAPI copies it
) -> SearchResponse:
    """Find the pages that look like an image or show what is on it."""
    options = SearchOptions(
        limit=limit,
        offset=offset,
        mode=mode,
        rerank=rerank,
        marks=marks,
        filters=Filters(document_ids=document_ids),
    )
    image = await _receive_image(request, services)
    asked = options.to_request(filter, image=image)
    return SearchResponse.of(addresses, await search(services, library, asked))


async def _receive_image(request: Request, services: Services) -> Image:
    async with aclosing(receive_files(request, services.uploads, MAX_QUERY_BYTES)) as files:
        async for file in files:
            if file.path is None:
                raise ImageTooLarge(f"{file.name} exceeds the limit of {MAX_QUERY_BYTES:,} bytes.")
            return await run_in_threadpool(lambda path: decode_query(path.read_bytes()), file.path)
    raise BadInput("The request contains no image.", remedy="Send one in the field `image`.")
