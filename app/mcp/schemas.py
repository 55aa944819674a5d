"""What the tools take and give; the descriptions are for the model that calls them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_QUERY_CHARACTERS = 2_000
_MAX_PAGES, _MAX_DOCUMENTS = 20, 200
_LEAST_TOKENS, _MOST_TOKENS = 500, 100_000
_MAX_WAIT_S = 300.0
# Images at this width can be read by people and models, and are 1,900 tokens for a page of A4.
_IMAGE_WIDTH = 1_000

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY_CHARACTERS)]
Collection = Annotated[
    str | None,
    Field(description="Collection to use; left out, the service's default one. list_documents names them."),
]
DocumentId = Annotated[str, Field(min_length=1, max_length=128, description="document_id of a document.")]
PageNumber = Annotated[int, Field(ge=1, description="Number of the page in its file, from 1.")]
MaxTokens = Annotated[
    int,
    Field(
        ge=_LEAST_TOKENS,
        le=_MOST_TOKENS,
        description="The answer stays below so many tokens (a token for 3 bytes of text or 750 pixels): "
        "images are left out and text is cut.",
    ),
]
Cursor = Annotated[str | None, Field(description="next_cursor of the previous answer to the same call.")]
Filter = Annotated[
    dict[str, Any] | None,
    Field(
        description="Restrict by metadata and fields such as document_name, kind, page_number and added_at, "
        'e.g. {"year": {"$gte": 2021}}. Operators: $eq $ne $gt $gte $lt $lte $in $nin $exists $prefix $and '
        "$or $not."
    ),
]


class Arguments(BaseModel):
    """Arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    collection: Collection = None


class Looking(Arguments):
    """What searches have in common."""

    limit: Annotated[int, Field(ge=1, le=_MAX_PAGES, description="Maximum number of pages.")] = 5
    filter: Filter = None
    document_ids: Annotated[
        list[DocumentId], Field(max_length=1_000, description="Search only these documents.")
    ] = []
    images: Annotated[bool, Field(description="Return the images of the best pages.")] = True
    image_width: Annotated[int, Field(ge=200, le=2_000, description="Maximum width of images.")] = (
        _IMAGE_WIDTH
    )
    max_tokens: MaxTokens = 10_000
    cursor: Cursor = None


class SearchPages(Looking):
    """Arguments of search_pages."""

    query: Annotated[Text, Field(description="A question or a few words, in the language of the documents.")]
    mode: Annotated[
        Literal["hybrid", "visual", "text"],
        Field(description="hybrid searches looks and words, visual page images, text the words."),
    ] = "hybrid"


class FindSimilar(Looking):
    """Arguments of find_similar."""

    document_id: DocumentId
    page_number: PageNumber
    query: Annotated[
        Text | None, Field(description="Prefer similar pages that answer this question as well.")
    ] = None


class GetPage(Arguments):
    """Arguments of get_page."""

    document_id: DocumentId
    page_number: PageNumber
    image: Annotated[bool, Field(description="Return the image of the page.")] = True
    image_width: Annotated[int, Field(ge=200, le=2_000, description="Maximum width of the image.")] = (
        _IMAGE_WIDTH
    )
    max_tokens: MaxTokens = 10_000
    cursor: Cursor = None


class ListDocuments(Arguments):
    """Arguments of list_documents."""

    name: Annotated[str, Field(max_length=255, description="Only documents with this in their name.")] = ""
    filter: Filter = None
    limit: Annotated[int, Field(ge=1, le=_MAX_DOCUMENTS, description="Maximum number of documents.")] = 50
    max_tokens: MaxTokens = 10_000
    cursor: Cursor = None


class Upload(Arguments):
    """Arguments of upload."""

    path: Annotated[
        str | None, Field(description="A file on the machine of this server; only where it runs locally.")
    ] = None
    content_base64: Annotated[
        str | None, Field(description="The file itself, in Base64; 700 kB at most over HTTP.")
    ] = None
    name: Annotated[
        str | None,
        Field(min_length=1, max_length=255, description="Name of the document; default: the file's."),
    ] = None
    metadata: Annotated[
        dict[str, Any] | None,
        Field(description="Strings, numbers, booleans, ISO dates and lists of strings, to filter by."),
    ] = None
    replace: Annotated[
        bool, Field(description="Delete other documents of this name once the new one is indexed.")
    ] = False
    wait_s: Annotated[
        float, Field(ge=0, le=_MAX_WAIT_S, description="Seconds to wait until it can be searched.")
    ] = 30.0


class Cited(BaseModel):
    """A page as the tools cite it."""

    document_id: str
    document_name: str
    page_number: int
    page_label: str = Field(description="The printed page number.")
    resource: str = Field(description="The page as an MCP resource.")
    url: str = Field(description="The page in the web UI, for people.")


class FoundPage(Cited):
    """A page that was found; its text is in the content."""

    rank: int
    confidence: float | None = Field(description="The chance that it answers, from 0 to 1, where known.")
    has_image: bool = Field(description="Whether its image is in the content.")
    has_whole_text: bool = Field(description="Whether all of its text is in the content.")


class FoundPages(BaseModel):
    """What was found, best first."""

    pages: list[FoundPage]
    answerable: float | None = Field(
        description="The chance that any page answers, from 0 to 1, where known."
    )
    missing_words: list[str] = Field(description="Words of the query that no page has.")
    next_cursor: str | None = Field(description="Continues after these pages; null at the end.")


class WholePage(Cited):
    """A page; its text is in the content."""

    page_count: int = Field(description="Number of pages of its document.")
    has_image: bool
    next_cursor: str | None = Field(description="Continues the text; null at its end.")


class ListedDocument(BaseModel):
    """A document."""

    document_id: str
    name: str
    state: str = Field(description="indexed: all of it can be searched.")
    page_count: int
    added_at: datetime
    title: str | None
    metadata: dict[str, Any]


class ListedDocuments(BaseModel):
    """Documents, newest first."""

    documents: list[ListedDocument]
    total: int = Field(description="How many there are in all.")
    collections: list[str] = Field(description="The collections that there are.")
    next_cursor: str | None


class UploadedDocument(ListedDocument):
    """A document that was uploaded."""

    pages_done: int
    error: str | None = Field(description="Why it could not be indexed.")
