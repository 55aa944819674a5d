"""The catalogue of one collection: which documents there are and how far each has come. It is the truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    delete,
    func,
    null,
    select,
    update,
)

from vdr.catalogue.events import Events
from vdr.catalogue.generations import enter_missing
from vdr.catalogue.listing import EVERYTHING, follows, order
from vdr.catalogue.listing import chosen as listing_chosen
from vdr.catalogue.metadata_keys import metadata_keys
from vdr.catalogue.names import hide_replaced, names_of, note_name, note_replaced, shared_names
from vdr.catalogue.rows import document_row, indexing_row, info_row, insert_new, now
from vdr.catalogue.scope import JOIN, Scope, joined
from vdr.catalogue.tables import collections as _collections
from vdr.catalogue.tables import document_names as _names
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import feedback as _feedback
from vdr.catalogue.tables import indexings as _indexings
from vdr.catalogue.tables import page_errors as _page_errors
from vdr.catalogue.tables import questions as _questions
from vdr.catalogue.tables import replacements as _replacements
from vdr.catalogue.turns import next_turn
from vdr.errors import AlreadyFinished, Cancelled, CollectionNotFound, NotFound, VdrError
from vdr.filters import from_stored, to_stored
from vdr.types import (
    UNFINISHED,
    Document,
    DocumentState,
    DocumentWarning,
    Filter,
    Listing,
    ListPlace,
    Metadata,
    PageError,
    PdfInfo,
    Priority,
)


class Catalogue:
    """The documents of one collection, as they stand in one generation of it.

    Safe from several threads, and from several processes. Every method raises DatabaseUnavailable where the
    database does not answer. A deleted collection has no documents.
    """

    def __init__(
        self, engine: Engine, collection: str, generation: str, events: Events | None = None
    ) -> None:
        self.collection, self.generation = collection, generation
        self._scope = Scope(collection, generation, engine.dialect.name)
        self._engine = engine
        self._events = events

    def get(self, document_id: str) -> Document:
        """The document. Raises NotFound."""
        if (document := self.find(document_id)) is None:
            raise _not_there(document_id)
        return document

    def find(self, document_id: str) -> Document | None:
        """The document, or None."""
        with self._engine.connect() as connection:
            return self._find(connection, document_id)

    def is_alive(self, document_id: str) -> bool:
        """Whether the collection has the document, be it in this generation or not."""
        chosen = select(_documents.c.document_id).where(
            self._scope.alive(), _documents.c.document_id == document_id
        )
        with self._engine.connect() as connection:
            return connection.execute(chosen).first() is not None

    def page(
        self, limit: int, listing: Listing = EVERYTHING, after: ListPlace | None = None
    ) -> list[Document]:
        """At most `limit` documents of a listing, those that come `after` a place in it.

        Raises BadFilter where single pages are filtered.
        """
        chosen = listing_chosen(listing, self._scope)
        if after is not None:
            chosen = and_(chosen, follows(after, listing, self._scope))
        return self._list(joined().where(chosen), *order(listing, self._scope), limit=limit)

    def unfinished(self) -> list[Document]:
        """Documents that still have to be indexed, those first that should be."""
        chosen = joined().where(self._scope.known(), _indexings.c.state.in_(UNFINISHED))
        columns = _indexings.c
        return self._list(chosen, columns.priority, columns.turn, columns.document_id)

    def with_ocr_left(self) -> list[Document]:
        """Indexed documents of which OCR has not seen all pages, those first that were indexed first."""
        columns = _indexings.c
        chosen = joined().where(
            self._scope.known(),
            columns.state == DocumentState.INDEXED,
            columns.ocr_pages_done < columns.ocr_pages,
        )
        return self._list(chosen, columns.finished_at, columns.document_id)

    def ids(self, where: Filter | None = None) -> list[str]:
        """The id of every document that `where` lets pass. Raises BadFilter where pages are filtered."""
        chosen = select(_documents.c.document_id).where(self._scope.alive(), self._scope.passes(where))
        with self._engine.connect() as connection:
            return list(connection.execute(chosen).scalars())

    def names(self) -> list[tuple[str, str]]:
        """The id of every document with each of its names."""
        columns = names_of(self.collection).c
        alive = select(_documents.c.document_id).where(self._scope.alive())
        chosen = select(columns.document_id, columns.name).where(columns.document_id.in_(alive))
        with self._engine.connect() as connection:
            return [(row.document_id, row.name) for row in connection.execute(chosen)]

    def follow(self, serving: str, *, are_unfinished_too: bool = False) -> int:
        """Queue what generation `serving` has and this one lacks, as `enter_missing` says; how many."""
        with self._engine.begin() as connection:
            queued = enter_missing(connection, self._scope, serving, are_unfinished_too=are_unfinished_too)
            for document_id in queued:
                self._queued(connection, document_id)
        return len(queued)

    def metadata_keys(self, most: int) -> list[str]:
        """The keys of metadata that most of the newest indexed documents have."""
        with self._engine.connect() as connection:
            return metadata_keys(connection, self._scope, most)

    def count(self, listing: Listing = EVERYTHING) -> int:
        """How many documents a listing has in all. Raises BadFilter as `page`."""
        counted = select(func.count()).select_from(JOIN).where(listing_chosen(listing, self._scope))
        with self._engine.connect() as connection:
            return connection.execute(counted).scalar_one()

    def add(self, document: Document) -> bool:
        """Enter and queue a document; False, and nothing changed, if it is there already.

        Raises CollectionNotFound if the collection was deleted meanwhile.
        """
        with self._engine.begin() as connection:
            self._check_collection(connection)
            is_new = insert_new(connection, _documents, document_row(self.collection, document))
            if is_new:
                note_name(connection, self.collection, document.document_id, document.name)
            row = indexing_row(self.collection, document)
            turn = next_turn(connection, self.collection, document.indexing.priority)
            row |= {"generation": self.generation, "turn": turn}
            if insert_new(connection, _indexings, row):
                self._queued(connection, document.document_id)
        return is_new

    def change(
        self, document_id: str, *, name: str | None = None, edit: Callable[[Metadata], Metadata] | None = None
    ) -> Document:
        """Give a document another name, or what `edit` makes of its metadata. Raises NotFound.

        No other change comes between that `edit` sees the metadata and that its result is kept.
        """
        if name is None and edit is None:
            return self.get(document_id)
        chosen = and_(self._scope.alive(), _documents.c.document_id == document_id)
        with self._engine.begin() as connection:
            # Written first, so that in SQLite as well nobody else writes from here on.
            if not self._try_update(connection, document_id, None):
                raise _not_there(document_id)
            changes: dict[str, Any] = {}
            if name is not None:
                changes = {"name": name}
                note_name(connection, self.collection, document_id, name)
            if edit is not None:
                stored = connection.execute(select(_documents.c.metadata).where(chosen)).scalar_one()
                changes |= {"metadata": to_stored(edit(from_stored(stored)))}
            connection.execute(update(_documents).where(chosen).values(**changes))
        return self.get(document_id)

    def describe(
        self,
        document_id: str,
        page_labels: Sequence[str],
        info: PdfInfo,
        warnings: Sequence[DocumentWarning] = (),
    ) -> None:
        """Note what a document says of itself: the label of each page or none, and more. Raises NotFound."""
        chosen = and_(self._scope.alive(), _documents.c.document_id == document_id)
        with self._engine.begin() as connection:
            if not self._try_update(connection, document_id, None):
                raise _not_there(document_id)
            told = {
                "page_labels": list(page_labels) or null(),
                "warnings": [asdict(each) for each in warnings] or null(),
                **info_row(info),
            }
            connection.execute(update(_documents).where(chosen).values(**told))

    def page_labels(self, document_id: str) -> Mapping[int, str]:
        """What is printed on pages as their number, by page number; where it is missing, that is it."""
        chosen = select(_documents.c.page_labels).where(self._scope.is_document(_documents, document_id))
        with self._engine.connect() as connection:
            return dict(enumerate(connection.execute(chosen).scalar() or (), start=1))

    def replace(self, document_id: str) -> list[str]:
        """Have a document take the place of those that have its name: now if it is indexed, else once it is.

        The ids of those that it has replaced, which are marked as deleted. Raises NotFound.
        """
        with self._engine.begin() as connection:
            if not self._try_update(connection, document_id, None):  # held until the transaction ends
                raise _not_there(document_id)
            note_replaced(connection, self.collection, document_id)
            document = self._find(connection, document_id)
            if document is None or document.indexing.state is not DocumentState.INDEXED:
                return []
            return hide_replaced(connection, self.collection, document_id)

    def namesakes(self, document_ids: Sequence[str]) -> Mapping[str, str]:
        """Those of these documents that share their name with another one, and when each was added."""
        with self._engine.connect() as connection:
            return shared_names(connection, self.collection, document_ids)

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

    def advance(
        self,
        document_id: str,
        pages_done: int,
        errors: Sequence[PageError] = (),
        attempt: int | None = None,
    ) -> None:
        """Note how many pages are done with, and those that could not be indexed.

        Noting an error twice changes nothing. Raises NotFound, and Cancelled, also for an `attempt` at the
        document that is no longer the current one.
        """
        key = {
            "collection": self.collection,
            "generation": self.generation,
            "document_id": document_id,
        }
        with self._engine.begin() as connection:
            self._update(
                connection, document_id, attempt, state=DocumentState.EMBEDDING, pages_done=pages_done
            )
            for error in errors:
                row = {**key, "page_number": error.page_number, "code": error.code, "message": error.message}
                insert_new(connection, _page_errors, row)

    def finish(self, document_id: str, *, ocr: bool = False, attempt: int | None = None) -> list[str]:
        """Note that a document is indexed, and queue it for `ocr`. Raises as `advance`.

        The ids of the documents that it replaces, which are marked as deleted by the same transaction.
        """
        changes: dict[str, Any] = {"state": DocumentState.INDEXED, "finished_at": now()}
        with self._engine.begin() as connection:
            if ocr:
                changes |= {"ocr_pages": self._scope.page_count(document_id), "ocr_pages_done": 0}
            self._update(connection, document_id, attempt, **changes)
            self._ended(connection, document_id)
            if ocr:
                self._queued(connection, document_id)
            return hide_replaced(connection, self.collection, document_id)

    def ask_ocr(self, document_id: str) -> None:
        """Queue an indexed document for OCR, from its first page on; any other is left as it is."""
        with self._engine.begin() as connection:
            is_indexed = self._try_update(
                connection,
                document_id,
                (DocumentState.INDEXED,),
                attempt=_indexings.c.attempt + 1,
                ocr_pages=self._scope.page_count(document_id),
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
            self._try_update(connection, document_id, None, ocr_pages=_indexings.c.ocr_pages_done)

    def fail(self, document_id: str, error: VdrError, attempt: int | None = None) -> None:
        """Give a document up, and say why. Raises as `advance`."""
        with self._engine.begin() as connection:
            self._update(
                connection,
                document_id,
                attempt,
                state=DocumentState.FAILED,
                error_code=error.code,
                error_message=error.message,
                finished_at=now(),
            )
            self._ended(connection, document_id)

    def cancel(self, document_id: str) -> Document:
        """Give a document up that is not finished. Raises NotFound, and AlreadyFinished if it is."""
        with self._engine.begin() as connection:
            changed = self._try_update(
                connection, document_id, UNFINISHED, state=DocumentState.CANCELLED, finished_at=now()
            )
            if changed:
                self._ended(connection, document_id)
        document = self.get(document_id)
        state = document.indexing.state
        if not changed and state is not DocumentState.CANCELLED:
            raise AlreadyFinished(f"{document.name} is already {state}.")
        return document

    def requeue(
        self, document_id: str, priority: Priority | None = None, revision: int | None = None
    ) -> None:
        """Queue a document for another attempt and clear its errors. Raises NotFound.

        With a `revision` nothing happens to a document that has changed since.
        """
        with self._engine.begin() as connection:
            document = self._find(connection, document_id)
            if document is None:
                raise _not_there(document_id)
            chosen = document.indexing.priority if priority is None else priority
            changed = self._try_update(
                connection,
                document_id,
                None,
                revision,
                state=DocumentState.QUEUED,
                attempt=_indexings.c.attempt + 1,
                priority=int(chosen),
                turn=next_turn(connection, self.collection, chosen),
                pages_done=0,
                pages_at_start=0,
                error_code=None,
                error_message=None,
                started_at=None,
                finished_at=None,
                ocr_pages=0,
                ocr_pages_done=0,
            )
            if not changed:
                return
            connection.execute(delete(_page_errors).where(self._scope.is_indexing(_page_errors, document_id)))
            self._queued(connection, document_id)

    def queue_again(self, document_id: str) -> None:
        """Give an unfinished document its place in the queue once more, where that was lost."""
        with self._engine.begin() as connection:
            self._queued(connection, document_id)

    def mark_deleted(self, document_id: str) -> None:
        """Hide a document from every other method until `remove` ends it. Raises NotFound if it never was."""
        with self._engine.begin() as connection:
            marked = connection.execute(
                update(_documents)
                .where(self._scope.is_document(_documents, document_id))
                .values(is_deleted=True)
            )
        if marked.rowcount == 0:
            raise _not_there(document_id)

    def remove(self, document_id: str) -> None:
        """Forget a document, and what people have said of it; a second time changes nothing."""
        told = (_feedback, _questions)
        with self._engine.begin() as connection:
            for table in (*told, _page_errors, _indexings, _names, _replacements, _documents):
                connection.execute(delete(table).where(self._scope.is_document(table, document_id)))

    def half_deleted(self) -> list[str]:
        """The ids of documents that were marked as deleted but not removed."""
        chosen = and_(_documents.c.collection == self.collection, _documents.c.is_deleted)
        with self._engine.connect() as connection:
            return list(connection.execute(select(_documents.c.document_id).where(chosen)).scalars())

    def _check_collection(self, connection: Connection) -> None:
        """Hold the collection as it is until the transaction ends. Raises CollectionNotFound."""
        chosen = select(_collections.c.is_deleted).where(_collections.c.collection == self.collection)
        if connection.execute(chosen.with_for_update(read=True)).scalar() is not False:
            raise CollectionNotFound(f"Collection {self.collection!r} does not exist.")

    def _queued(self, connection: Connection, document_id: str) -> None:
        document = self._find(connection, document_id) if self._events else None
        if self._events is not None and document is not None:
            self._events.queued(connection, self.collection, document)

    def _ended(self, connection: Connection, document_id: str) -> None:
        document = self._find(connection, document_id) if self._events else None
        if self._events is not None and document is not None:
            self._events.ended(connection, self.collection, document)

    def _update(
        self,
        connection: Connection,
        document_id: str,
        attempt: int | None = None,
        **values: Any,  # noqa: ANN401
    ) -> None:
        """Change a document that was neither deleted nor cancelled, nor queued again, meanwhile."""
        not_cancelled = [state for state in DocumentState if state is not DocumentState.CANCELLED]
        if self._try_update(connection, document_id, not_cancelled, attempt_is=attempt, **values):
            return
        document = self._find(connection, document_id)
        if document is None:
            raise _not_there(document_id)
        is_cancelled = document.indexing.state is DocumentState.CANCELLED
        raise Cancelled(f"{document.name} was {'cancelled' if is_cancelled else 'queued again'}.")

    def _try_update(
        self,
        connection: Connection,
        document_id: str,
        states: Sequence[DocumentState] | None,
        revision: int | None = None,
        attempt_is: int | None = None,
        **values: Any,  # noqa: ANN401
    ) -> bool:
        is_alive = select(_documents.c.document_id).where(
            self._scope.alive(), _documents.c.document_id == document_id
        )
        chosen = and_(self._scope.is_indexing(_indexings, document_id), is_alive.exists())
        if states is not None:
            chosen = and_(chosen, _indexings.c.state.in_(states))
        if revision is not None:
            chosen = and_(chosen, _indexings.c.revision == revision)
        if attempt_is is not None:
            chosen = and_(chosen, _indexings.c.attempt == attempt_is)
        values["revision"] = _indexings.c.revision + 1
        return connection.execute(update(_indexings).where(chosen).values(**values)).rowcount == 1

    def _find(self, connection: Connection, document_id: str) -> Document | None:
        chosen = joined().where(self._scope.known(), _documents.c.document_id == document_id)
        return next(iter(self._scope.read(connection, chosen)), None)

    def _list(
        self, chosen: Select[Any], *order: ColumnElement[Any], limit: int | None = None
    ) -> list[Document]:
        with self._engine.connect() as connection:
            return self._scope.read(connection, chosen.order_by(*order).limit(limit))


def _not_there(document_id: str) -> NotFound:
    return NotFound(f"Document {document_id} does not exist.")
