"""What the document endpoints take and give."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from app.addresses import Addresses
from app.api.filters import FILTER, FILTER_EXAMPLE
from app.problems import Problem
from vdr.filters import to_json
from vdr.readability import LOW, readability
from vdr.types import Box, Document, DocumentState, Explanation, Indexing, PageRef, PageWords, Word

if TYPE_CHECKING:  # clients read these models and open nothing
    from app.uploads import Outcome

_ID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ID_MEANS = "SHA-256 of the bytes that were sent."
DocumentId = Annotated[str, Path(description=_ID_MEANS, examples=[_ID])]
PAGE_LABEL = "The printed page number, such as iii or A-12; the page number if the PDF defines no labels."
PageNumber = Annotated[int, Path(ge=1, description="1-based.", examples=[1])]


class ErrorOut(BaseModel):
    """Why a document could not be indexed."""

    code: str = Field(description="Stable code of the type of error.", examples=["pdf_broken"])
    message: str = Field(description="What happened.", examples=["cut.pdf is damaged and cannot be opened."])


class PageErrorOut(BaseModel):
    """A page that could not be indexed and was skipped."""

    page_number: int = Field(examples=[7])
    code: str = Field(examples=["page_timeout"])
    message: str = Field(examples=["Page 7 took longer than 60 s."])


class WarningOut(BaseModel):
    """What a person should know of a document that is indexed all the same."""

    code: str = Field(description="xfa_form or attachments_not_indexed.", examples=["xfa_form"])
    message: str = Field(examples=["2 attached documents were not indexed."])


class DocumentRef(BaseModel):
    """Which document."""

    document_id: str = Field(description=_ID_MEANS, examples=[_ID])
    name: str = Field(examples=["annual-report.pdf"])
    id: str = Field(description="Use `document_id`.", deprecated=True, examples=[_ID])

    @classmethod
    def of(cls, document_id: str, name: str) -> "DocumentRef":
        """The document of this id."""
        return cls(document_id=document_id, name=name, id=document_id)


class DocumentOut(BaseModel):
    """A document and its progress."""

    document_id: str = Field(description=_ID_MEANS, examples=[_ID])
    name: str = Field(examples=["annual-report.pdf"])
    other_names: list[str] = Field(
        description="Other names that the same file was sent under, newest first. It is found by each.",
        examples=[["scan-0017.pdf"]],
    )
    state: DocumentState = Field(examples=[DocumentState.INDEXED])
    page_count: int = Field(examples=[48])
    pages_done: int = Field(description="Pages finished (indexed or failed).", examples=[48])
    size_bytes: int = Field(examples=[1_843_200])
    added_at: datetime = Field(description="When it was first uploaded.", examples=["2025-03-01T09:30:00Z"])
    created_at: datetime = Field(
        description="Use `added_at`.", deprecated=True, examples=["2025-03-01T09:30:00Z"]
    )
    started_at: datetime | None = Field(None, description="When indexing began.", examples=[None])
    finished_at: datetime | None = Field(
        None, description="When indexing ended, successfully or not.", examples=[None]
    )
    seconds_left: float | None = Field(
        None,
        description="Estimated time left, from the pages done so far; null while unknown.",
        examples=[None],
    )
    ocr_pages: int = Field(description="Pages for OCR to process; 0 if OCR is off.", examples=[0])
    ocr_pages_done: int = Field(description="Pages that OCR has processed.", examples=[0])
    attempt: int = Field(description="How many times it has been queued.", examples=[1])
    added_by: str | None = Field(
        description="Who uploaded it, if a proxy sends the user name.", examples=["ada"]
    )
    kind: str = Field(description="What it was sent as: pdf, image or office.", examples=["pdf"])
    pdf_title: str | None = Field(description="Title in the PDF's own metadata.", examples=["Annual report"])
    pdf_author: str | None = Field(description="Author there.", examples=["Ada Lovelace"])
    pdf_created_at: datetime | None = Field(description="When the PDF says it was made.", examples=[None])
    pdf_modified_at: datetime | None = Field(
        description="When the PDF says it was last changed.", examples=[None]
    )
    metadata: dict[str, str | int | float | bool | list[str]] = Field(
        description="What was told of it.", examples=[{"year": 2021, "tags": ["q3"]}]
    )
    error: ErrorOut | None = Field(None, description="Why it failed, if it did.", examples=[None])
    error_code: str | None = Field(None, description="Use `error.code`.", deprecated=True, examples=[None])
    error_message: str | None = Field(
        None, description="Use `error.message`.", deprecated=True, examples=[None]
    )
    page_errors: list[PageErrorOut] = Field(description="Pages that were skipped.", examples=[[]])
    warnings: list[WarningOut] = Field(description="What else to know of it.", examples=[[]])
    parent: DocumentRef | None = Field(
        None, description="The document that it was attached to, if any.", examples=[None]
    )
    url: str = Field(examples=[f"/v1/documents/{_ID}"])
    file_url: str = Field(examples=[f"/v1/documents/{_ID}/file"])
    events_url: str = Field(examples=[f"/v1/documents/{_ID}/events"])

    @classmethod
    def of(cls, addresses: Addresses, document: Document) -> "DocumentOut":
        """The document as the API shows it."""
        url = addresses.document(document.document_id)
        return cls(
            document_id=document.document_id,
            name=document.name,
            other_names=list(document.other_names),
            state=document.indexing.state,
            page_count=document.page_count,
            pages_done=document.indexing.pages_done,
            size_bytes=document.size_bytes,
            added_at=document.created_at,
            created_at=document.created_at,
            started_at=document.indexing.started_at,
            finished_at=document.indexing.finished_at,
            seconds_left=seconds_left(document),
            ocr_pages=document.indexing.ocr_pages,
            ocr_pages_done=document.indexing.ocr_pages_done,
            attempt=document.indexing.attempt,
            added_by=document.added_by or None,
            kind=document.kind,
            pdf_title=document.info.title or None,
            pdf_author=document.info.author or None,
            pdf_created_at=document.info.created_at,
            pdf_modified_at=document.info.modified_at,
            metadata=to_json(document.metadata),
            error=_error_of(document.indexing),
            error_code=document.indexing.error_code,
            error_message=document.indexing.error_message,
            page_errors=[
                PageErrorOut(page_number=error.page_number, code=error.code, message=error.message)
                for error in document.indexing.page_errors
            ],
            warnings=[WarningOut(code=each.code, message=each.message) for each in document.warnings],
            parent=_parent_of(document),
            url=url,
            file_url=f"{url}/file",
            events_url=f"{url}/events",
        )


class DocumentChange(BaseModel):
    """What is to change about a document; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, min_length=1, max_length=255, examples=["annual-report-2021.pdf"])
    metadata: dict[str, Any] | None = Field(
        None,
        description="A JSON merge patch: null removes a key, anything else sets it.",
        examples=[{"year": 2021, "draft": None}],
    )


class Deletion(BaseModel):
    """Which documents to delete."""

    model_config = ConfigDict(extra="forbid")

    filter: dict[str, Any] = Field(description=FILTER, examples=[FILTER_EXAMPLE])
    dry_run: bool = Field(True, strict=True, description="Only say what would be deleted.")


class DeletionOut(BaseModel):
    """What was deleted, or would be."""

    dry_run: bool = Field(description="True: nothing was deleted.", examples=[True])
    count: int = Field(examples=[1])
    documents: list[DocumentRef] = Field(description="The newest of them, 100 at most.")


class DocumentList(BaseModel):
    """A page of the list of documents."""

    documents: list[DocumentOut]
    total: int = Field(description="How many documents all pages of the list have.", examples=[204])
    next_after: str | None = Field(
        description="Value of `after` for the next page; null on the last page.", examples=[None]
    )


class UploadOut(BaseModel):
    """The outcome for one file: a document or a problem."""

    name: str = Field(examples=["annual-report.pdf"])
    document: DocumentOut | None = None
    is_new: bool = Field(description="False if the same file was already in the collection.", examples=[True])
    status_url: str | None = Field(
        None, description="Use `document.url`.", deprecated=True, examples=[f"/v1/documents/{_ID}"]
    )
    problem: Problem | None = Field(None, description="Why the file was not accepted.", examples=[None])

    @classmethod
    def of(cls, addresses: Addresses, outcome: "Outcome") -> "UploadOut":
        """The outcome as the API shows it."""
        document = DocumentOut.of(addresses, outcome.document) if outcome.document else None
        return cls(
            name=outcome.name,
            document=document,
            is_new=outcome.is_new,
            status_url=document.url if document else None,
            problem=Problem.of(outcome.error) if outcome.error else None,
        )


class Uploads(BaseModel):
    """One outcome per file, in the order of upload."""

    uploads: list[UploadOut]


class PageImageUrl(BaseModel):
    """The URL of a page image."""

    url: str = Field(
        examples=["https://bucket.s3.amazonaws.com/default/9f86/pages/1.webp?X-Amz-Signature=..."]
    )
    is_presigned: bool = Field(
        description="True for a presigned URL of the bucket, which anyone can use until it expires; false "
        "for a URL of this service.",
        examples=[True],
    )


class WordOut(BaseModel):
    """A word and its box `[x0, y0, x1, y1]` in fractions of the page, from the top left corner."""

    text: str = Field(examples=["Revenue"])
    box: tuple[float, float, float, float] = Field(examples=[(0.12, 0.08, 0.21, 0.1)])
    confidence: float = Field(description="Always 1 for the text layer.", examples=[1.0])


class PageOut(BaseModel):
    """A page of a document, indexed or not yet."""

    page_number: int = Field(examples=[3])
    page_label: str = Field(description=PAGE_LABEL, examples=["iii"])
    image_url: str = Field(examples=[f"/v1/documents/{_ID}/pages/3/image"])
    page_url: str = Field(description="This page in the web UI.", examples=[f"/documents/{_ID}/pages/3"])

    @classmethod
    def of(cls, addresses: Addresses, page: PageRef, label: str) -> "PageOut":
        """The page as the API shows it."""
        return cls(
            page_number=page.page_number,
            page_label=label,
            image_url=addresses.page_image(page),
            page_url=addresses.page(page),
        )


class PageList(BaseModel):
    """Some of the pages of a document, in order."""

    pages: list[PageOut]


class PageTextOut(BaseModel):
    """The words of a page, by source."""

    document_id: str = Field(examples=[_ID])
    page_number: int = Field(examples=[1])
    page_label: str = Field(description=PAGE_LABEL, examples=["i"])
    text_layer: list[WordOut] = Field(description="Words of the PDF's text layer.")
    read: list[WordOut] = Field(description="Words that the model read from the page's pixels.")
    ocr: list[WordOut] = Field(description="Words that OCR read from the page's pixels.")
    readability: float | None = Field(
        description="The share of letters that the model likely read right, of those that neither the text "
        f"layer nor OCR has. Below {LOW:g} much is guessed: another script, handwriting or very small print. "
        "Null where there are hardly any such letters.",
        examples=[0.98],
    )

    @classmethod
    def of(cls, page: PageRef, label: str, words: PageWords) -> "PageTextOut":
        """The words as the API shows them."""
        return cls(
            document_id=page.document_id,
            page_number=page.page_number,
            page_label=label,
            text_layer=_words(words.text_layer),
            read=_words(words.read),
            ocr=_words(words.ocr or ()),
            readability=readability(words),
        )


class RegionOut(BaseModel):
    """A part of a page that answers a question."""

    box: tuple[float, float, float, float] = Field(
        description="`[x0, y0, x1, y1]` in fractions of the page, from the top left corner.",
        examples=[(0.12, 0.08, 0.21, 0.1)],
    )
    weight: float = Field(
        description="How much it answers beside the best region, which has 1.", examples=[1.0]
    )
    words: list[str] = Field(
        description="Words of the question that it answers; empty where the model does not tell.",
        examples=[["sales"]],
    )


class ExplanationOut(BaseModel):
    """Why a page answers a question."""

    document_id: str = Field(examples=[_ID])
    page_number: int = Field(examples=[1])
    sentence: str = Field(examples=["“region” stands on the page; “sales” stands for “revenue”."])
    regions: list[RegionOut] = Field(description="Best first, 50 at most.")

    @classmethod
    def of(cls, page: PageRef, explained: Explanation) -> "ExplanationOut":
        """The explanation as the API shows it."""
        return cls(
            document_id=page.document_id,
            page_number=page.page_number,
            sentence=explained.sentence,
            regions=[
                RegionOut(box=corners(each.box), weight=each.weight, words=list(each.words))
                for each in explained.regions
            ],
        )


def _parent_of(document: Document) -> DocumentRef | None:
    """None also where it has been deleted."""
    if document.parent_id is None or document.parent_name is None:
        return None
    return DocumentRef.of(document.parent_id, document.parent_name)


def _error_of(indexing: Indexing) -> ErrorOut | None:
    if indexing.error_code is None:
        return None
    return ErrorOut(code=indexing.error_code, message=indexing.error_message or "")


def seconds_left(document: Document) -> float | None:
    """How long indexing will still take, going by the pages of this attempt; None if it cannot be said."""
    done = document.indexing.pages_done - document.indexing.pages_at_start
    if document.indexing.finished_at is not None or document.indexing.started_at is None or done <= 0:
        return None
    taken = (datetime.now(UTC) - datetime.fromisoformat(document.indexing.started_at)).total_seconds()
    return round(taken / done * (document.page_count - document.indexing.pages_done), 1)


def _words(words: Sequence[Word]) -> list[WordOut]:
    return [
        WordOut(
            text=word.text,
            box=corners(word.box),
            confidence=word.confidence,
        )
        for word in words
    ]


def corners(box: Box) -> tuple[float, float, float, float]:
    """A box as the API shows it."""
    return box.x0, box.y0, box.x1, box.y1
