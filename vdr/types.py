"""The vocabulary: what the rooms hand each other. Frozen values without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt
from PIL.Image import Image

FloatArray = npt.NDArray[np.float32]
# Late-interaction vectors as an index stores them: bytes or floats, as its schema says.
StoredRows = npt.NDArray[np.uint8] | FloatArray
# What can be asked for: words, or what an image shows.
QueryInput = str | Image


Scalar = str | int | float | bool
# What an uploader may say of a document; a string may be an ISO 8601 date or time.
Metadata = Mapping[str, Scalar | tuple[str, ...]]


@dataclass(frozen=True, slots=True, order=True)
class PageRef:
    """A page of a collection: the id of its document and its number, counted from 1."""

    document_id: str
    page_number: int


BOX_DECIMALS = 5  # a hundred-thousandth of a page is far below a pixel


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the page: (0, 0) is the top left corner, (1, 1) the bottom right."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands; `confidence`, the chance that it is right, is 1 for the text layer."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Hashed terms: `indices` ascending and unique (uint32 range), `values` their weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PageVectors:
    """What an embedder makes of one page image.

    `embedding` has shape (dims,), L2-normalized, or (vectors, dims) with rows of length 1 where the model
    gives many vectors a page; these come with a `coarse` one, (coarse_dims,), to be found by. `words` are
    read from the pixels (empty where the model cannot read). `regions` has shape (regions, region_dims) for
    late interaction, or None; it is encoded as the index is to store it. `more` are the embeddings of other
    embedders of the generation.
    """

    embedding: FloatArray
    words: tuple[Word, ...] = ()
    regions: StoredRows | None = None
    coarse: FloatArray | None = None
    more: tuple["PageVectors", ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class QueryTokens:
    """A query's late-interaction vectors, encoded as those of pages are.

    `rows` has shape (tokens, region_dims). With m the MaxSim that an engine finds over these rows, the true
    one is (m - offset) / scale.
    """

    rows: StoredRows
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class QueryVectors:
    """What an embedder makes of one query.

    `embedding` has shape (dims,), L2-normalized; of a model that gives many vectors a page (vectors, dims),
    its rows so long that their MaxSim is a mean of cosines, with a `coarse` one, (coarse_dims,), to find
    pages by. `tokens` is None where there are no region vectors to compare them with.
    `terms` are the words to look up in the sparse indexes (empty for an image without any), `forms` others
    that pages may have them in, each with the word it is a form of, and `related` words of like meaning, each
    with the word it stands for. `term_weights` are how much all of them count; without it every term counts
    1. `dense_weight` is how much the embedding counts beside the words: less where it is made of the very
    words that were read. `noise` is the cosine that a page may have by it with what means nothing; None where
    nobody knows. `more` are the embeddings of the generation's other embedders, each with its weight.
    `known` are terms that a model knows, and that are spelt right; None where no model has a vocabulary.
    """

    embedding: FloatArray
    tokens: QueryTokens | None = None
    terms: tuple[str, ...] = ()
    dense_weight: float = 1.0
    term_weights: Mapping[str, float] = field(default_factory=dict)
    related: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    coarse: FloatArray | None = None
    noise: float | None = None
    more: tuple["QueryVectors", ...] = ()
    known: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class VectorShape:
    """What the vectors of a page are by one embedder.

    `dims` is the width of the full embedding, of which there are many with `has_many_vectors`, and
    `coarse_dims` that of the coarse one.
    """

    dims: int
    coarse_dims: int
    has_many_vectors: bool = False


class Attention(StrEnum):
    """What computes attention in Transformers' checkpoints; AUTO: what it chooses, which is SDPA mostly."""

    AUTO = "auto"
    EAGER = "eager"
    SDPA = "sdpa"
    FLASH_2 = "flash_attention_2"


class Quantization(StrEnum):
    """How the many vectors of a page are also kept in memory; NONE: only on disk, in half precision."""

    NONE = "none"
    INT8 = "int8"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class CollectionSettings:
    """A collection's own settings, which override those of the process; None: not set.

    `embedder` and `dims` are those of generations to come. `ocr` is one of off, missing and all,
    `ocr_language` what Tesseract calls languages.
    """

    embedder: str | None = None
    dims: int | None = None
    ocr: str | None = None
    ocr_language: str | None = None
    max_pages: int | None = None
    queue_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """One tenant's corpus. Searches are answered by its generation `serving`."""

    name: str
    created_at: str
    serving: str
    description: str = ""
    settings: CollectionSettings = field(default_factory=CollectionSettings)
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """A collection's index as built by one model at one set of dimensions.

    `embedder` is the name that the model was loaded by, `fingerprint` tells it, `dims` is the width of the
    full embedding, `coarse_dims` that of its first Matryoshka dimensions, `region_dims` that of the
    late-interaction vectors (None: the model has none). All of these are None until the first page is
    embedded. `reader` is the name of what reads pages for a model that cannot (None: nobody does). With
    `has_many_vectors` a page has many full embeddings, quantized as `quantization` says. `more` are the
    shapes of what other embedders of the generation make, if it has several.
    Without `has_fields` the pages in the index still lack what filters look at, as in the version before.
    `calibration` is what its searches' signs are worth, as `vdr.search.calibration` tells it, where that was
    found for this collection; `plan` is what its default searches go by, as `vdr.search.kept` tells it.
    `settings` are the collection's model and dimensions while this generation serves; None: those that the
    collection has. `served_at` is when it last began to answer searches, None if it never did, or has since
    the collection was made.
    """

    collection: str
    name: str
    created_at: str
    embedder: str | None = None
    fingerprint: str | None = None
    dims: int | None = None
    coarse_dims: int | None = None
    region_dims: int | None = None
    reader: str | None = None
    has_many_vectors: bool = False
    quantization: Quantization = Quantization.NONE
    more: tuple[VectorShape, ...] = ()
    has_fields: bool = True
    calibration: Mapping[str, object] | None = None
    plan: Mapping[str, object] | None = None
    settings: CollectionSettings | None = None
    served_at: str | None = None


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """How many of the documents that answer searches now a generation has, too, and how many failed in it."""

    documents: int
    indexed: int
    failed: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to build."""
        return self.indexed == self.documents


class DocumentState(StrEnum):
    """Where a document stands on its way into the index."""

    QUEUED = "queued"
    RASTERIZING = "rasterizing"
    EMBEDDING = "embedding"
    INDEXED = "indexed"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (DocumentState.QUEUED, DocumentState.RASTERIZING, DocumentState.EMBEDDING)
FINISHED = (DocumentState.INDEXED, DocumentState.FAILED, DocumentState.CANCELLED)


class Priority(IntEnum):
    """How long a document may wait: the lower goes first. After an interactive upload somebody is waiting."""

    INTERACTIVE = 1
    BULK = 100


@dataclass(frozen=True, slots=True)
class PageError:
    """A page that could not be indexed and is skipped, and why."""

    page_number: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Indexing:
    """How far a document has come in a generation.

    `attempt` counts how often it was queued, `revision` every change of it. Times are ISO 8601 in UTC;
    `started_at` is when the current attempt began, with `pages_at_start` pages done already. OCR looks at
    `ocr_pages` pages once the document is indexed, none if it is not wanted. Among documents of the same
    priority, those of all collections, the one of the lowest `turn` goes first.
    """

    generation: str
    state: DocumentState = DocumentState.QUEUED
    pages_done: int = 0
    error_code: str | None = None
    error_message: str | None = None
    page_errors: tuple[PageError, ...] = ()
    attempt: int = 1
    revision: int = 0
    priority: Priority = Priority.INTERACTIVE
    turn: int = 0
    started_at: str | None = None
    pages_at_start: int = 0
    finished_at: str | None = None
    ocr_pages: int = 0
    ocr_pages_done: int = 0


@dataclass(frozen=True, slots=True)
class PdfInfo:
    """What a PDF says of itself in its own metadata; "" or None where it does not.

    `created_at` and `modified_at` are ISO 8601 in UTC.
    """

    title: str = ""
    author: str = ""
    created_at: str | None = None
    modified_at: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentWarning:
    """What a person should know of a document that is indexed all the same."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """What was sent, known within its collection by the SHA-256 of its bytes.

    `kind` is what it was sent as (pdf, image, office), `indexing` how it stands in the generation asked for.
    `name` is shown; it is also found by `other_names`, under which the same bytes were sent, newest first.
    `info` and `warnings` are known once indexing has begun. `parent_id` and `parent_name` are those of the
    document that this one was attached to.
    """

    document_id: str
    name: str
    size_bytes: int
    created_at: str
    indexing: Indexing
    page_count: int = 0
    kind: str = "pdf"
    added_by: str = ""
    metadata: Metadata = field(default_factory=dict)
    other_names: tuple[str, ...] = ()
    info: PdfInfo = PdfInfo()
    warnings: tuple[DocumentWarning, ...] = ()
    parent_id: str | None = None
    parent_name: str | None = None


class Stage(StrEnum):
    """A step of a search; each leaves its score on the hit. Numbered are those of further embedders.

    `query` and `like` are the two sides of a search by a text and by an image or page.
    """

    COARSE = "coarse"
    FULL = "full"
    COARSE_2 = "coarse_2"
    FULL_2 = "full_2"
    COARSE_3 = "coarse_3"
    FULL_3 = "full_3"
    TEXT = "text"
    READ = "read"
    DOCUMENT = "document"
    PHRASE = "phrase"
    PLACE = "place"
    FUSION = "fusion"
    QUERY = "query"
    LIKE = "like"
    LATE_INTERACTION = "late_interaction"
    CROSS_ENCODER = "cross_encoder"


class DocumentSort(StrEnum):
    """What a list of documents is in order of: `state` is how far they have come."""

    ADDED_AT = "added_at"
    NAME = "name"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Listing:
    """Which documents to list, and in what order: all of them, newest first, unless it says otherwise.

    `where` and `states` narrow the list; so does `name`, which must be part of a name or of the title, in
    upper or lower case.
    """

    where: "Filter | None" = None
    states: tuple[DocumentState, ...] = ()
    name: str = ""
    sort: DocumentSort = DocumentSort.ADDED_AT
    is_descending: bool = True


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A place in a list of documents, whether or not the document that it is named after still exists."""

    name: str
    state: DocumentState
    added_at: str
    document_id: str


class SearchMode(StrEnum):
    """Which evidence a search may use: pixels, the text layer, or both."""

    VISUAL = "visual"
    TEXT = "text"
    HYBRID = "hybrid"


class SearchSort(StrEnum):
    """What hits of like relevance are in order of: relevance itself, or the dates of their documents."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class Effort(StrEnum):
    """How much a search does: FAST leaves out what reads pages again, BEST looks at twice as many."""

    FAST = "fast"
    BALANCED = "balanced"
    BEST = "best"


@dataclass(frozen=True, slots=True, eq=False)
class PagePoint:
    """One page as the index stores it.

    `text_terms` is the sparse vector of the text layer, `read_terms` that of the words read from pixels;
    either may be None. `embedding`, `regions`, `coarse` and `more` are those of PageVectors. The
    others are there for filters: of the page its label, the rest of its document.
    """

    page: PageRef
    document_name: str
    embedding: FloatArray
    text_terms: SparseVector | None = None
    read_terms: SparseVector | None = None
    regions: StoredRows | None = None
    page_label: str | None = None
    page_count: int | None = None
    added_at: str | None = None
    kind: str | None = None
    metadata: Metadata = field(default_factory=dict)
    info: PdfInfo = PdfInfo()
    parent_id: str | None = None
    coarse: FloatArray | None = None
    more: tuple[PageVectors, ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """What a stage says of a page: its rank among all that the stage found, from 1, and the share of the
    question, from 0 to 1, that it fills by itself; None for a reranker, whose score replaces the others.
    """

    rank: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved page with the score of every stage that saw it, the last one's in `score`.

    Title and number of pages are its document's; "" and None where they are not known. `votes` are there
    where the search is to be explained, `confidence` where it is calibrated. `windows` are what of it a
    reranker of words has read, the stretch that fits the question best first.
    """

    page: PageRef
    document_name: str
    score: float
    stages: dict[Stage, float] = field(default_factory=dict)
    page_label: str = ""
    document_title: str = ""
    page_count: int | None = None
    votes: "Mapping[Stage, Vote]" = field(default_factory=dict)
    confidence: float | None = None
    windows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one page: of the PDF's text layer, read by the embedder, and found by OCR.

    Each source has the whole page; `ocr` is None where OCR has not been.
    """

    text_layer: tuple[Word, ...] = ()
    read: tuple[Word, ...] = ()
    ocr: tuple[Word, ...] | None = None


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The words of one page without their boxes, which take longer to parse."""

    text_layer: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    ocr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """Words as they stand on a page: their texts, and their boxes as an array of shape (words, 4).

    What is not known where it stands has an empty array.
    """

    texts: tuple[str, ...] = ()
    boxes: FloatArray = field(default_factory=lambda: np.empty((0, 4), np.float32))

    @property
    def has_boxes(self) -> bool:
        """Whether it is known where the words stand."""
        return len(self.boxes) > 0


class Operator(StrEnum):
    """How a condition compares a field with its value."""

    EQ = "$eq"
    NE = "$ne"
    GT = "$gt"
    GTE = "$gte"
    LT = "$lt"
    LTE = "$lte"
    IN = "$in"
    NIN = "$nin"
    EXISTS = "$exists"
    PREFIX = "$prefix"


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared with a value: several with $in and $nin, a truth with $exists."""

    field: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the filters holds."""

    filters: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the filters holds at least."""

    filters: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The filter does not hold."""

    filter: "Filter"


Filter = Condition | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True, eq=False)
class SearchRequest:
    """All that is asked of a search.

    The query is `text`, an `image` or a `page` of the `collection`, or a text with one of these: then pages
    that answer the text and are like the image or page come first. `filter` narrows what is
    found, `offset` hits are left out before the first. `rerank` lets the best be looked at again, `explain`
    asks why pages were found: where the query's words stand, what each stage says, and a sentence. With
    `pages_per_document` so many of the best pages of each document are found, and `limit` and `offset` count
    documents. Each hit comes with so many `neighbours` before and after it. What was found is counted by
    the values of the fields in `facets`, named as filters name them. With a `cursor`, which an answer to the
    same search gave, what was shown up to there is left out. `sort` is the order of hits of like relevance,
    by the date in `sort_field` or else that of the document. `digest` tells this search from others; it is
    there where `filter` no longer is as it was asked. Pages of less than `min_confidence` are left out.
    `effort` is how much is done; stages that would not end within `budget_ms` milliseconds are left out.
    """

    text: str | None = None
    image: Image | None = None
    page: PageRef | None = None
    collection: str = "default"
    mode: SearchMode = SearchMode.HYBRID
    filter: Filter | None = None
    limit: int = 10
    offset: int = 0
    rerank: bool = True
    explain: bool = False
    pages_per_document: int | None = None
    neighbours: int = 0
    facets: tuple[str, ...] = ()
    cursor: str | None = None
    sort: SearchSort = SearchSort.RELEVANCE
    sort_field: str | None = None
    digest: str = ""
    min_confidence: float | None = None
    effort: Effort = Effort.BALANCED
    budget_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page that answers some words of a question, the more the higher `weight` (0 to 1)."""

    box: Box
    weight: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a page was found: the regions that answer, and one sentence."""

    regions: tuple[Region, ...] = ()
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """The passages of a page that most likely answer; `from_pixels` tells that they were read, not extracted.

    `matched` are the words of the query that the page has, itself, in another form or as a related word;
    `terms` which of these it has.
    """

    text: str
    from_pixels: bool = False
    matched: tuple[str, ...] = ()
    terms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Marks:
    """The terms that a page is marked for, those asked and related ones, and where they stand on it.

    `weights` has one of each box: 1 for the rarest terms, less the more often a term stands on the page.
    `words` has the word of the query that each box answers; `from_pixels` tells that they were read.
    """

    terms: frozenset[str] = frozenset()
    boxes: tuple[Box, ...] = ()
    weights: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    from_pixels: bool = False


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A page before or after a hit in its document; `text` is its end or its beginning, next to the hit."""

    page: PageRef
    page_label: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A returned page. `rank` counts from 1 at offset 0.

    `marks`, `votes`, `windows` and the `reason`, a sentence, are there where the search was to be explained.
    `confidence` is the chance that the page answers the question; None where nobody knows. `page_label` is
    what is printed on the page as its number. Title and number of pages are its document's; "" and None where
    they are not known. `neighbours`, in the order of the document, are there where they were asked for.
    """

    rank: int
    page: PageRef
    document_name: str
    score: float
    stages: dict[Stage, float]
    snippet: Snippet
    marks: Marks | None = None
    page_label: str = ""
    document_title: str = ""
    page_count: int | None = None
    votes: "Mapping[Stage, Vote]" = field(default_factory=dict)
    reason: str = ""
    neighbours: tuple[Neighbour, ...] = ()
    confidence: float | None = None
    windows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetValue:
    """How many of the pages found have a value of a field, and how many documents these are of."""

    value: Scalar
    pages: int
    documents: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of a field among all pages found, the most frequent first, and how many `more` there are."""

    values: tuple[FacetValue, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and the milliseconds each part of the search took.

    `missing_words` are those of the question that no page searched has, neither in another form nor as a word
    of like meaning, nor the name of its document; pages that say one of the `excluded_words` are left out.
    `corrected_words` are misspelt ones, as the question writes them, with the words searched for instead.
    Where the pages of each document come together, `pages_found` tells how many of each were found, by its
    id, and `rank` of a hit still counts all pages; else it is None. `facets` has those of each field that
    they were asked of. `next_cursor` continues after these hits; None at the end. `answerable` is the chance
    that any page searched answers the question; None where nobody knows. `left_out` names what there was no
    time for: spelling, phrase, place or rerank. Feedback names the search by its `search_id`; None where
    searches are not kept.
    """

    hits: tuple[Hit, ...]
    timings_ms: dict[str, float]
    missing_words: tuple[str, ...] = ()
    excluded_words: tuple[str, ...] = ()
    pages_found: "Mapping[str, int] | None" = None
    facets: Mapping[str, Facet] = field(default_factory=dict)
    next_cursor: str | None = None
    corrected_words: "Mapping[str, str]" = field(default_factory=dict)
    answerable: float | None = None
    left_out: tuple[str, ...] = ()
    search_id: str | None = None
