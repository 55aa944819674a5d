"""One generation of one collection as statements see it: which rows are its own, and how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, select, true

from vdr.catalogue.names import names_by_id, names_of
from vdr.catalogue.rows import document_of
from vdr.catalogue.sql_filter import sql_filter
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import indexings as _indexings
from vdr.catalogue.tables import page_errors as _page_errors
from vdr.types import Document, Filter, PageError

JOIN = _documents.join(
    _indexings,
    and_(
        _documents.c.collection == _indexings.c.collection,
        _documents.c.document_id == _indexings.c.document_id,
    ),
)


@cache
def joined() -> Select[Any]:
    """Documents with their indexings, each column of the key once, without what is long in a list."""
    told = [column for column in _documents.c if column.name != "page_labels"]
    own = [column for column in _indexings.c if column.name not in ("collection", "document_id")]
    parent = _documents.alias("parent")
    is_parent = and_(
        parent.c.collection == _documents.c.collection,
        parent.c.document_id == _documents.c.parent_document_id,
        ~parent.c.is_deleted,
    )
    named = select(parent.c.name).where(is_parent).scalar_subquery().label("parent_name")
    return select(*told, *own, named).select_from(JOIN)


@dataclass(frozen=True, slots=True)
class Scope:
    """One generation of one collection, in a database of this `dialect` (sqlite, postgresql)."""

    collection: str
    generation: str
    dialect: str

    def alive(self) -> ColumnElement[bool]:
        """The collection's documents."""
        return and_(_documents.c.collection == self.collection, ~_documents.c.is_deleted)

    def known(self) -> ColumnElement[bool]:
        """The documents of the join that are in this generation."""
        return and_(self.alive(), _indexings.c.generation == self.generation)

    def passes(self, where: Filter | None) -> ColumnElement[bool]:
        """The documents that a filter lets pass. Raises BadFilter where single pages are filtered."""
        return (
            true()
            if where is None
            else sql_filter(where, _documents, names_of(self.collection), self.dialect)
        )

    def is_document(self, table: Table, document_id: str) -> ColumnElement[bool]:
        """What a table holds of a document, in any generation."""
        return and_(table.c.collection == self.collection, table.c.document_id == document_id)

    def is_indexing(self, table: Table, document_id: str) -> ColumnElement[bool]:
        """What a table holds of a document in this generation."""
        return and_(self.is_document(table, document_id), table.c.generation == self.generation)

    def page_count(self, document_id: str) -> ColumnElement[int]:
        """The pages of a document, for the statement that changes its indexing."""
        chosen = select(_documents.c.page_count).where(self.is_document(_documents, document_id))
        return chosen.scalar_subquery()

    def read(self, connection: Connection, chosen: Select[Any]) -> list[Document]:
        """The chosen documents, with the page errors and names of all of them by one query more each."""
        rows = connection.execute(chosen).mappings().all()
        errors = self._page_errors(connection, chosen)
        names = names_by_id(connection, self.collection, chosen.with_only_columns(_documents.c.document_id))
        return [
            document_of(row, errors.get(row["document_id"], ()), names.get(row["document_id"], ()))
            for row in rows
        ]

    def _page_errors(self, connection: Connection, chosen: Select[Any]) -> Mapping[str, Sequence[PageError]]:
        table, found = _page_errors.c, dict[str, list[PageError]]()
        ids = chosen.with_only_columns(_documents.c.document_id)
        belong = and_(
            table.collection == self.collection,
            table.generation == self.generation,
            table.document_id.in_(ids),
        )
        for each in connection.execute(select(_page_errors).where(belong).order_by(table.page_number)):
            error = PageError(each.page_number, each.code, each.message)
            found.setdefault(each.document_id, []).append(error)
        return found
