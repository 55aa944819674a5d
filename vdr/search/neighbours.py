"""The pages before and after a hit in its document: answers often go over a page break."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from vdr.index import VectorIndex, point_id
from vdr.objects.store import ObjectStore
from vdr.search.reranking import unless_gone
from vdr.types import Hit, Neighbour, PageRef

# Two or three sentences: what a page break has cut, and what that is about.
_WORDS = 40
_CUT = "…"


def with_neighbours(
    hits: Sequence[Hit], each: int, index: VectorIndex, objects: ObjectStore
) -> tuple[Hit, ...]:
    """The hits with the `each` pages before and after them, as far as the document has these indexed.

    Filters and words to leave out do not count: a neighbour is shown because it is one. Of a page before the
    hit `text` is the end, of one after it the beginning.
    """

    @cache
    def words(page: PageRef) -> Sequence[str]:
        return _words(page, objects)

    around = {hit.page: _around(hit.page, each) for hit in hits}
    points = {page: point_id(index.schema, page) for pages in around.values() for page in pages}
    stored = index.pages(list(points.values()))
    labels = {page: stored[point].page_label for page, point in points.items() if point in stored}
    return tuple(
        replace(
            hit,
            neighbours=tuple(
                Neighbour(page, labels[page], _next_to(hit.page, page, words(page)))
                for page in around[hit.page]
                if page in labels
            ),
        )
        for hit in hits
    )


def _around(page: PageRef, each: int) -> list[PageRef]:
    first = max(1, page.page_number - each)
    numbers = range(first, page.page_number + each + 1)
    return [PageRef(page.document_id, number) for number in numbers if number != page.page_number]


def _words(page: PageRef, objects: ObjectStore) -> Sequence[str]:
    """The text layer, or what OCR or the page reader has read; none of a page that was deleted meanwhile."""
    with unless_gone():
        text_layer, pixels = objects.page_print(page)
        return next((print.texts for print in (text_layer, *pixels()) if print.texts), ())
    return ()


def _next_to(hit: PageRef, page: PageRef, words: Sequence[str]) -> str:
    if len(words) <= _WORDS:
        return " ".join(words)
    if page < hit:
        return " ".join((_CUT, *words[-_WORDS:]))
    return " ".join((*words[:_WORDS], _CUT))
