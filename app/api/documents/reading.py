"""What is read of a document: its pages and the PDF itself."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.addresses import AddressesOf
from app.api.documents.answers import READING, READING_OBJECTS
from app.api.documents.schemas import (
    DocumentId,
    PageImageUrl,
    PageList,
    PageNumber,
    PageOut,
    PageTextOut,
)
from app.images import IMAGE_TYPES, accepted_type, encoded
from app.page_images import at_width, etag_of
from app.problems import documented
from app.ranges import RangedFile
from app.state import LibraryOf
from app.static_files import ASKED_AGAIN, IMMUTABLE
from indexer.fields import label_of
from vdr.errors import RangeNotSatisfiable
from vdr.types import PageRef

router = APIRouter(prefix="/documents/{document_id}", tags=["documents"])

BYTES = {"type": "string", "format": "binary"}
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
IF_NONE_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "description": "`ETag` of the version that the client has.",
            "schema": {"type": "string"},
        }
    ]
}


def find_page(document_id: DocumentId, page_number: PageNumber, library: LibraryOf) -> PageRef:
    """The page that the address names. Raises NotFound with what there is instead."""
    page = PageRef(document_id, page_number)
    library.document_of(page)
    return page


PageOf = Annotated[PageRef, Depends(find_page)]
Width = Annotated[
    int | None, Query(ge=16, le=8_192, description="Maximum width in pixels. Images are never enlarged.")
]


@router.get("/pages", name="list_pages", responses=documented(*READING))
def list_pages(
    document_id: DocumentId,
    library: LibraryOf,
    addresses: AddressesOf,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Maximum number of pages.")] = 200,
    offset: Annotated[int, Query(ge=0, description="Pages to skip before the first.")] = 0,
) -> PageList:
    """List the pages of a document, in order, by number and by what is printed on them as their number."""
    page_count = library.catalogue.get(document_id).page_count
    labels = library.catalogue.page_labels(document_id)
    numbers = range(1, page_count + 1)[offset : offset + limit]
    pages = ((PageRef(document_id, number), label_of(labels, number)) for number in numbers)
    return PageList(pages=[PageOut.of(addresses, *page) for page in pages])


@router.get(
    "/pages/{page_number}/image",
    name="get_page_image",
    response_class=Response,
    responses={
        200: {"content": {kind: {"schema": BYTES} for kind in IMAGE_TYPES}},
        304: {"description": "The client's version is current."},
        **documented(*READING_OBJECTS),
    },
    openapi_extra=IF_NONE_MATCH,
)
def get_page_image(
    page: PageOf,
    request: Request,
    library: LibraryOf,
    width: Width = None,
    v: Annotated[
        str | None,
        Query(max_length=64, description="Any text. An address with it may be cached for a year."),
    ] = None,
) -> Response:
    """Get the image of a page as WebP, or as PNG or JPEG if the `Accept` header prefers these.

    It changes only when the document is reindexed, and its ETag then.
    """
    kind = accepted_type(request.headers.get("accept", ""))
    webp = library.objects.page_image(page)
    etag = etag_of(webp, width, kind)
    headers = {
        "ETag": etag,
        "Cache-Control": ASKED_AGAIN if v is None else IMMUTABLE,
        "Vary": "Accept",
    }
    if has_version(request, etag):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    image = webp if width is None else at_width(library, page, webp, width)
    return Response(encoded(image, kind), headers=headers, media_type=kind)


@router.get(
    "/pages/{page_number}/image-url",
    name="get_page_image_url",
    responses=documented(*READING),
)
def get_page_image_url(
    page: PageOf,
    library: LibraryOf,
    addresses: AddressesOf,
    expires_s: Annotated[
        int, Query(ge=1, le=3_600, description="Lifetime of a presigned URL, in seconds.")
    ] = 300,
) -> PageImageUrl:
    """Get the URL of a page image: presigned if the images are in a bucket, else of this service."""
    presigned = library.objects.page_image_url(page, timedelta(seconds=expires_s))
    url = presigned or addresses.page_image(page)
    return PageImageUrl(url=url, is_presigned=presigned is not None)


@router.get(
    "/pages/{page_number}/text",
    name="get_page_text",
    responses=documented(*READING_OBJECTS),
)
def get_page_text(page: PageOf, library: LibraryOf) -> PageTextOut:
    """Get the words of a page with their boxes, from the text layer and read from pixels."""
    label = label_of(library.catalogue.page_labels(page.document_id), page.page_number)
    return PageTextOut.of(page, label, library.objects.page_words(page))


def _pdf(document_id: DocumentId, library: LibraryOf) -> Iterator[Path]:
    # FastAPI leaves the block only after the answer has been sent.
    with library.objects.pdf_file(document_id) as path:
        yield path


@router.get(
    "/file",
    name="get_file",
    response_class=RangedFile,
    responses={
        200: {"content": {"application/pdf": {"schema": BYTES}}},
        206: {
            "description": "The requested range, or one part for each of several.",
            "content": {"application/pdf": {"schema": BYTES}, "multipart/byteranges": {"schema": BYTES}},
        },
        304: {"description": "The client's version is current."},
        **documented(*READING_OBJECTS, RangeNotSatisfiable),
    },
    openapi_extra={"parameters": [*_RANGE["parameters"], *IF_NONE_MATCH["parameters"]]},
)
def get_file(
    document_id: DocumentId, path: Annotated[Path, Depends(_pdf)], request: Request, library: LibraryOf
) -> Response:
    """Get the PDF, whole or in ranges."""
    name = library.catalogue.get(document_id).name
    name = name if name.lower().endswith(".pdf") else f"{name}.pdf"  # what was made of another file
    # The PDF of a document may be rebuilt; and only the client may keep what a proxy lets it see.
    # The checksum, by which the file is named. Its time would not do: a bucket's is copied for every request.
    headers = {"ETag": f'"{path.stem}"', "Cache-Control": ASKED_AGAIN}
    if has_version(request, headers["ETag"]):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return RangedFile(
        path,
        headers=headers,
        filename=name,
        media_type="application/pdf",
        content_disposition_type="inline",
    )


def has_version(request: Request, etag: str) -> bool:
    """Whether the client has this version already."""
    known = request.headers.get("if-none-match", "")
    return etag in known or known.strip() == "*"
