"""The catalogue: which documents there are and how far each has come, in SQLite."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    and_,
    create_engine,
    delete,
    event,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.schema import CreateIndex, CreateTable

from vdr.errors import NotFound, VdrError
from vdr.settings import IndexSettings
from vdr.types import Document, DocumentState, PageError

_BUSY_TIMEOUT_S = 30
UNFINISHED = (DocumentState.QUEUED, DocumentState.RASTERIZING, DocumentState.EMBEDDING)

_metadata = MetaData()
_documents = Table(
    "documents",
    _metadata,
    Column("collection", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("pages_done", Integer, nullable=False),
    Column("error_code", String),
    Column("error_message", String),
    # Set first when a document is deleted, so that a crash in the middle is seen and the rest done again.
    Column("is_deleted", Boolean, nullable=False, default=False),
    Index("documents_by_age", "collection", "created_at", "document_id"),
)
_page_errors = Table(
    "page_errors",
    _metadata,
    Column("collection", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("page_number", Integer, primary_key=True),
    Column("code", String, nullable=False),
    Column("message", String, nullable=False),
)


class Catalogue:
    """The documents of one collection. Safe from several threads, and from several processes."""

    def __init__(self, path: Path, collection: str) -> None:
        self._collection = collection
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = _open_engine(path)

    @classmethod
    def open(cls, settings: IndexSettings) -> "Catalogue":
        """The catalogue of the settings' collection, made if it is not there yet."""
        return cls(settings.data_dir.expanduser() / "catalogue.sqlite", settings.collection)

    def close(self) -> None:
        """Close the file; the catalogue is of no use afterwards."""
        self._engine.dispose()

    def get(self, document_id: str) -> Document:
        """The document. Raises NotFound."""
        document = self.find(document_id)
        if document is None:
            raise NotFound(f"There is no document {document_id}.")
        return document

    def find(self, document_id: str) -> Document | None:
        """The document, or None."""
        return self._first(_documents.c.document_id == document_id)

    def page(self, limit: int, after: str | None = None) -> list[Document]:
        """Documents, newest first; `after` is the id of the last one already seen. Raises NotFound for it."""
        created, document_id = _documents.c.created_at, _documents.c.document_id
        chosen = self._alive()
        if after is not None:
            last = self.get(after)
            is_older = or_(
                created < last.created_at, and_(created == last.created_at, document_id < last.document_id)
            )
            chosen = and_(chosen, is_older)
        order = (created.desc(), document_id.desc())
        with self._engine.connect() as connection:
            rows = connection.execute(select(_documents).where(chosen).order_by(*order).limit(limit)).all()
            return [self._document(connection, row._mapping) for row in rows]

    def count(self) -> int:
        """How many documents there are."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).where(self._alive())).scalar_one()

    def next_unfinished(self) -> Document | None:
        """The oldest document that still has to be indexed, or None."""
        return self._first(_documents.c.state.in_(UNFINISHED))

    def add(self, document: Document) -> bool:
        """Enter a document; False, and nothing changed, if it is there already."""
        row = {
            "collection": self._collection,
            "document_id": document.document_id,
            "name": document.name,
            "size_bytes": document.size_bytes,
            "state": document.state,
            "created_at": document.created_at,
            "page_count": document.page_count,
            "pages_done": document.pages_done,
        }
        with self._engine.begin() as connection:
            return connection.execute(insert(_documents).values(row).on_conflict_do_nothing()).rowcount == 1

    def enter(self, document_id: str, state: DocumentState) -> None:
        """Move a document to another state, with no error on it. Raises NotFound."""
        with self._engine.begin() as connection:
            self._update(connection, document_id, state=state, error_code=None, error_message=None)

    def advance(self, document_id: str, pages_done: int) -> None:
        """Note how many pages are done with, be they indexed or given up. Raises NotFound."""
        with self._engine.begin() as connection:
            self._update(connection, document_id, pages_done=pages_done)

    def add_page_errors(self, document_id: str, errors: Sequence[PageError]) -> None:
        """Note pages that could not be indexed; noting one twice changes nothing. Raises NotFound."""
        key = {"collection": self._collection, "document_id": document_id}
        with self._engine.begin() as connection:
            self._update(connection, document_id, is_deleted=False)
            for error in errors:
                row = {**key, "page_number": error.page_number, "code": error.code, "message": error.message}
                connection.execute(insert(_page_errors).values(row).on_conflict_do_nothing())

    def fail(self, document_id: str, error: VdrError) -> None:
        """Give a document up, and say why. Raises NotFound."""
        with self._engine.begin() as connection:
            self._update(
                connection,
                document_id,
                state=DocumentState.FAILED,
                error_code=error.code,
                error_message=error.message,
            )

    def requeue(self, document_id: str) -> None:
        """Let a document be tried anew, its errors forgotten. Raises NotFound."""
        with self._engine.begin() as connection:
            self._update(
                connection,
                document_id,
                state=DocumentState.QUEUED,
                pages_done=0,
                error_code=None,
                error_message=None,
            )
            connection.execute(delete(_page_errors).where(self._is(_page_errors, document_id)))

    def mark_deleted(self, document_id: str) -> None:
        """Hide a document from every other method until `remove` ends it. Raises NotFound if it never was."""
        with self._engine.begin() as connection:
            marked = connection.execute(
                update(_documents).where(self._is(_documents, document_id)).values(is_deleted=True)
            )
        if marked.rowcount == 0:
            raise NotFound(f"There is no document {document_id}.")

    def remove(self, document_id: str) -> None:
        """Forget a document; a second time changes nothing."""
        with self._engine.begin() as connection:
            for table in (_page_errors, _documents):
                connection.execute(delete(table).where(self._is(table, document_id)))

    def half_deleted(self) -> list[str]:
        """The ids of documents that were marked as deleted but not removed."""
        chosen = and_(_documents.c.collection == self._collection, _documents.c.is_deleted)
        with self._engine.connect() as connection:
            return list(connection.execute(select(_documents.c.document_id).where(chosen)).scalars())

    def _first(self, condition: ColumnElement[bool]) -> Document | None:
        oldest = select(_documents).where(self._alive(), condition)
        oldest = oldest.order_by(_documents.c.created_at, _documents.c.document_id).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(oldest).first()
            return None if row is None else self._document(connection, row._mapping)

    def _update(self, connection: Connection, document_id: str, **values: object) -> None:
        chosen = and_(self._alive(), _documents.c.document_id == document_id)
        if connection.execute(update(_documents).where(chosen).values(**values)).rowcount == 0:
            raise NotFound(f"There is no document {document_id}.")

    def _document(self, connection: Connection, row: RowMapping) -> Document:
        errors = select(_page_errors).where(self._is(_page_errors, row["document_id"]))
        errors = errors.order_by(_page_errors.c.page_number)
        return Document(
            document_id=row["document_id"],
            name=row["name"],
            size_bytes=row["size_bytes"],
            state=DocumentState(row["state"]),
            created_at=row["created_at"],
            page_count=row["page_count"],
            pages_done=row["pages_done"],
            error_code=row["error_code"],
            error_message=row["error_message"],
            page_errors=tuple(
                PageError(e.page_number, e.code, e.message) for e in connection.execute(errors)
            ),
        )

    def _alive(self) -> ColumnElement[bool]:
        return and_(_documents.c.collection == self._collection, ~_documents.c.is_deleted)

    def _is(self, table: Table, document_id: str) -> ColumnElement[bool]:
        return and_(table.c.collection == self._collection, table.c.document_id == document_id)


def _open_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _configure)
    with engine.begin() as connection:
        for table in _metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
    return engine


def _configure(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")  # readers never wait for the writer
    connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
