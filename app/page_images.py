"""Page images at the edge: made smaller once, and known by what they show."""

import logging
from contextlib import suppress
from hashlib import sha256

from app.images import WEBP, narrowed
from indexer.library import Library
from vdr.errors import NotFound, ObjectDamaged, ObjectsUnavailable, StorageFull
from vdr.types import Document, PageRef

_LOG = logging.getLogger(__name__)
# Those that the web UI asks for: each is scaled once and kept with its page. Others are scaled each time, so
# that nobody can fill the disk with them.
KEPT_WIDTHS = (256, 512, 768)
_VERSION_LENGTH = 10


def image_version(document: Document) -> str:
    """What changes whenever page images of a document may have been made again; goes into their addresses."""
    made = f"{document.created_at} {document.indexing.attempt}"
    return sha256(made.encode()).hexdigest()[:_VERSION_LENGTH]


def etag_of(webp: bytes, width: int | None, media_type: str = WEBP) -> str:
    """The tag of a page image at a width and in a media type, by the content of the whole one."""
    return f'"{sha256(webp).hexdigest()[:32]}-{width or "full"}-{media_type.removeprefix("image/")}"'


def at_width(library: Library, page: PageRef, webp: bytes, width: int) -> bytes:
    """The page image at most `width` pixels wide."""
    if width not in KEPT_WIDTHS:
        return narrowed(webp, width)
    with suppress(NotFound, ObjectDamaged):
        return library.objects.small_page_image(page, webp, width)
    small = narrowed(webp, width)
    _keep(library, page, webp, width, small)
    return small


def _keep(library: Library, page: PageRef, webp: bytes, width: int, small: bytes) -> None:
    try:
        library.objects.put_small_page_image(page, webp, width, small)
    except (StorageFull, ObjectsUnavailable) as error:  # it can be shown all the same
        _LOG.warning("Not kept: %s", error)
        return
    if library.catalogue.find(page.document_id) is None:  # deleted meanwhile
        library.objects.delete_document(page.document_id)
