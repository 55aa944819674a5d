"""What the search form asks, and the addresses that ask it again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from pydantic import BaseModel, Field, ValidationError

from app.api.filters import MAX_FILTER_CHARACTERS
from app.api.search.asking import MAX_QUERY_CHARACTERS
from vdr.errors import BadInput
from vdr.types import PageRef, SearchMode

HITS = 12  # fills rows of two, three and four
MAX_HITS = 8 * HITS
GROUPED = "document"


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The values of the search form; `like` is the page to search by, document id and number, if any.

    `shown` is how many hits are, `group` is GROUPED where those of a document stand together.
    """

    query: str = ""
    mode: SearchMode = SearchMode.HYBRID
    document_id: str = ""
    filter: str = ""
    like: str = ""
    shown: int = HITS
    group: str = ""

    @property
    def is_asked(self) -> bool:
        """Is there anything to search by?"""
        return bool(self.query or self.like)

    @property
    def is_grouped(self) -> bool:
        """Do the hits of a document stand together?"""
        return self.group == GROUPED

    @property
    def page(self) -> PageRef | None:
        """The page to search by; a question goes before it."""
        document_id, _, number = self.like.partition("-")
        return PageRef(document_id, int(number)) if self.like and not self.query else None

    @property
    def address(self) -> str:
        """What asks the same again, as the end of an address."""
        return f"?{self.encoded}"

    @property
    def encoded(self) -> str:
        """The same as the query of an address, without what would be so anyway."""
        asked = {"q": self.query, "like": "" if self.query else self.like}
        narrowed = {"document": self.document_id, "filter": self.filter, "group": self.group}
        changed = {
            "mode": "" if self.mode is SearchMode.HYBRID else self.mode.value,
            "shown": "" if self.shown == HITS else str(self.shown),
        }
        given = {name: value for name, value in {**asked, **narrowed, **changed}.items() if value}
        return urlencode(given)

    @property
    def without_filter(self) -> str:
        """The address that asks the same of all documents, or of all of the chosen one."""
        return replace(self, filter="", shown=HITS).address

    @property
    def more_shown(self) -> int:
        """How many hits are shown once more are asked for."""
        return min(self.shown + HITS, MAX_HITS)

    @property
    def with_more(self) -> str:
        """The address that shows more."""
        return replace(self, shown=self.more_shown).address


QueryText = Annotated[str, Query(max_length=MAX_QUERY_CHARACTERS)]
FilterText = Annotated[str, Query(max_length=MAX_FILTER_CHARACTERS)]


class _Fields(BaseModel):
    """The fields of the form by their names."""

    q: str = Field("", max_length=MAX_QUERY_CHARACTERS)
    mode: SearchMode = SearchMode.HYBRID
    document: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    filter: str = Field("", max_length=MAX_FILTER_CHARACTERS)
    like: str = Field("", pattern=r"^([0-9a-f]{64}-[1-9][0-9]{0,8})?$")
    shown: int = Field(HITS, ge=1, le=MAX_HITS)
    group: str = Field("", pattern=f"^({GROUPED})?$")

    def form(self) -> SearchForm:
        query, filter = " ".join(self.q.split()), self.filter.strip()
        return SearchForm(query, self.mode, self.document, filter, self.like, self.shown, self.group)


def form_of(fields: Mapping[str, str]) -> SearchForm:
    """The form as a body sends it. Raises BadInput."""
    try:
        return _Fields.model_validate(fields).form()
    except ValidationError as error:
        said = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise BadInput("; ".join(said)) from error


def _asked(fields: Annotated[_Fields, Query()]) -> SearchForm:
    return fields.form()


FormOf = Annotated[SearchForm, Depends(_asked)]
