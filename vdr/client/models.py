"""What a service answers, as values. What a newer service tells besides is passed over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Scalar = bool | int | float | str
# [x0, y0, x1, y1] in fractions of the page, from the top left corner.
Box = tuple[float, float, float, float]
FINISHED = frozenset({"indexed", "failed", "cancelled"})


class PageRef(NamedTuple):
    """A page: the id of its document and its number, from 1."""

    document_id: str
    page_number: int


class Answer(BaseModel):
    """A value that does not change."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class DocumentName(Answer):
    """Which document."""

    document_id: str
    name: str


class DocumentFault(Answer):
    """Why a document could not be indexed, or what else to know of it."""

    code: str
    message: str


class PageFault(DocumentFault):
    """Why a page was skipped."""

    page_number: int


class Document(Answer):
    """A document and its progress; `state` ends as indexed, failed or cancelled."""

    document_id: str
    name: str
    other_names: list[str]
    state: str
    page_count: int
    pages_done: int
    size_bytes: int
    added_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    seconds_left: float | None = None
    ocr_pages: int
    ocr_pages_done: int
    attempt: int
    added_by: str | None
    kind: str
    pdf_title: str | None
    pdf_author: str | None
    pdf_created_at: datetime | None
    pdf_modified_at: datetime | None
    metadata: Mapping[str, Scalar | list[str]]
    error: DocumentFault | None = None
    page_errors: list[PageFault]
    warnings: list[DocumentFault]
    parent: DocumentName | None = None
    url: str
    file_url: str
    events_url: str

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen by itself: it is indexed, OCR included, failed or cancelled."""
        return self.state in FINISHED and self.ocr_pages_done >= self.ocr_pages


class Documents(Answer):
    """A page of the list of documents."""

    documents: list[Document]
    total: int
    next_after: str | None


class Refusal(Answer):
    """Why a file was not accepted."""

    code: str
    detail: str
    remedy: str


class Upload(Answer):
    """The outcome for one file."""

    name: str
    document: Document | None = None
    is_new: bool
    problem: Refusal | None = None


class Uploads(Answer):
    """One outcome per file."""

    uploads: list[Upload]


class Page(Answer):
    """A page of a document; `page_label` is the printed page number."""

    page_number: int
    page_label: str
    image_url: str
    page_url: str


class Pages(Answer):
    """Some of the pages of a document."""

    pages: list[Page]


class Word(Answer):
    """A word and where it stands."""

    text: str
    box: Box
    confidence: float


class PageText(Answer):
    """The words of a page: of the text layer, read by the model, and by OCR."""

    document_id: str
    page_number: int
    page_label: str
    text_layer: list[Word]
    read: list[Word]
    ocr: list[Word]
    readability: float | None

    @property
    def text(self) -> str:
        """The words of the best source: the text layer, else what OCR read, else what the model read."""
        words = self.text_layer or self.ocr or self.read
        return " ".join(word.text for word in words)


class Region(Answer):
    """A part of a page that answers a question; the best has the weight 1."""

    box: Box
    weight: float
    words: list[str]


class PageExplanation(Answer):
    """Why a page answers a question."""

    document_id: str
    page_number: int
    sentence: str
    regions: list[Region]


class HitDocument(DocumentName):
    """The document of a hit."""

    pdf_title: str | None
    page_count: int | None
    url: str


class Snippet(Answer):
    """The sentences and table rows of a page that match best."""

    text: str
    from_pixels: bool


class Neighbour(Page):
    """A page before or after a hit, with the text next to it."""

    text: str


class Stage(Answer):
    """What a stage of the search says of a page."""

    stage: str
    score: float
    rank: int
    share: float | None


class HitRegion(Region):
    """A part of the page that has a word of the query."""

    source: str


class HitExplanation(Answer):
    """Why a page was found."""

    reason: str
    stages: list[Stage]
    regions: list[HitRegion]
    windows: list[str]


class Hit(Answer):
    """A page that may contain the answer; docs/api.md explains scores and confidence."""

    rank: int
    document: HitDocument
    page_number: int
    page_label: str
    score: float
    confidence: float | None = None
    stages: Mapping[str, float]
    image_url: str
    page_url: str
    snippet: Snippet
    matched_words: list[str]
    marks: list[Box] | None = None
    explanation: HitExplanation | None = None
    neighbours: list[Neighbour] = Field(default_factory=list)

    @property
    def page(self) -> PageRef:
        """The page, as the client's methods take it."""
        return PageRef(self.document.document_id, self.page_number)


class Group(Answer):
    """A document of which pages were found."""

    document_id: str
    pages_found: int


class FacetValue(Answer):
    """How many pages and documents found have a value."""

    value: bool | int | float | str
    pages: int
    documents: int


class Facet(Answer):
    """The values of a field among all pages found; `more` others are not listed."""

    values: list[FacetValue]
    more: int


class SearchResult(Answer):
    """What a search found, best first, and all else that it tells."""

    hits: list[Hit]
    missing_words: list[str] = Field(default_factory=list)
    excluded_words: list[str] = Field(default_factory=list)
    corrected_words: Mapping[str, str] = Field(default_factory=dict)
    answerable: float | None = None
    left_out: list[str] = Field(default_factory=list)
    groups: list[Group] | None = None
    facets: Mapping[str, Facet] = Field(default_factory=dict)
    next_cursor: str | None = None
    search_id: str | None = None
    timings_ms: Mapping[str, float]


class SearchResults(Answer):
    """The results of several searches."""

    results: list[SearchResult]


class CollectionSettings(Answer):
    """Settings of a collection; None means the setting of the service."""

    embedder: str | None = None
    dims: int | None = None
    ocr: str | None = None
    ocr_language: str | None = None
    max_pages: int | None = None
    queue_limit: int | None = None


class Generation(Answer):
    """The index that answers searches, and the model that built it."""

    name: str
    created_at: datetime
    embedder: str | None
    fingerprint: str | None
    dims: int | None
    coarse_dims: int | None


class RerankStep(Answer):
    """A reranker of a plan, and how many of the best pages it reorders."""

    reranker: str
    depth: int


class Plan(Answer):
    """What default searches go by, as `vdr tune` has chosen it."""

    candidates: int
    rerank: list[RerankStep] = Field(default_factory=list)
    without: list[str] = Field(default_factory=list)
    tuned_at: datetime
    questions: int


class Collection(Answer):
    """A collection."""

    name: str
    description: str
    created_at: datetime
    documents: int
    settings: CollectionSettings
    generation: Generation
    plan: Plan | None
    url: str


class Collections(Answer):
    """Every collection, by name."""

    collections: list[Collection]


class Deletion(Answer):
    """What was deleted, or would be: the newest of the documents, 100 at most."""

    dry_run: bool
    count: int
    documents: list[DocumentName]


class Version(Answer):
    """What is running."""

    version: str
    embedder: str
    fingerprint: str
    dims: int
    reranker: str | None


T = TypeVar("T")


class Listed(NamedTuple, Generic[T]):
    """A page of a list, and what to send for the next one; None at the end."""

    items: list[T]
    following: str | None
