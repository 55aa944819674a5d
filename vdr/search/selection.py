"""Of all that a search has found, in order, what its answer shows."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from vdr.search.cursors import document_key, page_key
from vdr.search.grouping import EVERYTHING, grouped
from vdr.types import Candidate, SearchRequest, SearchSort


@dataclass(frozen=True, slots=True)
class Selected:
    """The pages to show with their ranks among all that were found, from 1.

    `shown` are the keys, as cursors have them, of these and of all before them; with `has_more` others
    follow. `pages_found` are how many of each document shown were found, where they come by document.
    """

    ranked: Sequence[tuple[int, Candidate]]
    shown: Set[bytes]
    has_more: bool
    pages_found: Mapping[str, int] | None = None


def reach(request: SearchRequest) -> int:
    """How many of the best pages have to be found to know the answer, and whether there are more.

    What was shown before counts in the offset.
    """
    is_by_date = request.sort is not SearchSort.RELEVANCE
    is_about_all = request.pages_per_document is not None or bool(request.facets) or is_by_date
    return EVERYTHING if is_about_all else request.offset + request.limit + 1


def select(found: Sequence[Candidate], request: SearchRequest, before: Set[bytes]) -> Selected:
    """What is shown of the `reach` best pages after those that were shown `before`.

    In the order of the ranking as it is now, by which ranks count too: what is new and better than what was
    shown comes first.
    """
    end = request.offset + request.limit
    if request.pages_per_document is not None:
        return _by_document(found, request, before, request.pages_per_document)
    pairs = [(page_key(each.page), (rank, each)) for rank, each in enumerate(found, start=1)]
    left = [(key, pair) for key, pair in pairs if key not in before] if before else pairs
    ranked = [pair for _, pair in left[request.offset : end]]
    return Selected(ranked, before | {key for key, _ in left[:end]}, len(left) > end)


def _by_document(
    found: Sequence[Candidate], request: SearchRequest, before: Set[bytes], each: int
) -> Selected:
    keys = {each.page.document_id: document_key(each.page.document_id) for each in found}
    without = {document_id for document_id, key in keys.items() if key in before}
    left = [key for document_id, key in keys.items() if document_id not in without]
    end = request.offset + request.limit
    by_document = grouped(found, each, request.limit, request.offset, without)
    return Selected(by_document.ranked, before | {*left[:end]}, len(left) > end, by_document.pages_found)
