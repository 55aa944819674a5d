"""The searches of a collection that are kept, and what becomes of them when their time is over."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from vdr.catalogue.tables import collections as _collections
from vdr.catalogue.tables import feedback as _feedback
from vdr.catalogue.tables import searches as _searches
from vdr.errors import SearchNotFound
from vdr.feedback import JUDGEMENTS, Choice, Deleted, Feedback, FeedbackKind, KeptHit, KeptSearch
from vdr.types import PageRef

_A_TIME = 200  # searches read by one query
_STEP = 500  # searches deleted by one transaction, so that nobody waits long for it
Judged = tuple[KeptSearch, tuple[Feedback, ...]]


class Searches:
    """The kept searches of a collection, each with the feedback on it.

    Safe from several threads, and from several processes. Every method raises DatabaseUnavailable where the
    database does not answer.
    """

    def __init__(self, engine: Engine, collection: str) -> None:
        self._engine, self._collection = engine, collection

    def get(self, search_id: str) -> KeptSearch:
        """The search. Raises SearchNotFound."""
        with self._engine.connect() as connection:
            return find_search(connection, self._collection, search_id)

    def each(self, choice: Choice = Choice(), *, unjudged: bool = False) -> Iterator[Judged]:  # noqa: B008
        """The chosen searches, oldest first, with the chosen feedback on them; others with `unjudged`.

        They are read a few at a time, so that any number may come.
        """
        after: tuple[str, str] | None = None
        while rows := self._page(choice, after, unjudged=unjudged):
            with self._engine.connect() as connection:
                told = self._feedback(connection, [row["search_id"] for row in rows], choice)
            for row in rows:
                yield search_of(row), tuple(told.get(row["search_id"], ()))
            after = rows[-1]["asked_at"], rows[-1]["search_id"]

    def count(self) -> int:
        """How many are kept."""
        chosen = select(func.count()).where(_searches.c.collection == self._collection)
        with self._engine.connect() as connection:
            return connection.execute(chosen).scalar_one()

    def _page(self, choice: Choice, after: tuple[str, str] | None, *, unjudged: bool) -> Sequence[RowMapping]:
        key = tuple_(_searches.c.asked_at, _searches.c.search_id)
        own = _searches.c.collection == self._collection
        has_feedback = exists().where(_is_about(), chosen_feedback(choice))
        chosen = and_(own, or_(has_feedback, asked_by(choice)) if unjudged else has_feedback)
        if after is not None:
            chosen = and_(chosen, key > tuple_(*map(literal, after)))
        ordered = select(_searches).where(chosen).order_by(_searches.c.asked_at, _searches.c.search_id)
        with self._engine.connect() as connection:
            return connection.execute(ordered.limit(_A_TIME)).mappings().all()

    def _feedback(
        self, connection: Connection, search_ids: Sequence[str], choice: Choice
    ) -> dict[str, list[Feedback]]:
        belongs = and_(_feedback.c.collection == self._collection, _feedback.c.search_id.in_(search_ids))
        ordered = (
            select(_feedback)
            .where(belongs, chosen_feedback(choice))
            .order_by(_feedback.c.noted_at, _feedback.c.feedback_id)
        )
        found: dict[str, list[Feedback]] = {}
        for row in connection.execute(ordered).mappings():
            found.setdefault(row["search_id"], []).append(feedback_of(row))
        return found


def keep_searches(engine: Engine, asked: Sequence[tuple[str, KeptSearch]]) -> None:
    """Enter searches, each with its collection, by one transaction; none of a collection that is gone."""
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    with engine.begin() as connection:
        alive = select(_collections.c.collection).where(~_collections.c.is_deleted)
        known = set(connection.execute(alive).scalars())
        rows = [_row(collection, each) for collection, each in asked if collection in known]
        if rows:
            connection.execute(dialect.insert(_searches).on_conflict_do_nothing(), rows)


def expire(engine: Engine, asked_before: str, judged_before: str | None) -> bool:
    """Delete some searches of all collections whose time is over, with all feedback on them.

    Those that were asked before a time and that nobody has judged, and if there is another time those judged
    that were asked before that. True if there may be more.
    """
    judged = exists().where(_is_about(), _feedback.c.kind.in_(JUDGEMENTS))
    is_over = and_(_searches.c.asked_at < asked_before, ~judged)
    if judged_before is not None:
        is_over = or_(is_over, _searches.c.asked_at < judged_before)
    with engine.begin() as connection:
        return delete_searches(connection, is_over, _STEP).searches == _STEP


def delete_searches(connection: Connection, chosen: ColumnElement[bool], most: int | None = None) -> Deleted:
    """Delete searches with all feedback on them."""
    ids = select(_searches.c.collection, _searches.c.search_id).where(chosen).limit(most)
    found = [(row.collection, row.search_id) for row in connection.execute(ids)]
    feedback = 0
    for start in range(0, len(found), _A_TIME):
        some = found[start : start + _A_TIME]
        is_theirs = tuple_(_feedback.c.collection, _feedback.c.search_id).in_(some)
        feedback += connection.execute(delete(_feedback).where(is_theirs)).rowcount
        is_one = tuple_(_searches.c.collection, _searches.c.search_id).in_(some)
        connection.execute(delete(_searches).where(is_one))
    return Deleted(feedback, len(found))


def find_search(
    connection: Connection, collection: str, search_id: str, *, is_held: bool = False
) -> KeptSearch:
    """The search, which stays until the transaction ends if it `is_held`. Raises SearchNotFound."""
    is_it = and_(_searches.c.collection == collection, _searches.c.search_id == search_id)
    chosen = select(_searches).where(is_it)
    chosen = chosen.with_for_update(read=True) if is_held else chosen
    row = connection.execute(chosen).mappings().first()
    if row is None:
        raise SearchNotFound(f"Search {search_id[:64]} is not kept in collection {collection!r}.")
    return search_of(row)


def search_of(row: RowMapping) -> KeptSearch:
    """The search of a row."""
    hits = tuple(
        KeptHit(PageRef(each["document_id"], each["page_number"]), *(each[name] for name in _OF_HIT))
        for each in row["hits"]
    )
    return KeptSearch(
        row["search_id"],
        row["generation"],
        row["asked_at"],
        row["query"],
        row["request"],
        row["plan"],
        hits,
        row["key_id"],
    )


def feedback_of(row: RowMapping) -> Feedback:
    """The feedback of a row."""
    page = None if row["document_id"] is None else PageRef(row["document_id"], row["page_number"])
    return Feedback(
        row["search_id"],
        FeedbackKind(row["kind"]),
        page,
        row["reporter"],
        row["key_id"],
        row["dwelt_ms"],
        row["noted_at"],
    )


_OF_HIT = ("rank", "score", "confidence", "stages")


def _row(collection: str, search: KeptSearch) -> dict[str, Any]:
    told = {name: getattr(search, name) for name in ("search_id", "generation", "asked_at", "key_id")}
    return {
        **told,
        "collection": collection,
        "query": search.text,
        "request": dict(search.request),
        "plan": dict(search.plan),
        "hits": [
            {**asdict(hit.page), **{name: getattr(hit, name) for name in _OF_HIT}} for hit in search.hits
        ],
    }


def _is_about() -> ColumnElement[bool]:
    """Feedback on the search of the statement around."""
    return and_(
        _feedback.c.collection == _searches.c.collection, _feedback.c.search_id == _searches.c.search_id
    )


def chosen_feedback(choice: Choice) -> ColumnElement[bool]:
    """The feedback that a choice means."""
    columns = _feedback.c
    return and_(
        true() if choice.search_id is None else columns.search_id == choice.search_id,
        true() if choice.reporter is None else columns.reporter == choice.reporter,
        true() if choice.key_id is None else columns.key_id == choice.key_id,
        true() if choice.before is None else columns.noted_at < choice.before,
    )


def asked_by(choice: Choice) -> ColumnElement[bool]:
    """The searches that a choice means itself; a reporter asks none."""
    columns = _searches.c
    return and_(
        true() if choice.search_id is None else columns.search_id == choice.search_id,
        true() if choice.reporter is None else ~true(),
        true() if choice.key_id is None else columns.key_id == choice.key_id,
        true() if choice.before is None else columns.asked_at < choice.before,
    )
