"""The catalogue: which documents there are and how far each has come. All else is derived from it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from vdr.catalogue.database import open_database
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import page_errors as _page_errors
from vdr.errors import BadInput, Cancelled, NotFound, VdrError
from vdr.settings import IndexSettings
from vdr.types import Document, DocumentState, PageError, Priority

UNFINISHED = (DocumentState.QUEUED, DocumentState.RASTERIZING, DocumentState.EMBEDDING)
FINISHED = (DocumentState.INDEXED, DocumentState.FAILED, DocumentState.CANCELLED)

# Called within the transaction that queues a document: both happen, or neither.
OnQueued = Callable[[Connection, str, Document], None]  # with the collection


class Catalogue:
    """The documents of one collection. Safe from several threads, and from several processes.

    Every method raises DatabaseUnavailable where the database does not answer.
    """

    def __init__(self, engine: Engine, collection: str, on_queued: OnQueued | None = None) -> None:
        self.collection = collection
        self._engine = engine
        self._on_queued = on_queued

    @classmethod
    def open(cls, settings: IndexSettings, on_queued: OnQueued | None = None) -> "Catalogue":
        """The catalogue of the settings' collection, in a database that is made if it is not there yet."""
        return cls(open_database(settings), settings.collection, on_queued)

    def close(self) -> None:
        """Close the connections; the catalogue is of no use afterwards."""
        self._engine.dispose()

    def get(self, document_id: str) -> Document:
        """The document. Raises NotFound."""
        document = self.find(document_id)
        if document is None:
            raise _not_there(document_id)
        return document

    def find(self, document_id: str) -> Document | None:
        """The document, or None."""
        with self._engine.connect() as connection:
            return self._find(connection, document_id)

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
        return self._list(select(_documents).where(chosen), created.desc(), document_id.desc(), limit=limit)

    def unfinished(self) -> list[Document]:
        """Documents that still have to be indexed, those first that should be."""
        chosen = select(_documents).where(self._alive(), _documents.c.state.in_(UNFINISHED))
        columns = _documents.c
        return self._list(chosen, columns.priority, columns.created_at, columns.document_id)

    def with_ocr_left(self) -> list[Document]:
        """Indexed documents of which OCR has not seen all pages, those first that were indexed first."""
        columns = _documents.c
        chosen = select(_documents).where(
            self._alive(),
            columns.state == DocumentState.INDEXED,
            columns.ocr_pages_done < columns.ocr_pages,
        )
        return self._list(chosen, columns.finished_at, columns.document_id)

    def ids(self) -> list[str]:
        """Every document's id."""
        with self._engine.connect() as connection:
            return list(connection.execute(select(_documents.c.document_id).where(self._alive())).scalars())

    def count(self, states: Sequence[DocumentState] | None = None) -> int:
        """How many documents there are, in all states or in some."""
        chosen = self._alive()
        if states is not None:
            chosen = and_(chosen, _documents.c.state.in_(states))
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).where(chosen)).scalar_one()

    def add(self, document: Document) -> bool:
        """Enter and queue a document; False, and nothing changed, if it is there already."""
        row = {
            "collection": self.collection,
            "document_id": document.document_id,
            "name": document.name,
            "size_bytes": document.size_bytes,
            "state": document.state,
            "created_at": document.created_at,
            "page_count": document.page_count,
            "pages_done": document.pages_done,
            "is_deleted": False,
            "priority": int(document.priority),
            "added_by": document.added_by,
        }
        with self._engine.begin() as connection:
            is_new = _insert_new(connection, _documents, row)
            if is_new:
                self._queued(connection, document.document_id)
        return is_new

    def begin(self, document_id: str, pages_done: int) -> None:
        """Note that a document's pages are about to be indexed. Raises NotFound, Cancelled."""
        with self._engine.begin() as connection:
            self._update(
                connection,
                document_id,
                state=DocumentState.RASTERIZING,
                error_code=None,
                error_message=None,
                started_at=now(),
                pages_at_start=pages_done,
                pages_done=pages_done,
                finished_at=None,
            )

    def advance(self, document_id: str, pages_done: int, errors: Sequence[PageError] = ()) -> None:
        """Note how many pages are done with, and those that could not be indexed. Raises NotFound, Cancelled.

        Noting an error twice changes nothing.
        """
        key = {"collection": self.collection, "document_id": document_id}
        with self._engine.begin() as connection:
            self._update(connection, document_id, state=DocumentState.EMBEDDING, pages_done=pages_done)
            for error in errors:
                row = {**key, "page_number": error.page_number, "code": error.code, "message": error.message}
                _insert_new(connection, _page_errors, row)

    def finish(self, document_id: str, *, ocr: bool = False) -> None:
        """Note that a document is indexed, and queue it for `ocr`. Raises NotFound, Cancelled."""
        changes: dict[str, Any] = {"state": DocumentState.INDEXED, "finished_at": now()}
        with self._engine.begin() as connection:
            if ocr:
                changes |= {"ocr_pages": _documents.c.page_count, "ocr_pages_done": 0}
            self._update(connection, document_id, **changes)
            if ocr:
                self._queued(connection, document_id)

    def ask_ocr(self, document_id: str) -> None:
        """Queue an indexed document for OCR, from its first page on; any other is left as it is."""
        with self._engine.begin() as connection:
            is_indexed = self._try_update(
                connection,
                document_id,
                (DocumentState.INDEXED,),
                attempt=_documents.c.attempt + 1,
                ocr_pages=_documents.c.page_count,
                ocr_pages_done=0,
            )
            if is_indexed:
                self._queued(connection, document_id)

    def advance_ocr(self, document_id: str, pages_done: int) -> None:
        """Note how many pages OCR is done with. Raises NotFound, Cancelled."""
        with self._engine.begin() as connection:
            self._update(connection, document_id, ocr_pages_done=pages_done)

    def end_ocr(self, document_id: str) -> None:
        """Note that OCR is wanted no more of a document."""
        with self._engine.begin() as connection:
            self._try_update(connection, document_id, None, ocr_pages=_documents.c.ocr_pages_done)

    def fail(self, document_id: str, error: VdrError) -> None:
        """Give a document up, and say why. Raises NotFound, Cancelled."""
        with self._engine.begin() as connection:
            self._update(
                connection,
                document_id,
                state=DocumentState.FAILED,
                error_code=error.code,
                error_message=error.message,
                finished_at=now(),
            )

    def cancel(self, document_id: str) -> Document:
        """Give a document up that is not finished. Raises NotFound, and BadInput if it is."""
        with self._engine.begin() as connection:
            changed = self._try_update(
                connection, document_id, UNFINISHED, state=DocumentState.CANCELLED, finished_at=now()
            )
        document = self.get(document_id)
        if not changed and document.state is not DocumentState.CANCELLED:
            raise BadInput(f"{document.name} is {document.state} already.", remedy="Delete it instead.")
        return document

    def requeue(
        self, document_id: str, priority: Priority | None = None, revision: int | None = None
    ) -> None:
        """Let a document be tried anew, its errors forgotten. Raises NotFound.

        With a `revision` nothing happens to a document that has changed since.
        """
        with self._engine.begin() as connection:
            changes: dict[str, Any] = {} if priority is None else {"priority": int(priority)}
            changed = self._try_update(
                connection,
                document_id,
                None,
                revision,
                state=DocumentState.QUEUED,
                attempt=_documents.c.attempt + 1,
                pages_done=0,
                pages_at_start=0,
                error_code=None,
                error_message=None,
                started_at=None,
                finished_at=None,
                ocr_pages=0,
                ocr_pages_done=0,
                **changes,
            )
            if not changed and revision is not None:
                return
            if not changed:
                raise _not_there(document_id)
            connection.execute(delete(_page_errors).where(self._is(_page_errors, document_id)))
            self._queued(connection, document_id)

    def queue_again(self, document_id: str) -> None:
        """Give an unfinished document its place in the queue once more, where that was lost."""
        with self._engine.begin() as connection:
            self._queued(connection, document_id)

    def mark_deleted(self, document_id: str) -> None:
        """Hide a document from every other method until `remove` ends it. Raises NotFound if it never was."""
        with self._engine.begin() as connection:
            marked = connection.execute(
                update(_documents).where(self._is(_documents, document_id)).values(is_deleted=True)
            )
        if marked.rowcount == 0:
            raise _not_there(document_id)

    def remove(self, document_id: str) -> None:
        """Forget a document; a second time changes nothing."""
        with self._engine.begin() as connection:
            for table in (_page_errors, _documents):
                connection.execute(delete(table).where(self._is(table, document_id)))

    def half_deleted(self) -> list[str]:
        """The ids of documents that were marked as deleted but not removed."""
        chosen = and_(_documents.c.collection == self.collection, _documents.c.is_deleted)
        with self._engine.connect() as connection:
            return list(connection.execute(select(_documents.c.document_id).where(chosen)).scalars())

    def _queued(self, connection: Connection, document_id: str) -> None:
        if self._on_queued is not None:
            document = self._find(connection, document_id)
            if document is not None:
                self._on_queued(connection, self.collection, document)

    def _update(self, connection: Connection, document_id: str, **values: Any) -> None:  # noqa: ANN401
        """Change a document that was neither deleted nor cancelled meanwhile."""
        not_cancelled = [state for state in DocumentState if state is not DocumentState.CANCELLED]
        if self._try_update(connection, document_id, not_cancelled, **values):
            return
        document = self._find(connection, document_id)
        if document is None:
            raise _not_there(document_id)
        raise Cancelled(f"{document.name} was cancelled.")

    def _try_update(
        self,
        connection: Connection,
        document_id: str,
        states: Sequence[DocumentState] | None,
        revision: int | None = None,
        **values: Any,  # noqa: ANN401
    ) -> bool:
        chosen = and_(self._alive(), _documents.c.document_id == document_id)
        if states is not None:
            chosen = and_(chosen, _documents.c.state.in_(states))
        if revision is not None:
            chosen = and_(chosen, _documents.c.revision == revision)
        values["revision"] = _documents.c.revision + 1
        return connection.execute(update(_documents).where(chosen).values(**values)).rowcount == 1

    def _find(self, connection: Connection, document_id: str) -> Document | None:
        chosen = select(_documents).where(self._alive(), _documents.c.document_id == document_id)
        return next(iter(self._documents(connection, chosen)), None)

    def _list(
        self, chosen: Select[Any], *order: ColumnElement[Any], limit: int | None = None
    ) -> list[Document]:
        with self._engine.connect() as connection:
            return self._documents(connection, chosen.order_by(*order).limit(limit))

    def _documents(self, connection: Connection, chosen: Select[Any]) -> list[Document]:
        """The chosen documents, with the page errors of all of them by one query more."""
        rows = connection.execute(chosen).mappings().all()
        ids = select(chosen.subquery().c.document_id)
        belong = and_(_page_errors.c.collection == self.collection, _page_errors.c.document_id.in_(ids))
        errors: dict[str, list[PageError]] = {}
        for each in connection.execute(
            select(_page_errors).where(belong).order_by(_page_errors.c.page_number)
        ):
            errors.setdefault(each.document_id, []).append(
                PageError(each.page_number, each.code, each.message)
            )
        return [_document(row, errors.get(row["document_id"], ())) for row in rows]

    def _alive(self) -> ColumnElement[bool]:
        return and_(_documents.c.collection == self.collection, ~_documents.c.is_deleted)

    def _is(self, table: Table, document_id: str) -> ColumnElement[bool]:
        return and_(table.c.collection == self.collection, table.c.document_id == document_id)


def _document(row: RowMapping, page_errors: Sequence[PageError]) -> Document:
    told = {name: row[name] for name in row if name not in ("collection", "is_deleted")}
    told |= {"state": DocumentState(row["state"]), "priority": Priority(row["priority"])}
    return Document(**told, page_errors=tuple(page_errors))


def _insert_new(connection: Connection, table: Table, row: dict[str, object]) -> bool:
    """Insert a row; False, and nothing changed, if its key is there already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(table).values(row).on_conflict_do_nothing().returning(table.c.document_id)
    return connection.execute(new).first() is not None  # not every driver counts the rows of an insert


def _not_there(document_id: str) -> NotFound:
    return NotFound(f"There is no document {document_id}.")


def now() -> str:
    """The time as the catalogue notes it: ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
