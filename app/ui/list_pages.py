"""A list of documents in pages that can be turned both ways, also when documents come and go meanwhile."""

from dataclasses import dataclass, replace

from vdr.catalogue.documents import Catalogue
from vdr.catalogue.listing import place_of
from vdr.types import Document, Listing, ListPlace


@dataclass(frozen=True, slots=True)
class ListPage:
    """Documents that stand together in a list, and whether any stand before and after them."""

    documents: list[Document]
    has_previous: bool = False
    has_next: bool = False


def page_after(
    catalogue: Catalogue, listing: Listing, limit: int, place: ListPlace | None = None
) -> ListPage:
    """The documents after a place, or the first; the last ones where none is left there. Raises BadFilter."""
    found = catalogue.page(limit + 1, listing, place)
    if not found and place is not None:
        return page_before(catalogue, listing, limit, None)
    has_previous = place is not None and _is_any_beyond(catalogue, _backwards(listing), found[0])
    return ListPage(found[:limit], has_previous, len(found) > limit)


def page_before(catalogue: Catalogue, listing: Listing, limit: int, place: ListPlace | None) -> ListPage:
    """The documents before a place, or the last; the first page where too few are. Raises BadFilter."""
    found = catalogue.page(limit + 1, _backwards(listing), place)
    if len(found) <= limit:
        return page_after(catalogue, listing, limit)
    shown = found[:limit][::-1]
    return ListPage(shown, True, _is_any_beyond(catalogue, listing, shown[-1]))


def _is_any_beyond(catalogue: Catalogue, listing: Listing, document: Document) -> bool:
    return bool(catalogue.page(1, listing, place_of(document)))


def _backwards(listing: Listing) -> Listing:
    return replace(listing, is_descending=not listing.is_descending)
