"""What is asked of the search endpoints."""

from typing import Annotated, Any

from PIL.Image import Image
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.api.filters import FILTER, FILTER_EXAMPLE
from vdr.errors import BadInput
from vdr.filters import parse_fields, parse_filter
from vdr.search.request import MAX_CURSOR, MAX_FACETS, MAX_NEIGHBOURS, all_of, in_documents, sort_field_of
from vdr.types import Effort, Filter, PageRef, SearchMode, SearchRequest, SearchSort

_ID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MAX_QUERY_CHARACTERS = 2_000
MAX_PAGES = 200  # in one answer: each is read for its snippet, or as a neighbour
OFFSET = (
    "Hits to skip before the first. Paging never changes the order; an offset past the end returns no hits."
)
CURSOR = (
    "`next_cursor` of an answer to the same search: what was shown up to there is left out. `limit`, "
    "`marks`, `explain`, `neighbours` and `facets` may differ. Not together with `offset`."
)
SORT = (
    "Order of hits of like relevance, whose scores differ by at most 5 % of the best one: `relevance`, or "
    "the dates of their documents, `newest` or `oldest` first. Hits of clearly higher score stay before "
    "others."
)
SORT_FIELD = (
    "Sort by the date in this field, named as in filters. By default a PDF's own date (`pdf_created_at`), or "
    "else `added_at`."
)
PER_DOCUMENT = (
    "Return up to this many of the best pages of each document together, the document with the best page "
    "first. "
    "`limit` and `offset` then count documents."
)
EXPLAIN = (
    "Return why each page was found: a sentence, what each stage says of the page, and the regions that have "
    "the query's words. Takes a little longer."
)
NEIGHBOURS = (
    "Return so many pages before and after each hit in its document, with the text next to the hit: answers "
    "often go over a page break."
)
FACETS = (
    "Count all that was found, not only the hits returned, by the values of these fields, named as in "
    "filters; 10 at most."
)
MIN_CONFIDENCE = (
    "Leave out pages whose `confidence` is lower. Only for searches by words alone, with the default models "
    "or after `vdr calibrate`."
)
MAX_BUDGET_MS = 600_000
EFFORT = (
    "`fast` neither reranks nor reads pages again for phrases and captions, `best` looks at twice as many "
    "pages as `balanced`."
)
BUDGET = (
    "Milliseconds the search may take. What would take longer is left out, as `left_out` tells: correcting "
    "`spelling`, quoted phrases (`phrase`), named places (`place`) and reranking (`rerank`)."
)
MARKS = "Return where the words of the query stand on each page. Takes a little longer."
DocumentIdText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Filters(BaseModel):
    """Restricts a search. An empty list means no restriction."""

    model_config = ConfigDict(extra="forbid")

    document_ids: list[DocumentIdText] = Field(
        default_factory=list, max_length=1_000, description="Search only these documents.", examples=[[]]
    )

    def to_filter(self) -> Filter | None:
        """The filter as a search takes it."""
        return in_documents(self.document_ids)


class SearchOptions(BaseModel):
    """Options of every search."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(
        10, ge=1, le=100, strict=True, description="Maximum number of results: pages, or documents."
    )
    offset: int = Field(0, ge=0, strict=True, description=OFFSET)
    cursor: str | None = Field(None, max_length=MAX_CURSOR, description=CURSOR, examples=[None])
    sort: SearchSort = Field(SearchSort.RELEVANCE, description=SORT)
    sort_field: str | None = Field(None, description=SORT_FIELD, examples=[None])
    mode: SearchMode = Field(
        SearchMode.HYBRID, description="`visual` searches page images, `text` the text layer, `hybrid` both."
    )
    filters: Filters = Field(default_factory=Filters)
    rerank: bool = Field(True, strict=True, description="Rerank the best pages.")
    pages_per_document: int | None = Field(
        None, ge=1, le=100, strict=True, description=PER_DOCUMENT, examples=[None]
    )
    neighbours: int = Field(0, ge=0, le=MAX_NEIGHBOURS, strict=True, description=NEIGHBOURS)
    facets: list[str] = Field(
        default_factory=list, max_length=MAX_FACETS, description=FACETS, examples=[["department", "kind"]]
    )
    min_confidence: float | None = Field(
        None, ge=0, le=1, strict=True, description=MIN_CONFIDENCE, examples=[None]
    )
    effort: Effort = Field(Effort.BALANCED, description=EFFORT)
    budget_ms: int | None = Field(
        None, ge=1, le=MAX_BUDGET_MS, strict=True, description=BUDGET, examples=[None]
    )
    marks: bool = Field(False, strict=True, description=MARKS)
    explain: bool = Field(False, strict=True, description=EXPLAIN)

    @property
    def most_pages(self) -> int:
        """How many pages the answer may have, neighbours among them."""
        return self.limit * (self.pages_per_document or 1) * (1 + 2 * self.neighbours)

    def to_request(
        self,
        filter: Filter | None,
        *,
        text: str | None = None,
        image: Image | None = None,
        page: PageRef | None = None,
        place: str = "",
    ) -> SearchRequest:
        """The request for a text, an image or a page, narrowed by a filter beside its own `filters`.

        Raises BadInput where it asks for too many pages, BadFilter for a field that cannot be, which it names
        below `place`.
        """
        if self.most_pages > MAX_PAGES:
            raise BadInput(
                f"limit, pages_per_document and neighbours ask for {self.most_pages:,} pages; "
                f"{MAX_PAGES} are the most.",
                remedy="Lower one of them, and continue with cursor.",
            )
        return SearchRequest(
            text,
            image,
            page,
            mode=self.mode,
            filter=all_of(self.filters.to_filter(), filter),
            limit=self.limit,
            offset=self.offset,
            cursor=self.cursor,
            sort=self.sort,
            sort_field=sort_field_of(self.sort, self.sort_field),
            rerank=self.rerank,
            explain=self.marks or self.explain,
            pages_per_document=self.pages_per_document,
            min_confidence=self.min_confidence,
            effort=self.effort,
            budget_ms=self.budget_ms,
            neighbours=self.neighbours,
            facets=parse_fields(self.facets, f"{place}facets"),
        )


class PageQuery(BaseModel):
    """An indexed page to search by."""

    model_config = ConfigDict(extra="forbid")

    document_id: DocumentIdText = Field(examples=[_ID])
    page_number: int = Field(ge=1, strict=True, description="1-based.", examples=[12])


class SearchBody(SearchOptions):
    """A search by text (`query`), by an indexed page (`page`), or by both."""

    page: PageQuery | None = Field(
        None,
        description="Finds pages like this one, which is not among the hits; with `query` those first that "
        "answer it as well.",
        examples=[None],
    )
    query: Annotated[str, StringConstraints(strip_whitespace=True)] | None = Field(
        None,
        validate_default=True,
        min_length=1,
        max_length=MAX_QUERY_CHARACTERS,
        description="A question or a few words. Pages that say a word with a minus right before it, as in "
        "`engine -marine`, are not found.",
        examples=["How did net sales develop by region?"],
    )
    filter: dict[str, Any] | None = Field(
        None, description=f"{FILTER} It must hold as well as `filters`.", examples=[FILTER_EXAMPLE]
    )

    @field_validator("query")
    @classmethod
    def _asks_something(cls, query: str | None, info: ValidationInfo) -> str | None:
        has_page = info.data.get("page", False) is not None  # one that is not valid is there as well
        if query is None and not has_page:
            raise PydanticCustomError("missing", "Field required")
        return query

    def asked(self, place: str = "") -> SearchRequest:
        """The request. Raises as `to_request`; faults of the filter are named below `place` as well."""
        filter = None if self.filter is None else parse_filter(self.filter, f"{place}filter")
        page = None if self.page is None else PageRef(self.page.document_id, self.page.page_number)
        return self.to_request(filter, text=self.query, page=page, place=place)
