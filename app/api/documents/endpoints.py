"""/v1/documents and /v1/collections/{collection}/documents."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response, status
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.addresses import AddressesOf
from app.api.documents.answers import CHANGING, READING
from app.api.documents.events import follow, is_over
from app.api.documents.listing import ListingOf
from app.api.documents.schemas import (
    DocumentChange,
    DocumentId,
    DocumentList,
    DocumentOut,
    UploadOut,
    Uploads,
)
from app.cursors import cursor_at, read_cursor
from app.head import is_head
from app.idempotency import BodyDigest, IdempotencyKey, once
from app.multipart import BINARY, MAX_FILES
from app.problems import documented
from app.state import LibraryOf, ServicesOf
from app.uploads import take_in
from vdr.errors import (
    AlreadyFinished,
    BadFilter,
    BadInput,
    BadMetadata,
    CollectionNotFound,
    ConversionFailed,
    CrossSite,
    DatabaseUnavailable,
    FileTooLarge,
    IdempotencyKeyReused,
    NotAccepted,
    ObjectsUnavailable,
    PdfBroken,
    PdfEmpty,
    PdfEncrypted,
    QueueFull,
    RequestInProgress,
    StorageFull,
    TooManyPages,
    WrongContentType,
)
from vdr.filters import merge_metadata
from vdr.types import Metadata, Priority

router = APIRouter(prefix="/documents", tags=["documents"])


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
                            "items": BINARY,
                        },
                        "password": {
                            "type": "string",
                            "description": "Password of protected PDFs. It is neither stored nor logged.",
                            "examples": [""],  # else forms to try it out have one of their own
                        },
                        "metadata": {
                            "type": "string",
                            "description": "What to note of every file: a JSON object of strings, numbers, "
                            "booleans, ISO 8601 dates and lists of strings.",
                            "examples": ["{}"],
                        },
                        "replace": {
                            "type": "string",
                            "enum": ["false", "true"],
                            "description": "Whether each file replaces other documents of its name, which "
                            "are deleted once it is indexed.",
                        },
                    },
                }
            }
        },
    }
}
_EVENTS = (
    "Server-sent events. `event` is the state of the document, or `deleted`; `id` is the number of the "
    "change, for `Last-Event-ID`; `data` is the document as `GET /v1/documents/{document_id}` returns it, or "
    "`{}` if it was deleted; `retry` is the reconnection time in milliseconds."
)
_EVENT = 'event: embedding\nid: 7\ndata: {"document_id": "9f86d081...", "state": "embedding", ...}\n\n'
_UPLOADING = (
    BadInput,
    BadMetadata,
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
    RequestInProgress,
    IdempotencyKeyReused,
    DatabaseUnavailable,
    ObjectsUnavailable,
    StorageFull,
    WrongContentType,
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
    idempotency_key: IdempotencyKey = None,
) -> Uploads:
    """Upload PDFs, images and Office files to be indexed.

    Each file has its own outcome; the response is a problem only if no file was accepted. Accepted files are
    stored durably. Indexing happens in the background: follow `events_url`, or poll `url`.
    """
    digest = None if idempotency_key is None else BodyDigest(bulk=bulk)
    priority = Priority.BULK if bulk else Priority.INTERACTIVE

    async def upload(fields: dict[str, str]) -> Uploads:
        seen = None if digest is None else digest.add
        outcomes = await take_in(request, services, library, priority, seen, fields)
        if all(outcome.document is None for outcome in outcomes) and outcomes[0].error is not None:
            raise outcomes[0].error
        return Uploads(uploads=[UploadOut.of(addresses, outcome) for outcome in outcomes])

    if idempotency_key is None or digest is None:
        uploads = await upload({})
    else:

        async def answer(fields: dict[str, str]) -> dict[str, Any]:
            return (await upload(fields)).model_dump(mode="json")

        told, is_again = await once(idempotency_key, request, services, library, digest, answer)
        uploads = Uploads.model_validate(told)
        response.headers["Idempotency-Replayed"] = "true" if is_again else "false"
    taken = [each.document for each in uploads.uploads if each.document is not None]
    if len(taken) == 1:
        response.headers["Location"] = addresses.document(taken[0].document_id)
    return uploads


@router.get("", name="list_documents", responses=documented(BadFilter, *READING))
def list_documents(
    library: LibraryOf,
    addresses: AddressesOf,
    listing: ListingOf,
    limit: Annotated[int, Query(ge=1, le=200, description="Maximum number of documents.")] = 50,
    after: Annotated[str | None, Query(description="`next_after` of the previous page.")] = None,
) -> DocumentList:
    """List documents, newest first unless sorted otherwise.

    Cursors stay valid when documents are deleted meanwhile.
    """
    found = library.catalogue.page(limit + 1, listing, None if after is None else read_cursor(after, listing))
    shown = found[:limit]
    return DocumentList(
        documents=[DocumentOut.of(addresses, document) for document in shown],
        total=library.catalogue.count(listing),
        next_after=cursor_at(shown[-1], listing) if len(found) > limit else None,
    )


@router.get("/{document_id}", name="get_document", responses=documented(*READING))
def get_document(document_id: DocumentId, library: LibraryOf, addresses: AddressesOf) -> DocumentOut:
    """Get a document: its state, progress and errors."""
    return DocumentOut.of(addresses, library.catalogue.get(document_id))


@router.patch(
    "/{document_id}", name="change_document", responses=documented(BadMetadata, WrongContentType, *CHANGING)
)
def change_document(
    document_id: DocumentId, body: DocumentChange, library: LibraryOf, addresses: AddressesOf
) -> DocumentOut:
    """Change a document's name or metadata. Nothing is indexed anew; searches and filters see it at once."""

    def merged(metadata: Metadata) -> Metadata:
        return merge_metadata(metadata, body.metadata or {})

    edit = None if body.metadata is None else merged
    return DocumentOut.of(addresses, library.change(document_id, name=body.name, edit=edit))


@router.delete(
    "/{document_id}",
    name="delete_document",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=documented(*CHANGING),
)
def delete_document(document_id: DocumentId, library: LibraryOf) -> None:
    """Delete a document with its file, page images, words and vectors, even while it is being indexed."""
    library.catalogue.get(document_id)
    library.delete(document_id)


@router.post(
    "/{document_id}/cancel", name="cancel_document", responses=documented(*CHANGING, AlreadyFinished)
)
def cancel_document(document_id: DocumentId, library: LibraryOf, addresses: AddressesOf) -> DocumentOut:
    """Stop indexing a document and remove its pages from searches. Its file is kept, so it can be retried."""
    return DocumentOut.of(addresses, library.cancel(document_id))


@router.post(
    "/{document_id}/retry",
    name="retry_document",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(*CHANGING),
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
            "description": _EVENTS,
            # No schema: some tools take one for that of the text, others for that of each event.
            "content": {"text/event-stream": {"example": _EVENT}},
        },
        204: {"description": "The document is finished and has not changed since `Last-Event-ID`."},
        **documented(*READING),
    },
)
async def follow_document(
    request: Request,
    document_id: DocumentId,
    services: ServicesOf,
    library: LibraryOf,
    addresses: AddressesOf,
    last_event_id: Annotated[int | None, Header(ge=0, description="Id of the last event received.")] = None,
) -> Response:
    """Follow a document as server-sent events until it is finished.

    Each event carries the current document, so that missed events need not be sent again.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    catalogue = library.catalogue
    document = await run_in_threadpool(catalogue.get, document_id)
    if is_over(document, last_event_id):
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    if is_head(request.scope):
        return Response(headers=headers, media_type="text/event-stream")
    events = follow(catalogue, addresses, document, last_event_id, services.is_ending)
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")
