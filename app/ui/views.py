"""What the templates show of pages and documents: plain values, made from the library."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from app.api.documents.schemas import seconds_left
from app.page_images import image_version
from app.ui.marking import joined, lines
from indexer.fields import label_of
from indexer.library import Library
from vdr.errors import BadFilter, NotFound, ObjectDamaged
from vdr.merging import merged
from vdr.search.marks import find_marks
from vdr.types import (
    UNFINISHED,
    Box,
    Document,
    DocumentState,
    PageRef,
    PageWords,
    PdfInfo,
    Scalar,
)
from vdr.words import query_terms

_LOG = logging.getLogger(__name__)
_COVERS = 6
_STATES = {
    DocumentState.QUEUED: "Queued",
    DocumentState.RASTERIZING: "Preparing pages",
    DocumentState.EMBEDDING: "Indexing",
    DocumentState.INDEXED: "Ready",
    DocumentState.FAILED: "Failed",
    DocumentState.CANCELLED: "Cancelled",
}


@dataclass(frozen=True, slots=True)
class PageView:
    """One page, large. `problem` says why it has no image, if it has none; `version` is of its image."""

    document_id: str
    document_name: str
    version: str
    info: str
    page_number: int
    page_label: str
    page_count: int
    query: str
    problem: str | None
    boxes: tuple[Box, ...]
    text: tuple[str, ...]
    is_from_pixels: bool

    @property
    def title(self) -> str:
        """Which page it is: by its label, and by its place in the file where that is another one."""
        number = str(self.page_number)
        named = self.page_label if self.page_label == number else f"{self.page_label}, {number}"
        return f"{named} of {self.page_count}"

    @property
    def previous_number(self) -> int | None:
        """The page before, if there is one."""
        return self.page_number - 1 if self.page_number > 1 else None

    @property
    def next_number(self) -> int | None:
        """The page after, if there is one."""
        return self.page_number + 1 if self.page_number < self.page_count else None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document in the list. `version` is that of its page images."""

    document_id: str
    name: str
    version: str
    state: str
    is_indexed: bool
    is_failed: bool
    is_cancelled: bool
    is_busy: bool
    time_left: str
    page_count: int
    pages_done: int
    ocr_pages: int
    ocr_pages_done: int
    has_cover: bool
    error: str | None
    page_errors: tuple[str, ...]
    info: str
    parent_name: str | None
    warnings: tuple[str, ...]
    metadata: tuple[tuple[str, str], ...]

    @property
    def has_ocr_left(self) -> bool:
        """Is OCR still to see some of its pages?"""
        return self.ocr_pages_done < self.ocr_pages


@dataclass(frozen=True, slots=True)
class LibraryView:
    """The list of documents. `next_after` is the cursor of the older ones, None if these are all.

    `indexed_count` is how many can be searched, those that the list does not reach included, and those that
    `filter` hides. `problem` is what is wrong with that.
    """

    documents: tuple[DocumentView, ...]
    next_after: str | None
    indexed_count: int
    filter: str = ""
    problem: BadFilter | None = None

    @property
    def query(self) -> str:
        """The filter as a part of addresses."""
        return f"filter={quote(self.filter)}" if self.filter else ""

    @property
    def is_busy(self) -> bool:
        """Is any of them on its way into the index?"""
        return any(document.is_busy for document in self.documents)

    @property
    def is_changing(self) -> bool:
        """Will the list soon say something else?"""
        return any(document.is_busy or document.has_ocr_left for document in self.documents)

    @property
    def covers(self) -> tuple[DocumentView, ...]:
        """The newest documents that have a first page to show."""
        shown = [document for document in self.documents if document.is_indexed and document.has_cover]
        return tuple(shown[:_COVERS])

    @property
    def summary(self) -> str:
        """How things stand, in a sentence that does not change with every page."""
        if self.problem is not None:
            return self.problem.message
        busy = sum(document.is_busy for document in self.documents)
        if busy:
            return "1 document is being indexed" if busy == 1 else f"{busy} documents are being indexed"
        if not self.documents:
            return "No document passes the filter" if self.filter else "No documents"
        return "All documents are ready"


def page_name(library: Library, page: PageRef) -> str:
    """A page as people call it. Raises NotFound."""
    name, labels = library.document_of(page).name, library.catalogue.page_labels(page.document_id)
    return f"page {label_of(labels, page.page_number)} of {name}"


def page_number_of(library: Library, document_id: str, typed: str) -> int:
    """The number of the page that people call so: by what is printed on it, or else by its place in the file.

    Raises NotFound.
    """
    document, wanted = library.catalogue.get(document_id), typed.strip()
    labels = library.catalogue.page_labels(document_id)
    named = next((number for number, label in labels.items() if label == wanted), None)
    if named is not None:
        return named
    if not wanted.isdecimal() or not 1 <= int(wanted) <= document.page_count:
        raise NotFound(
            f"{document.name} has no page “{wanted}”.",
            remedy=f"Enter a page from 1 to {document.page_count}.",
        )
    return int(wanted)


def page_view(library: Library, page: PageRef, query: str) -> PageView:
    """A page of a document. Raises NotFound if the document has no such page."""
    document = library.document_of(page)
    words = _page_words(library, page)
    shown = PageWords() if words is None else words
    marks = find_marks(shown, query_terms(query), library.embedder.related_terms(query))
    return PageView(
        document_id=page.document_id,
        document_name=document.name,
        version=image_version(document),
        info=_info_line(document.info),
        page_number=page.page_number,
        page_label=label_of(library.catalogue.page_labels(page.document_id), page.page_number),
        page_count=document.page_count,
        query=query,
        problem=None if words is not None else _why_missing(document, page.page_number),
        boxes=marks.boxes,
        text=tuple(joined(line) for line in lines(merged(shown) or shown.read)),
        is_from_pixels=not shown.text_layer,
    )


def library_view(
    documents: Sequence[Document], next_after: str | None, indexed_count: int, filter: str = ""
) -> LibraryView:
    """The list of documents, and the cursor of the older ones if there are any."""
    return LibraryView(tuple(map(_document_view, documents)), next_after, indexed_count, filter)


def _page_words(library: Library, page: PageRef) -> PageWords | None:
    try:
        return library.objects.page_words(page)
    except NotFound:
        return None
    except ObjectDamaged as error:  # the picture may still be sound, and so may the other hits
        _LOG.warning("No words: %s", error)
        return PageWords()


def _why_missing(document: Document, page_number: int) -> str:
    errors = {error.page_number: error.message for error in document.indexing.page_errors}
    return errors.get(page_number) or document.indexing.error_message or "This page has not been indexed yet."


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.0f} s left" if seconds < 90 else f"{seconds / 60:.0f} min left"


def _document_view(document: Document) -> DocumentView:
    return DocumentView(
        document_id=document.document_id,
        name=document.name,
        version=image_version(document),
        state=_STATES[document.indexing.state],
        is_indexed=document.indexing.state is DocumentState.INDEXED,
        is_failed=document.indexing.state is DocumentState.FAILED,
        is_cancelled=document.indexing.state is DocumentState.CANCELLED,
        is_busy=document.indexing.state in UNFINISHED,
        time_left=_time_left(seconds_left(document)),
        page_count=document.page_count,
        pages_done=document.indexing.pages_done,
        ocr_pages=document.indexing.ocr_pages,
        ocr_pages_done=document.indexing.ocr_pages_done,
        has_cover=all(error.page_number != 1 for error in document.indexing.page_errors),
        error=document.indexing.error_message,
        page_errors=tuple(error.message for error in document.indexing.page_errors),
        info=_info_line(document.info),
        parent_name=document.parent_name,
        warnings=tuple(each.message for each in document.warnings),
        metadata=tuple((key, _shown(value)) for key, value in document.metadata.items()),
    )


def _info_line(info: PdfInfo) -> str:
    """What the PDF says of itself, in a line."""
    return " · ".join(each for each in (info.title, info.author, (info.created_at or "")[:10]) if each)


def _shown(value: Scalar | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
