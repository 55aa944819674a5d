"""What was found, counted by the values of fields."""

from collections.abc import Iterable, Mapping, Sequence

from vdr.index import VectorIndex, point_id
from vdr.types import Candidate, Facet, FacetValue, PageRef, Scalar

_MOST_VALUES = 50
_Key = tuple[str, Scalar]  # true is not 1, as in filters


def facets(found: Sequence[Candidate], fields: Sequence[str], index: VectorIndex) -> dict[str, Facet]:
    """The values of each field among the pages found: by the number of pages, of documents, then by value.

    A list counts with each of its elements. A page that was deleted meanwhile counts nowhere, one without
    the field not there.
    """
    if not fields:
        return {}
    pages = {point_id(index.schema, candidate.page): candidate.page for candidate in found}
    stored = index.fields(list(pages), fields)
    return {
        field: _facet((pages[point], known[field]) for point, known in stored.items() if field in known)
        for field in fields
    }


def _facet(found: Iterable[tuple[PageRef, Scalar | tuple[str, ...]]]) -> Facet:
    having: dict[_Key, list[PageRef]] = {}
    for page, value in found:
        for each in dict.fromkeys(value) if isinstance(value, tuple) else (value,):
            having.setdefault(_key(each), []).append(page)
    counted = {key: (len(pages), len({page.document_id for page in pages})) for key, pages in having.items()}
    in_order = sorted(counted, key=lambda key: (*(-count for count in counted[key]), key))
    shown = tuple(FacetValue(key[1], *counted[key]) for key in in_order[:_MOST_VALUES])
    return Facet(shown, len(in_order) - len(shown))


def _key(value: Scalar) -> _Key:
    match value:
        case bool():
            return "boolean", value
        case str():
            return "string", value
        case _:
            return "number", value


def none_found(fields: Sequence[str]) -> Mapping[str, Facet]:
    """The facets where nothing is found."""
    return {field: Facet() for field in fields}
