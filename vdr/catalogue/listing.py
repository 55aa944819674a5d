"""Lists of documents as statements see them: which documents, in what order, and where to continue."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true, tuple_

from vdr.catalogue.scope import Scope
from vdr.catalogue.tables import document_names as _names
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import indexings as _indexings
from vdr.names import composed
from vdr.types import Document, DocumentSort, DocumentState, Listing, ListPlace

if TYPE_CHECKING:  # which imports this
    from vdr.catalogue.documents import Catalogue

EVERYTHING = Listing()
_A_TIME = 200  # documents
_RANKS = {state: rank for rank, state in enumerate(DocumentState)}


def chosen(listing: Listing, scope: Scope) -> ColumnElement[bool]:
    """The documents of the join that a listing includes. Raises BadFilter where single pages are filtered."""
    states = _indexings.c.state.in_(listing.states) if listing.states else true()
    return and_(scope.known(), scope.passes(listing.where), states, _is_called(listing.name, scope))


def order(listing: Listing, scope: Scope) -> list[ColumnElement[Any]]:
    """What documents are in order of. No two of them are equal in it."""
    keys = _keys(listing.sort, scope)
    return [key.desc() for key in keys] if listing.is_descending else keys


def follows(place: ListPlace, listing: Listing, scope: Scope) -> ColumnElement[bool]:
    """The documents that come after a place in that order."""
    keys = tuple_(*_keys(listing.sort, scope))
    values = tuple_(*_values(place, listing.sort, scope))
    return keys < values if listing.is_descending else keys > values


def place_of(document: Document) -> ListPlace:
    """The place of a document, to continue a list after it."""
    return ListPlace(document.name, document.indexing.state, document.created_at, document.document_id)


def every_document(catalogue: "Catalogue", listing: Listing) -> Iterator[Document]:
    """The documents of a list in its order, read from the database so many at a time."""
    after = None
    while found := catalogue.page(_A_TIME, listing, after):
        yield from found
        if len(found) < _A_TIME:
            return
        after = place_of(found[-1])


def _keys(sort: DocumentSort, scope: Scope) -> list[ColumnElement[Any]]:
    first: Sequence[ColumnElement[Any]] = ()
    if sort is DocumentSort.NAME:
        first = [_folded(_documents.c.name, scope)]
    elif sort is DocumentSort.STATE:
        first = [case(_RANKS, value=_indexings.c.state)]
    return [*first, _documents.c.created_at, _documents.c.document_id]


def _values(place: ListPlace, sort: DocumentSort, scope: Scope) -> list[ColumnElement[Any]]:
    first: Sequence[ColumnElement[Any]] = ()
    if sort is DocumentSort.NAME:
        first = [_folded(literal(place.name), scope)]
    elif sort is DocumentSort.STATE:
        first = [literal(_RANKS[place.state])]
    return [*first, literal(place.added_at), literal(place.document_id)]


def _folded(text: ColumnElement[str], scope: Scope) -> ColumnElement[str]:
    """A name without its case, in an order that does not depend on the language of the server."""
    return func.lower(text).collate("C" if scope.dialect == "postgresql" else "BINARY")


def _is_called(name: str, scope: Scope) -> ColumnElement[bool]:
    if not name:
        return true()
    part = func.lower(literal(composed(name)))
    find = func.strpos if scope.dialect == "postgresql" else func.instr
    named = select(_names.c.document_id).where(
        _names.c.collection == scope.collection, find(func.lower(_names.c.name), part) > 0
    )
    titled = find(func.lower(func.coalesce(_documents.c.pdf_title, "")), part) > 0
    return or_(_documents.c.document_id.in_(named), titled)
