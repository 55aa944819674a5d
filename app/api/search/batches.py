"""What a batch of searches takes and gives."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from app.api.search.asking import SearchBody
from app.api.search.schemas import PageAddresses, SearchResponse
from vdr.errors import BadInput
from vdr.types import SearchRequest, SearchResult

MAX_SEARCHES = 100
_MAX_PAGES = 1_000  # in one answer: each is read for its snippet


class SearchBatch(BaseModel):
    """Several searches, each as for POST /v1/search."""

    model_config = ConfigDict(extra="forbid")

    searches: list[SearchBody] = Field(
        min_length=1,
        max_length=MAX_SEARCHES,
        examples=[[{"query": "net sales by region"}, {"query": "harbour dues", "limit": 3}]],
    )

    def to_requests(self) -> list[SearchRequest]:
        """The requests in order. Raises BadInput, and BadFilter, which says of which search."""
        pages = sum(each.most_pages for each in self.searches)
        if pages > _MAX_PAGES:
            raise BadInput(
                f"The searches ask for {pages:,} pages together; {_MAX_PAGES:,} are the most.",
                remedy="Lower limit, or send fewer searches at once.",
            )
        return [each.asked(f"searches.{place}.") for place, each in enumerate(self.searches)]


class BatchResponse(BaseModel):
    """What several searches found."""

    results: list[SearchResponse] = Field(description="One for each search, in their order.")

    @classmethod
    def of(
        cls, addresses: PageAddresses, found: Sequence[SearchResult], asked: SearchBatch
    ) -> "BatchResponse":
        """The results as the API shows them."""
        pairs = zip(found, asked.searches, strict=True)
        return cls(
            results=[SearchResponse.of(addresses, each, explained=search.explain) for each, search in pairs]
        )
