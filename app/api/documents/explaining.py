"""Why a page was found: which parts of it answer a question, in words and as a picture."""

from functools import partial
from hashlib import sha256
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response, status
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool

from app.api.documents.answers import READING_OBJECTS
from app.api.documents.reading import BYTES, IF_NONE_MATCH, PageOf, Width, has_version
from app.api.documents.schemas import ExplanationOut
from app.api.search.asking import MAX_QUERY_CHARACTERS
from app.images import TRANSPARENT_TYPES, accepted_type, encoded_transparent, size_at
from app.problems import documented
from app.state import LibraryOf, ServicesOf
from app.static_files import ASKED_AGAIN
from indexer.library import Library
from vdr.distribution import vdr_version
from vdr.errors import EmbedderUnavailable, IndexMismatch
from vdr.objects.words import encode_words
from vdr.search.explaining import explain
from vdr.search.heatmap import heatmap
from vdr.types import Explanation, PageRef, SearchRequest

router = APIRouter(prefix="/documents/{document_id}", tags=["documents"])

_EXPLAINING = (EmbedderUnavailable, IndexMismatch, *READING_OBJECTS)

Question = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY_CHARACTERS),
    Query(description="The question to explain the page for.", examples=["net sales by region"]),
]


@router.get(
    "/pages/{page_number}/explanation",
    name="explain_page",
    responses=documented(*_EXPLAINING),
)
async def explain_page(
    page: PageOf, services: ServicesOf, library: LibraryOf, query: Question
) -> ExplanationOut:
    """Explain which regions of a page answer a question, by the model that the collection is searched with.

    Takes as long as indexing the page or, with a model that gives one vector to an image, some dozen pages.
    """
    explained = await to_thread.run_sync(
        partial(_explained, library, query, page), limiter=services.explanations
    )
    return ExplanationOut.of(page, explained)


@router.get(
    "/pages/{page_number}/heatmap",
    name="get_heatmap",
    response_class=Response,
    responses={
        200: {"content": {kind: {"schema": BYTES} for kind in TRANSPARENT_TYPES}},
        304: {"description": "The client's version is current."},
        **documented(*_EXPLAINING),
    },
    openapi_extra=IF_NONE_MATCH,
)
async def get_heatmap(
    page: PageOf,
    request: Request,
    services: ServicesOf,
    library: LibraryOf,
    query: Question,
    width: Width = None,
) -> Response:
    """Get the explanation of a page as a transparent image to lay over that of the page, and of its size.

    WebP, or PNG if the `Accept` header prefers it. Takes as long as the explanation, unless the client has
    the current version.
    """
    kind = accepted_type(request.headers.get("accept", ""), TRANSPARENT_TYPES)
    size, etag = await run_in_threadpool(_version, library, page, query, width, kind)
    headers = {"ETag": etag, "Cache-Control": ASKED_AGAIN, "Vary": "Accept"}
    if has_version(request, etag):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    content = await to_thread.run_sync(
        partial(_drawn, library, query, page, size, kind), limiter=services.explanations
    )
    return Response(content, headers=headers, media_type=kind)


def _explained(library: Library, query: str, page: PageRef) -> Explanation:
    embedder = library.embedder
    with library.models.embedding:
        return explain(embedder, library.objects, SearchRequest(query), page)


def _drawn(library: Library, query: str, page: PageRef, size: tuple[int, int], kind: str) -> bytes:
    return encoded_transparent(heatmap(_explained(library, query, page).regions, size), kind)


def _version(
    library: Library, page: PageRef, query: str, width: int | None, kind: str
) -> tuple[tuple[int, int], str]:
    """The size of a heat map, and the tag of all that it is made of and by."""
    webp, words = library.objects.page_image(page), library.objects.page_words(page)
    size = size_at(webp, width)
    made_of = sha256(webp).digest() + sha256(encode_words(words)).digest()
    made_by = f"{vdr_version()} {library.embedder.fingerprint} {size} {kind} {query}"
    return size, f'"{sha256(made_of + made_by.encode()).hexdigest()[:32]}"'
