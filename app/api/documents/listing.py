"""Which documents a list has, and in what order, as query parameters."""

from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Query

from app.api.filters import FilterOf
from vdr.types import DocumentSort, DocumentState, Listing

_MAX_NAME = 255


class SortOrder(StrEnum):
    """Ascending or descending."""

    ASC = "asc"
    DESC = "desc"


def _listing(
    filter: FilterOf,
    state: Annotated[list[DocumentState], Query(description="Only documents in one of these states.")] = [],  # noqa: B006 - FastAPI copies it
    name: Annotated[
        str,
        Query(
            max_length=_MAX_NAME,
            pattern=r"^[^\x00]*$",
            description="Only documents with this text in one of their names or in their title, in upper or "
            "lower case.",
            examples=["annual report"],
        ),
    ] = "",
    sort: Annotated[
        DocumentSort, Query(description="What to sort by. `state` is in order of progress.")
    ] = DocumentSort.ADDED_AT,
    order: Annotated[
        SortOrder | None, Query(description="Default: `desc` for `added_at`, otherwise `asc`.")
    ] = None,
) -> Listing:
    usual = SortOrder.DESC if sort is DocumentSort.ADDED_AT else SortOrder.ASC
    return Listing(filter, tuple(state), name.strip(), sort, (order or usual) is SortOrder.DESC)


ListingOf = Annotated[Listing, Depends(_listing)]
