"""The list of documents: what it shows, as plain values."""

from dataclasses import dataclass

from app.api.documents.schemas import seconds_left
from app.cursors import cursor_at, read_cursor
from app.page_images import image_version
from app.ui.apart import documents_apart
from app.ui.list_form import WHOLE, ListForm, Standing
from app.ui.list_pages import ListPage, page_after, page_before
from indexer.library import Library
from vdr.catalogue.documents import Catalogue
from vdr.errors import BadFilter
from vdr.types import UNFINISHED, Document, DocumentState, Listing, PdfInfo, Scalar

DOCUMENTS = 50  # of a page of the list
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
class DocumentView:
    """A document in the list. `version` is that of its page images.

    `own_name` is its name without what tells it apart from others of the same name.
    """

    document_id: str
    name: str
    own_name: str
    version: str
    added: str
    size: str
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
    """A page of the list. `previous` and `next` are cursors of the pages beside it, None if there is none.

    `indexed_count` is how many can be searched in all, `count` how many the list has, and `total` how many it
    would have if nothing were left out. `problem` is what is wrong with the filter.
    """

    documents: tuple[DocumentView, ...]
    indexed_count: int
    form: ListForm = WHOLE
    previous: str | None = None
    next: str | None = None
    count: int = 0
    total: int = 0
    has_unfinished: bool = False
    problem: BadFilter | None = None

    @property
    def query(self) -> str:
        """What was asked, as the query of an address."""
        return self.form.query

    @property
    def previous_query(self) -> str:
        """The query of the page before."""
        return self.form.at(before=self.previous or "").query

    @property
    def next_query(self) -> str:
        """The query of the next page."""
        return self.form.at(after=self.next or "").query

    @property
    def has_pages(self) -> bool:
        """Are there more than this one?"""
        return bool(self.previous or self.next)

    @property
    def nothing(self) -> str:
        """Why there is no document."""
        if not self.form.is_narrowed:
            return "No documents yet."
        if self.form.filter:
            return "No document passes the filter."
        if self.form.name:
            state = " in this state" if self.form.state else ""
            return f"No document{state} has this name."
        return "No document is in this state."

    @property
    def counted(self) -> str:
        """How many documents there are."""
        all_of_them = f"{self.total:,} document{'' if self.total == 1 else 's'}"
        return f"{self.count:,} of {all_of_them}" if self.form.is_narrowed else all_of_them

    @property
    def is_busy(self) -> bool:
        """Is any of them on its way into the index?"""
        return any(document.is_busy for document in self.documents)

    @property
    def is_changing(self) -> bool:
        """Will the list soon say something else? One of a single state will, also where it is empty."""
        is_awaited = self.form.state is not Standing.ANY and self.has_unfinished
        return is_awaited or any(document.is_busy or document.has_ocr_left for document in self.documents)

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
        if self.form.is_narrowed:
            return self.counted
        return "All documents are ready" if self.documents else "No documents"


def library_view(library: Library, form: ListForm = WHOLE, limit: int = DOCUMENTS) -> LibraryView:
    """A page of the list, at most `limit` documents. Raises BadInput for a cursor that is none."""
    catalogue = library.catalogue
    indexed_count = catalogue.count(Listing(states=(DocumentState.INDEXED,)))
    try:
        listing = form.listing()
        page = _page(catalogue, form, listing, limit)
        count = catalogue.count(listing)
    except BadFilter as error:  # a list of documents knows no pages
        return LibraryView((), indexed_count, form, problem=error)
    found = page.documents
    return LibraryView(
        tuple(map(_document_view, documents_apart(library, found), found)),
        indexed_count,
        form,
        previous=cursor_at(found[0], listing) if page.has_previous else None,
        next=cursor_at(found[-1], listing) if page.has_next else None,
        count=count,
        total=catalogue.count() if form.is_narrowed else count,
        has_unfinished=bool(catalogue.page(1, Listing(states=UNFINISHED))),
    )


def _page(catalogue: Catalogue, form: ListForm, listing: Listing, limit: int) -> ListPage:
    if form.before:
        return page_before(catalogue, listing, limit, read_cursor(form.before, listing))
    return page_after(catalogue, listing, limit, read_cursor(form.after, listing) if form.after else None)


def info_line(info: PdfInfo) -> str:
    """What the PDF says of itself, in a line.

    >>> info_line(PdfInfo("Annual report", "Ada Lovelace", "2024-04-30T00:00:00Z"))
    'Annual report · Ada Lovelace · made 2024-04-30'
    """
    made = f"made {info.created_at[:10]}" if info.created_at else ""
    return " · ".join(each for each in (info.title, info.author, made) if each)


def size_of(size_bytes: int) -> str:
    """A size as people read it.

    >>> size_of(999), size_of(1_234_567), size_of(52_000_000)
    ('1 KB', '1.2 MB', '52 MB')
    """
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1_000))} KB"
    millions = size_bytes / 1_000_000
    return f"{millions:.1f} MB" if millions < 10 else f"{millions:,.0f} MB"


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.0f} s left" if seconds < 90 else f"{seconds / 60:.0f} min left"


def _document_view(document: Document, as_named: Document) -> DocumentView:
    return DocumentView(
        document_id=document.document_id,
        name=document.name,
        own_name=as_named.name,
        version=image_version(document),
        added=document.created_at[:10],
        size=size_of(document.size_bytes),
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
        info=info_line(document.info),
        parent_name=document.parent_name,
        warnings=tuple(each.message for each in document.warnings),
        metadata=tuple((key, _shown(value)) for key, value in document.metadata.items()),
    )


def _shown(value: Scalar | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
