"""Of all that a search has found, in order, what its answer shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vdr.search.grouping import EVERYTHING, grouped
from vdr.types import Candidate, SearchRequest


@dataclass(frozen=True, slots=True)
class Selected:
    """The pages to show with their ranks among all that were found, from 1.

    `pages_found` are how many of each document shown were found, where they come by document.
    """

    ranked: Sequence[tuple[int, Candidate]]
    pages_found: Mapping[str, int] | None = None


def reach(request: SearchRequest) -> int:
    """How many of the best pages have to be found to know the answer."""
    is_about_all = request.pages_per_document is not None or bool(request.facets)
    return EVERYTHING if is_about_all else request.offset + request.limit


def select(found: Sequence[Candidate], request: SearchRequest) -> Selected:
    """What is shown of the `reach` best pages."""
    if request.pages_per_document is not None:
        by_document = grouped(found, request.pages_per_document, request.limit, request.offset)
        return Selected(by_document.ranked, by_document.pages_found)
    ranked = list(enumerate(found, start=1))
    return Selected(ranked[request.offset : request.offset + request.limit])
