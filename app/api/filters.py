"""A filter as a query parameter: JSON text, as the body of a search has it as an object."""

from typing import Annotated

from fastapi import Depends, Query

from vdr.filters import parse_filter_text
from vdr.types import Filter

# Addresses that are longer do not get through every proxy.
MAX_FILTER_CHARACTERS = 8_000
FILTER = "Only what passes this filter: an object in the language of docs/api.md."
FILTER_EXAMPLE = {"year": {"$gte": 2021}, "kind": "pdf"}


def _filter(
    filter: Annotated[
        str | None,
        Query(
            max_length=MAX_FILTER_CHARACTERS,
            description=f"{FILTER} As JSON text.",
            examples=['{"year": {"$gte": 2021}}'],
        ),
    ] = None,
) -> Filter | None:
    return None if filter is None else parse_filter_text(filter)


FilterOf = Annotated[Filter | None, Depends(_filter)]
