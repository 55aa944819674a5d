"""What is asked: the query of a request, and the filter that most requests have."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from vdr.errors import BadInput
from vdr.filters import parse_fields
from vdr.types import AllOf, Condition, Filter, Operator, QueryInput, SearchRequest, SearchSort

MAX_NEIGHBOURS = 5
MAX_FACETS = 10
MAX_CURSOR = 64_000  # characters; after 9,500 results there is none
# A word right after a minus: no number below zero, no dash, no hyphen within a word, no option of one letter.
_EXCLUDED = re.compile(r"(?<!\S)-(?P<word>[^\W\d_][\w’'.-]*\w)")


class InWords(NamedTuple):
    """A query in words: what to look for, and words that must not stand on a page."""

    text: str
    excluded: tuple[str, ...] = ()


def sides(request: SearchRequest) -> tuple[SearchRequest, ...]:
    """The request as searches by one thing each: its text first, if it has one, then its image or page.

    Raises BadInput for an image and a page at once.
    """
    if request.image is not None and request.page is not None:
        raise BadInput("Search by an image or by a page, not by both.", remedy="Send one of them.")
    if request.image is None and request.page is None:
        return (request,)
    like = replace(request, text=None)
    if request.text is None or not request.text.strip():
        return (like,)
    return replace(request, image=None, page=None), like


def query_of(request: SearchRequest) -> QueryInput:
    """The image or the text of one of a request's `sides`, a text without the words to leave out.

    Raises BadInput where it has neither.
    """
    if request.image is not None:
        return request.image
    if request.text is None or not request.text.strip():
        raise BadInput("The query is empty.", remedy="Enter a question or a few words.")
    written = in_words(request.text)
    if not written.text:
        raise BadInput("The query says only what to leave out.", remedy="Add what to look for.")
    return written.text


def sort_field_of(sort: SearchSort, field: str | None) -> str | None:
    """The field to sort by, if one is given.

    Raises BadFilter for what cannot be a field, BadInput where nothing is sorted by date.
    """
    if field is None:
        return None
    if sort is SearchSort.RELEVANCE:
        raise BadInput(
            "sort_field is of no use by relevance.", remedy="Sort by newest or oldest, or omit it."
        )
    return parse_fields([field], "sort_field")[0]


def in_words(text: str) -> InWords:
    """What a query in words looks for, and the words that it leaves out, each with a minus before it.

    >>> in_words("engine warranty -marine -5 °C")
    InWords(text='engine warranty -5 °C', excluded=('marine',))
    """
    excluded = tuple(dict.fromkeys(match["word"] for match in _EXCLUDED.finditer(text)))
    return InWords(" ".join(_EXCLUDED.sub(" ", text).split()), excluded) if excluded else InWords(text)


def in_documents(document_ids: Sequence[str]) -> Filter | None:
    """Lets pages of these documents pass; of all where none is named."""
    return Condition("document_id", Operator.IN, tuple(document_ids)) if document_ids else None


def all_of(*filters: Filter | None) -> Filter | None:
    """Lets pass what each of the filters does; None is no filter."""
    given = tuple(each for each in filters if each is not None)
    return AllOf(given) if len(given) > 1 else next(iter(given), None)
