"""Cursors of lists of documents: opaque to clients, and valid even if the document there is deleted."""

from base64 import b64decode, urlsafe_b64encode

from vdr.catalogue.listing import place_of
from vdr.errors import BadInput
from vdr.types import Document, DocumentState, Listing, ListPlace

_BETWEEN = "\0"  # no name contains it


def cursor_at(document: Document, listing: Listing) -> str:
    """The cursor to continue a list with after a document of it."""
    place = place_of(document)
    parts = (*_order(listing), place.state, place.added_at, place.document_id, place.name)
    return urlsafe_b64encode(_BETWEEN.join(parts).encode()).decode().rstrip("=")


def read_cursor(cursor: str, listing: Listing) -> ListPlace:
    """The place that a cursor stands for. Raises BadInput for one that is not of a list in this order."""
    try:
        content = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        *order, state, added_at, document_id, name = content.split(_BETWEEN)
        place = ListPlace(name, DocumentState(state), added_at, document_id)
    except ValueError as error:
        raise BadInput("after: this is not a cursor.", remedy=_REMEDY) from error
    if tuple(order) != _order(listing):
        raise BadInput("after: this cursor belongs to a list in another order.", remedy=_REMEDY)
    return place


_REMEDY = "Send `next_after` of the previous page with the same `sort` and `order`, or omit `after`."


def _order(listing: Listing) -> tuple[str, str]:
    return listing.sort, "desc" if listing.is_descending else "asc"
