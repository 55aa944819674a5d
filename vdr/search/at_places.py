"""What a page is worth for being where a question says: by number and label, and by what it prints.

A place fills part of what the other stages leave open (vdr.search.fusion), more where it is sure, and in a
corpus only as far as its document answers: every document has a page 3. So the page that is named comes
first, unless another one answers clearly better.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from math import prod

from vdr.index import StoredPage
from vdr.objects.store import ObjectStore
from vdr.search.captions import caption_share, may_tell, printed_numbers, text_of
from vdr.search.fusion import Fused
from vdr.search.places import PagePlace, Places
from vdr.search.reranking import unless_gone
from vdr.types import AllOf, AnyOf, Condition, Filter, Operator, Print, SearchMode

# Nine of ten questions that name a page are taken to be about it (docs/decisions/0022-places.md).
PLACE_WEIGHT = 0.8
# A page without labels of its own that prints the number asked for, one that is of this number and prints
# another, and one that is of this number although its label is another.
_PRINTED, _OTHERWISE_PRINTED, _OTHERWISE_LABELLED = 0.9, 0.7, 0.6
# Of documents that answer half as well as the best one, the place counts a quarter.
_DOCUMENT_POWER = 2


def best_documents(
    found: Sequence[Fused], pages: Mapping[str, StoredPage], most: int
) -> dict[str, tuple[float, StoredPage]]:
    """The documents of the best pages, best first: how well each answers beside the best, and a page."""
    best: dict[str, tuple[float, StoredPage]] = {}
    for point in found:
        page = pages[point.point_id]
        if len(best) == most:
            break
        best.setdefault(page.page.document_id, (point.score / max(found[0].score, 1e-9), page))
    return best


def at_places(places: Places, documents: Iterable[StoredPage]) -> Filter | None:
    """Lets those pages of the documents pass that may be the ones named; None where none is."""
    filters = tuple(_of_document(page, places) for page in documents)
    return AnyOf(filters) if places.pages and filters else None


def _of_document(page: StoredPage, places: Places) -> Filter:
    numbers = [number for place in places.pages if (number := _number_in(place, page)) is not None]
    labels = [
        form for place in places.pages for form in (place.label, place.label.lower(), place.label.upper())
    ]
    at = AnyOf(
        (
            Condition("page_number", Operator.IN, tuple(dict.fromkeys(numbers))),
            Condition("page_label", Operator.IN, tuple(dict.fromkeys(filter(None, labels)))),
        )
    )
    return AllOf((Condition("document_id", Operator.EQ, page.page.document_id), at))


def _number_in(place: PagePlace, page: StoredPage) -> int | None:
    """The number of a place in the page's document."""
    if place.number is None or place.number > 0:
        return place.number
    return None if page.page_count is None else page.page_count + 1 + place.number


def place_scores(
    places: Places,
    found: Mapping[str, StoredPage],
    documents: Mapping[str, tuple[float, StoredPage]],
    prints: Mapping[str, Print],
) -> dict[str, float]:
    """What each page that is at a place fills by it; `prints` are of the pages that were read."""
    scores = {}
    for point, page in found.items():
        relevance, _ = documents.get(page.page.document_id, (0.0, page))
        weight = PLACE_WEIGHT * relevance**_DOCUMENT_POWER
        shown = prints.get(point, Print())
        score = 1.0 - prod(1.0 - weight * share for share in _shares(places, page, shown))
        if score > 0:
            scores[point] = score
    return scores


def _shares(places: Places, page: StoredPage, shown: Print) -> list[float]:
    printed = printed_numbers(shown) if any(place.is_printed for place in places.pages) else frozenset()
    words, text = " ".join(shown.texts) if places.captions else "", cache(partial(text_of, shown))
    return [
        *(page_share(place, page, printed) for place in places.pages),
        *(caption_share(text(), place) for place in places.captions if may_tell(words, place)),
    ]


def page_share(place: PagePlace, page: StoredPage, printed: frozenset[str] = frozenset()) -> float:
    """How surely a page is the one named; `printed` are the numbers in its margins.

    What is printed counts a bit more than the number in the file: readers see both.
    """
    is_number = page.page.page_number == _number_in(place, page)
    label = place.label.lower()
    if not label:
        return float(is_number)
    if page.page_label and page.page_label != str(page.page.page_number):
        is_label = page.page_label.lower() == label
        return 1.0 if is_label else _OTHERWISE_LABELLED * is_number
    if label in printed:
        return 1.0 if is_number or place.number is None else _PRINTED
    return (_OTHERWISE_PRINTED if printed else 1.0) * is_number


def read_prints(
    points: Iterable[str], pages: Mapping[str, StoredPage], objects: ObjectStore, mode: SearchMode
) -> dict[str, Print]:
    """The words of pages by what a search of this mode looks at; without those gone meanwhile or damaged."""
    prints: dict[str, Print] = {}
    for point in points:
        with unless_gone():
            text_layer, pixels = objects.page_print(pages[point].page)
            if mode is SearchMode.VISUAL or not text_layer.texts:
                sources = pixels()[:1] if mode is SearchMode.TEXT else pixels()
                text_layer = next((each for each in sources if each.texts), Print())
            prints[point] = text_layer
    return prints
