"""The feedback on the searches of a collection: noted, undone, counted and deleted."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, select, update

from vdr.catalogue.rows import insert_new, now
from vdr.catalogue.searches import (
    asked_by,
    chosen_feedback,
    delete_searches,
    feedback_of,
    find_search,
)
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import feedback as _feedback
from vdr.catalogue.tables import searches as _searches
from vdr.errors import FeedbackNotFound, NotFound, PageNotShown, TooMuchFeedback
from vdr.feedback import OPPOSITES, Choice, Deleted, Feedback, FeedbackKind
from vdr.opinions import Vote
from vdr.types import PageRef

_TOGETHER = 4  # times the limit of one reporter: whoever makes up names gets no further than that
_SHOWN_ALONE = (FeedbackKind.RIGHT, FeedbackKind.WRONG)


class FeedbackNotes:
    """What people say of the searches of a collection.

    Safe from several threads, and from several processes. Every method raises DatabaseUnavailable where the
    database does not answer.
    """

    def __init__(self, engine: Engine, collection: str) -> None:
        self._engine, self._collection = engine, collection

    def note(self, given: Feedback, most: int) -> tuple[Feedback, bool]:
        """Note feedback; True if it is new. What was said before counts once, with the longer time.

        That a page is right takes back that the same reporter called it wrong, and the other way round. All
        of it happens or nothing. Raises SearchNotFound, NotFound for a page that is not there, PageNotShown,
        and TooMuchFeedback beyond `most` of one reporter on a search.
        """
        given = replace(given, noted_at=now())
        with self._engine.begin() as connection:
            # Written first, so that in SQLite as well nobody else writes until it is checked.
            is_new = insert_new(connection, _feedback, self._row(given))
            self._check(connection, given)
            if is_new:
                self._check_limit(connection, given, most)
                self._take_back(connection, given)
            elif given.dwelt_ms is not None:
                self._lengthen(connection, given)
            found = connection.execute(select(_feedback).where(self._is(given.feedback_id)))
            return feedback_of(found.mappings().one()), is_new

    def undo(self, feedback_id: str) -> None:
        """Take feedback back. Raises FeedbackNotFound."""
        with self._engine.begin() as connection:
            gone = connection.execute(delete(_feedback).where(self._is(feedback_id)))
        if gone.rowcount == 0:
            raise FeedbackNotFound(f"Feedback {feedback_id[:64]} does not exist.")

    def of_search(self, search_id: str, reporter: str, key_id: str | None) -> list[Feedback]:
        """What one reporter has said of a search."""
        chosen = and_(self._of(search_id), _feedback.c.reporter == reporter, _same_key(key_id))
        with self._engine.connect() as connection:
            rows = connection.execute(select(_feedback).where(chosen)).mappings()
            return [feedback_of(row) for row in rows]

    def delete(self, choice: Choice) -> Deleted:
        """Delete the chosen feedback and the chosen searches; with a search all feedback on it."""
        with self._engine.begin() as connection:
            own = and_(_feedback.c.collection == self._collection, chosen_feedback(choice))
            given = connection.execute(delete(_feedback).where(own)).rowcount
            asked = and_(_searches.c.collection == self._collection, asked_by(choice))
            gone = delete_searches(connection, asked)
            return replace(gone, feedback=gone.feedback + given)

    def by_kind_and_day(self) -> Mapping[tuple[str, str], int]:
        """How much there is of each kind on each day, as (kind, ISO date)."""
        day = func.substr(_feedback.c.noted_at, 1, 10)
        counted = (
            select(_feedback.c.kind, day.label("day"), func.count().label("count"))
            .where(_feedback.c.collection == self._collection)
            .group_by(_feedback.c.kind, day)
        )
        with self._engine.connect() as connection:
            return {(row.kind, row.day): row[2] for row in connection.execute(counted)}

    def votes(self) -> Iterator[Vote]:
        """Every judgement of a page by its question, in words; those of searches by an image are left out."""
        is_about = and_(
            _searches.c.collection == _feedback.c.collection, _searches.c.search_id == _feedback.c.search_id
        )
        judged = (FeedbackKind.RIGHT, FeedbackKind.WRONG, FeedbackKind.EXPECTED)
        chosen = (
            select(_feedback, _searches.c.query)
            .join(_searches, is_about)
            .where(
                _feedback.c.collection == self._collection,
                _feedback.c.kind.in_(judged),
                _searches.c.query != "",
            )
        )
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=1_000).execute(chosen).mappings():
                given = feedback_of(row)
                assert given.page is not None
                yield Vote(given.who, given.kind, row["query"], given.page, given.feedback_id)

    def _check(self, connection: Connection, given: Feedback) -> None:
        """Raise what says that there is no such search or page, or that it was not shown."""
        search = find_search(connection, self._collection, given.search_id, is_held=True)
        if given.page is None:
            return
        self._check_page(connection, given.page)
        if given.kind in _SHOWN_ALONE and given.page not in {hit.page for hit in search.hits}:
            page = given.page
            raise PageNotShown(
                f"Page {page.page_number:,} of document {page.document_id} is no hit of the search."
            )

    def _check_page(self, connection: Connection, page: PageRef) -> None:
        columns = _documents.c
        is_it = and_(columns.collection == self._collection, columns.document_id == page.document_id)
        chosen = select(columns.name, columns.page_count).where(is_it, ~columns.is_deleted)
        row = connection.execute(chosen.with_for_update(read=True)).first()
        if row is None:
            raise NotFound(f"Document {page.document_id} does not exist.")
        if not 1 <= page.page_number <= row.page_count:
            raise NotFound(
                f"{row.name} has {row.page_count:,} pages; page {page.page_number:,} does not exist.",
                remedy=f"Choose a page from 1 to {row.page_count:,}.",
            )

    def _check_limit(self, connection: Connection, given: Feedback, most: int) -> None:
        same = and_(_feedback.c.reporter == given.reporter, _same_key(given.key_id))
        counted = select(func.count(), func.count().filter(same)).where(self._of(given.search_id))
        together, own = connection.execute(counted).one()
        if own > most or together > _TOGETHER * most:
            raise TooMuchFeedback(f"There is enough feedback on search {given.search_id}.")

    def _take_back(self, connection: Connection, given: Feedback) -> None:
        if given.kind in OPPOSITES:
            opposite = replace(given, kind=OPPOSITES[given.kind])
            connection.execute(delete(_feedback).where(self._is(opposite.feedback_id)))

    def _lengthen(self, connection: Connection, given: Feedback) -> None:
        is_shorter = and_(self._is(given.feedback_id), _feedback.c.dwelt_ms < given.dwelt_ms)
        connection.execute(update(_feedback).where(is_shorter).values(dwelt_ms=given.dwelt_ms))

    def _is(self, feedback_id: str) -> ColumnElement[bool]:
        return and_(_feedback.c.collection == self._collection, _feedback.c.feedback_id == feedback_id)

    def _of(self, search_id: str) -> ColumnElement[bool]:
        return and_(_feedback.c.collection == self._collection, _feedback.c.search_id == search_id)

    def _row(self, given: Feedback) -> dict[str, Any]:
        told = asdict(replace(given, page=None))
        del told["page"]
        return {
            **told,
            "collection": self._collection,
            "feedback_id": given.feedback_id,
            "kind": given.kind.value,
            "document_id": None if given.page is None else given.page.document_id,
            "page_number": None if given.page is None else given.page.page_number,
        }


def _same_key(key_id: str | None) -> ColumnElement[bool]:
    return _feedback.c.key_id.is_(None) if key_id is None else _feedback.c.key_id == key_id
