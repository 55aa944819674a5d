"""The names of documents: each is shown by one of them and found by all that it was sent under."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Select, Subquery, and_, delete, select, update

from vdr.catalogue.rows import insert_new, now
from vdr.catalogue.tables import document_names as _names
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import replacements as _replacements


def note_name(connection: Connection, collection: str, document_id: str, name: str) -> None:
    """Note that a document was sent under a name."""
    row = {"collection": collection, "document_id": document_id, "name": name, "noted_at": now()}
    insert_new(connection, _names, row)


def names_of(collection: str) -> Subquery:
    """Ids of documents and their names, a row for each name."""
    return select(_names.c.document_id, _names.c.name).where(_names.c.collection == collection).subquery()


def names_by_id(connection: Connection, collection: str, ids: Select[tuple[str]]) -> Mapping[str, list[str]]:
    """All names of the documents of these ids, the newest first."""
    found: dict[str, list[str]] = {}
    chosen = and_(_names.c.collection == collection, _names.c.document_id.in_(ids))
    newest_first = (_names.c.noted_at.desc(), _names.c.name)
    for row in connection.execute(select(_names).where(chosen).order_by(*newest_first)):
        found.setdefault(row.document_id, []).append(row.name)
    return found


def shared_names(connection: Connection, collection: str, document_ids: Sequence[str]) -> Mapping[str, str]:
    """Those of these documents that share their name with another one, and when each was added."""
    pairs, columns = _namesakes(collection).subquery(), _documents.c
    shared = select(pairs.c[0]).where(pairs.c[0].in_(document_ids))
    chosen = select(columns.document_id, columns.created_at).where(
        columns.collection == collection, columns.document_id.in_(shared)
    )
    return {row.document_id: row.created_at for row in connection.execute(chosen)}


def note_replaced(connection: Connection, collection: str, document_id: str) -> None:
    """Note that a document is to take the place of those that are shown by its name now."""
    pairs = _namesakes(collection).subquery()
    others = select(pairs.c[1]).where(pairs.c[0] == document_id)
    for replaced_id in connection.execute(others).scalars().all():
        row = {"collection": collection, "document_id": document_id, "replaced_id": replaced_id}
        insert_new(connection, _replacements, row)


def hide_replaced(connection: Connection, collection: str, document_id: str) -> list[str]:
    """Mark as deleted whatever a document is to take the place of, and still has its name; their ids.

    Nothing else is found by that name any longer.
    """
    mine = and_(_replacements.c.collection == collection, _replacements.c.document_id == document_id)
    noted = select(_replacements.c.replaced_id).where(mine)
    if connection.execute(noted.limit(1)).first() is None:
        return []
    pairs = _namesakes(collection).subquery()
    chosen = select(pairs.c[1]).where(pairs.c[0] == document_id, pairs.c[1].in_(noted))
    replaced = list(connection.execute(chosen).scalars())
    of_these = and_(_documents.c.collection == collection, _documents.c.document_id.in_(replaced))
    connection.execute(update(_documents).where(of_these).values(is_deleted=True))
    _forget_former(connection, collection, document_id)
    connection.execute(delete(_replacements).where(mine))
    return replaced


def _forget_former(connection: Connection, collection: str, document_id: str) -> None:
    """Have no document found by the name of this one that is shown by another."""
    own = select(_documents.c.name).where(
        _documents.c.collection == collection, _documents.c.document_id == document_id
    )
    name = connection.execute(own).scalar_one()
    shown = select(_documents.c.document_id).where(
        _documents.c.collection == collection, _documents.c.name == name
    )
    former = and_(
        _names.c.collection == collection, _names.c.name == name, _names.c.document_id.not_in(shown)
    )
    connection.execute(delete(_names).where(former))


def _namesakes(collection: str) -> Select[tuple[str, str]]:
    """Pairs of ids: documents that are shown by the same name."""
    one, other = _documents.alias("one"), _documents.alias("other")
    # By way of the names, which have an index.
    return (
        select(one.c.document_id, other.c.document_id)
        .join(_names, and_(_names.c.collection == one.c.collection, _names.c.name == one.c.name))
        .join(
            other,
            and_(
                other.c.collection == one.c.collection,
                other.c.document_id == _names.c.document_id,
                other.c.name == one.c.name,
            ),
        )
        .where(one.c.collection == collection, ~one.c.is_deleted, ~other.c.is_deleted)
        .where(one.c.document_id != other.c.document_id)
    )
