"""Hits of like relevance in the order of the dates of their documents.

What was found falls into bands: the first begins with the best page and has all that score at most 5 % of
the best score less than it; the next begins with the first page that does not; and so on. Only within a band
dates decide, so that a page which answers clearly better stays before a newer one.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from vdr.filters.values import instant
from vdr.index import VectorIndex, point_id
from vdr.types import Candidate, Metadata, PageRef, SearchRequest, SearchSort, Stage

BAND = 0.05  # of the best score
# A PDF's own date says more of what it is about than when it was added here.
_DATES = ("pdf_created_at", "added_at")


def by_date(found: Sequence[Candidate], request: SearchRequest, index: VectorIndex) -> Sequence[Candidate]:
    """What was found, best first, in the order that a request sorts by.

    Pages of equal date keep their order, those without one come last in their band. A list of dates counts
    by the latest.
    """
    if request.sort is SearchSort.RELEVANCE or not found:
        return found
    dates = _dates(found, request.sort_field, index)
    is_newest_first = request.sort is SearchSort.NEWEST
    return [page for band in bands(found) for page in _in_order(band, dates, is_newest_first)]


def bands(found: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """What was found in bands of like relevance.

    Scores that a cross-encoder gave, and the others after them, are on scales of their own; those of a search
    by a text and an image or page are on one.
    """
    for _, scale in groupby(found, key=_is_on_own_scale):
        band: list[Candidate] = []
        width: float | None = None
        for page in scale:
            width = BAND * abs(page.score) if width is None else width
            if band and not band[0].score - width <= page.score <= band[0].score:
                yield band
                band = []
            band.append(page)
        yield band


def _is_on_own_scale(page: Candidate) -> bool:
    return Stage.CROSS_ENCODER in page.stages and Stage.LIKE not in page.stages


def _in_order(band: Sequence[Candidate], dates: dict[PageRef, str], is_newest_first: bool) -> list[Candidate]:
    dated = [page for page in band if page.page in dates]
    in_order = sorted(dated, key=lambda page: dates[page.page], reverse=is_newest_first)
    return [*in_order, *(page for page in band if page.page not in dates)]


def _dates(found: Sequence[Candidate], field: str | None, index: VectorIndex) -> dict[PageRef, str]:
    """The date of each page that has one, as instants that sort as strings."""
    points = {point_id(index.schema, page.page): page.page for page in found}
    names = _DATES if field is None else (field,)
    stored = index.fields(list(points), names)
    dates = {points[point]: _date(fields, names) for point, fields in stored.items()}
    return {page: date for page, date in dates.items() if date is not None}


def _date(fields: Metadata, names: Sequence[str]) -> str | None:
    """That of the first field which has one."""
    for name in names:
        value = fields.get(name, ())
        values = value if isinstance(value, tuple) else (value,)
        if dates := [date for each in values if isinstance(each, str) and (date := instant(each))]:
            return max(dates)
    return None
