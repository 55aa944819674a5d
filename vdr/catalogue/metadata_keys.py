"""Which fields the metadata of documents has."""

from sqlalchemy import Connection, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from vdr.catalogue.scope import JOIN, Scope
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import indexings as _indexings
from vdr.filters.metadata import INSTANTS
from vdr.types import DocumentState

_NEWEST = 1_000  # documents: what all of them have, these have as well


def metadata_keys(connection: Connection, scope: Scope, most: int) -> list[str]:
    """The keys that most of the newest indexed documents have, by their number and then by name."""
    newest = (
        select(_documents.c.metadata)
        .select_from(JOIN)
        .where(scope.known(), _indexings.c.state == DocumentState.INDEXED)
        .order_by(_documents.c.created_at.desc())
        .limit(_NEWEST)
        .subquery()
    )
    if connection.dialect.name == "postgresql":
        found = func.jsonb_each(cast(newest.c.metadata, JSONB))
    else:
        found = func.json_each(newest.c.metadata)
    key = found.table_valued("key", joins_implicitly=True).c.key
    counted = select(key).select_from(newest).where(key != INSTANTS).group_by(key)
    return list(connection.execute(counted.order_by(func.count().desc(), key).limit(most)).scalars())
