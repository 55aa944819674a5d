"""/v1/documents and /v1/collections/{collection}/documents."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.addresses import AddressesOf
from app.api.documents.events import follow, is_over
from app.api.documents.schemas import (
    DocumentId,
    DocumentList,
    DocumentOut,
    PageImageUrl,
    PageNumber,
    PageText,
    UploadOut,
    Uploads,
)
from app.images import narrowed
from app.multipart import MAX_FILES
from app.problems import documented
from app.ranges import RangedFile
from app.state import LibraryOf, ServicesOf
from app.uploads import take_in
from indexer.library import Library
from vdr.errors import (
    BadInput,
    CollectionNotFound,
    ConversionFailed,
    CrossSite,
    DatabaseUnavailable,
    FileTooLarge,
    IndexUnavailable,
    NotAccepted,
    NotFound,
    ObjectDamaged,
    ObjectsUnavailable,
    PdfBroken,
    PdfEmpty,
    PdfEncrypted,
    QueueFull,
    RangeNotSatisfiable,
    StorageFull,
    TooManyPages,
)
from vdr.types import Document, DocumentState, PageRef, Priority

router = APIRouter(prefix="/documents", tags=["documents"])

# A page of a document never changes: its address contains the hash of the bytes it was made from.
_IMMUTABLE = "private, max-age=31536000, immutable"
# The PDF of a document may be rebuilt; and only the client may keep what a proxy lets it see.
_ASKED_AGAIN = "private, no-cache"
_MULTIPART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "description": "PDFs, images, and, if LibreOffice is installed, Office files.",
                            "minItems": 1,
                            "maxItems": MAX_FILES,
                            # Files are known by their content, whatever media type comes with them.
                            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                        },
                        "password": {
                            "type": "string",
                            "description": "Password of protected PDFs. It is neither stored nor logged.",
                        },
                    },
                }
            }
        },
    }
}
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "Number of the change, for `Last-Event-ID`."},
        "event": {"type": "string", "enum": [*DocumentState, "deleted"]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
                "anyOf": [
                    {"$ref": "#/components/schemas/DocumentOut"},
                    {"type": "object", "maxProperties": 0, "description": "Empty for the event `deleted`."},
                ]
            },
        },
        "retry": {"type": "integer", "description": "Reconnection time in milliseconds."},
    },
}
# Headers that are read further down than where FastAPI looks for parameters.
_RANGE: dict[str, Any] = {
    "parameters": [
        {
            "name": "Range",
            "in": "header",
            "description": "Range of bytes to return. Default: all.",
            "schema": {"type": "string", "examples": ["bytes=0-1023"]},
        }
    ]
}
_IF_NONE_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "description": "`ETag` of the version that the client has.",
            "schema": {"type": "string"},
        }
    ]
}
_READING = (BadInput, NotFound, CollectionNotFound, DatabaseUnavailable)
_READING_OBJECTS = (*_READING, ObjectDamaged, ObjectsUnavailable)
_CHANGING = (*_READING, CrossSite, IndexUnavailable, ObjectsUnavailable)
_UPLOADING = (
    BadInput,
    CollectionNotFound,
    CrossSite,
    NotAccepted,
    PdfBroken,
    PdfEncrypted,
    PdfEmpty,
    FileTooLarge,
    TooManyPages,
    ConversionFailed,
    QueueFull,
    DatabaseUnavailable,
    ObjectsUnavailable,
    StorageFull,
)


@router.post(
    "",
    name="upload_documents",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(*_UPLOADING),
    openapi_extra=_MULTIPART,
)
async def upload_documents(
    request: Request,
    response: Response,
    services: ServicesOf,
    library: LibraryOf,
    addresses: AddressesOf,
    bulk: Annotated[bool, Query(description="Low priority: index interactive uploads first.")] = False,
) -> Uploads:
    """Upload PDFs, images and Office files to be indexed.

    Each file has its own outcome; the response is a problem only if no file was accepted. Accepted files are
    stored durably. Indexing happens in the background: follow `events_url`, or poll `status_url`.
    """
    outcomes = await take_in(request, services, library, Priority.BULK if bulk else Priority.INTERACTIVE)
    taken = [outcome.document for outcome in outcomes if outcome.document is not None]
    if not taken and outcomes[0].error is not None:
        raise outcomes[0].error
    if len(taken) == 1:
        response.headers["Location"] = addresses.document(taken[0].document_id)
    return Uploads(uploads=[UploadOut.of(addresses, outcome) for outcome in outcomes])


@router.get("", name="list_documents", responses=documented(*_READING))
def list_documents(
    library: LibraryOf,
    addresses: AddressesOf,
    limit: Annotated[int, Query(ge=1, le=200, description="Maximum number of documents.")] = 50,
    after: Annotated[str | None, Query(description="`next_after` of the previous page.")] = None,
) -> DocumentList:
    """List documents, newest first."""
    found = library.catalogue.page(limit + 1, after)
    shown = found[:limit]
    return DocumentList(
        documents=[DocumentOut.of(addresses, document) for document in shown],
        next_after=shown[-1].document_id if len(found) > limit else None,
    )


@router.get("/{document_id}", name="get_document", responses=documented(*_READING))
def get_document(document_id: DocumentId, library: LibraryOf, addresses: AddressesOf) -> DocumentOut:
    """Get a document: its state, progress and errors."""
    return DocumentOut.of(addresses, library.catalogue.get(document_id))


@router.delete(
    "/{document_id}",
    name="delete_document",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=documented(*_CHANGING),
)
def delete_document(document_id: DocumentId, library: LibraryOf) -> None:
    """Delete a document with its file, page images, words and vectors, even while it is being indexed."""
    library.catalogue.get(document_id)
    library.delete(document_id)


@router.post("/{document_id}/cancel", name="cancel_document", responses=documented(*_CHANGING))
def cancel_document(document_id: DocumentId, library: LibraryOf, addresses: AddressesOf) -> DocumentOut:
    """Stop indexing a document and remove its pages from searches. Its file is kept, so it can be retried."""
    return DocumentOut.of(addresses, library.cancel(document_id))


@router.post(
    "/{document_id}/retry",
    name="retry_document",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(*_CHANGING),
)
def retry_document(document_id: DocumentId, library: LibraryOf, addresses: AddressesOf) -> DocumentOut:
    """Index a document again that failed, was cancelled or lacks pages. Others are left unchanged."""
    return DocumentOut.of(addresses, library.retry(document_id))


@router.get(
    "/{document_id}/events",
    name="follow_document",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events, each with the document as data.",
            "content": {"text/event-stream": {"itemSchema": _EVENT}},
        },
        204: {"description": "The document is finished and has not changed since `Last-Event-ID`."},
        **documented(*_READING),
    },
)
async def follow_document(
    document_id: DocumentId,
    services: ServicesOf,
    library: LibraryOf,
    addresses: AddressesOf,
    last_event_id: Annotated[int | None, Header(ge=0, description="Id of the last event received.")] = None,
) -> Response:
    """Follow a document as server-sent events until it is finished.

    Each event carries the current document, so that missed events need not be sent again.
    """
    catalogue = library.catalogue
    document = await run_in_threadpool(catalogue.get, document_id)
    if is_over(document, last_event_id):
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = follow(catalogue, addresses, document, last_event_id, services.is_ending)
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")


@router.get(
    "/{document_id}/pages/{page_number}/image",
    name="get_page_image",
    response_class=Response,
    responses={
        200: {"content": {"image/webp": {"schema": {"type": "string", "contentMediaType": "image/webp"}}}},
        304: {"description": "The client's version is current."},
        **documented(*_READING_OBJECTS),
    },
    openapi_extra=_IF_NONE_MATCH,
)
def get_page_image(
    document_id: DocumentId,
    page_number: PageNumber,
    request: Request,
    library: LibraryOf,
    width: Annotated[
        int | None, Query(ge=16, le=8_192, description="Maximum width in pixels. Images are never enlarged.")
    ] = None,
) -> Response:
    """Get the image of a page as WebP. It never changes, so it can be cached indefinitely."""
    _find_page(library, document_id, page_number)
    etag = f'"{document_id[:32]}-{page_number}-{width or "full"}"'
    headers = {"ETag": etag, "Cache-Control": _IMMUTABLE}
    if _has(request, etag):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    webp = library.objects.page_image(document_id, page_number)
    return Response(narrowed(webp, width) if width else webp, headers=headers, media_type="image/webp")


@router.get(
    "/{document_id}/pages/{page_number}/image-url",
    name="get_page_image_url",
    responses=documented(*_READING),
)
def get_page_image_url(
    document_id: DocumentId,
    page_number: PageNumber,
    library: LibraryOf,
    addresses: AddressesOf,
    expires_s: Annotated[
        int, Query(ge=1, le=3_600, description="Lifetime of a presigned URL, in seconds.")
    ] = 300,
) -> PageImageUrl:
    """Get the URL of a page image: presigned if the images are in a bucket, else of this service."""
    _find_page(library, document_id, page_number)
    presigned = library.objects.page_image_url(document_id, page_number, timedelta(seconds=expires_s))
    url = presigned or addresses.page_image(PageRef(document_id, page_number))
    return PageImageUrl(url=url, is_presigned=presigned is not None)


@router.get(
    "/{document_id}/pages/{page_number}/text",
    name="get_page_text",
    responses=documented(*_READING_OBJECTS),
)
def get_page_text(document_id: DocumentId, page_number: PageNumber, library: LibraryOf) -> PageText:
    """Get the words of a page with their boxes, from the text layer and read from pixels."""
    _find_page(library, document_id, page_number)
    words = library.objects.page_words(document_id, page_number)
    return PageText.of(document_id, page_number, words)


def _pdf(document_id: DocumentId, library: LibraryOf) -> Iterator[Path]:
    # FastAPI leaves the block only after the answer has been sent.
    with library.objects.pdf_file(document_id) as path:
        yield path


@router.get(
    "/{document_id}/file",
    name="get_file",
    response_class=RangedFile,
    responses={
        200: {"content": {"application/pdf": {}}},
        206: {
            "description": "The requested range, or one part for each of several.",
            "content": {"application/pdf": {}, "multipart/byteranges": {}},
        },
        304: {"description": "The client's version is current."},
        **documented(*_READING_OBJECTS, RangeNotSatisfiable),
    },
    openapi_extra={"parameters": [*_RANGE["parameters"], *_IF_NONE_MATCH["parameters"]]},
)
def get_file(
    document_id: DocumentId, path: Annotated[Path, Depends(_pdf)], request: Request, library: LibraryOf
) -> Response:
    """Get the PDF, whole or in ranges."""
    name = library.catalogue.get(document_id).name
    name = name if name.lower().endswith(".pdf") else f"{name}.pdf"  # what was made of another file
    # The checksum, by which the file is named. Its time would not do: a bucket's is copied for every request.
    headers = {"ETag": f'"{path.stem}"', "Cache-Control": _ASKED_AGAIN}
    if _has(request, headers["ETag"]):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return RangedFile(
        path,
        headers=headers,
        filename=name,
        media_type="application/pdf",
        content_disposition_type="inline",
    )


def _has(request: Request, etag: str) -> bool:
    """Whether the client has this version already."""
    known = request.headers.get("if-none-match", "")
    return etag in known or known.strip() == "*"


def _find_page(library: Library, document_id: str, page_number: int) -> Document:
    """The document that has this page. Raises NotFound with what there is instead."""
    document = library.catalogue.get(document_id)
    if page_number > document.page_count:
        raise NotFound(
            f"{document.name} has {document.page_count:,} pages; page {page_number:,} does not exist.",
            remedy=f"Choose a page from 1 to {document.page_count}.",
        )
    return document
