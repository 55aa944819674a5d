"""Generations of a collection side by side: begun, filled, switched to, and dropped."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    RowMapping,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from vdr.catalogue.collections import Collections, is_generation, stored_settings
from vdr.catalogue.rows import now
from vdr.catalogue.scope import JOIN, Scope
from vdr.catalogue.tables import collections as _collections
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import generations as _generations
from vdr.catalogue.tables import indexings as _indexings
from vdr.catalogue.tables import page_errors as _page_errors
from vdr.catalogue.turns import next_turn
from vdr.errors import GenerationIncomplete, GenerationServes
from vdr.types import (
    UNFINISHED,
    BuildProgress,
    Collection,
    CollectionSettings,
    DocumentState,
    Generation,
    Priority,
)

# What a document has that was given up elsewhere and is only listed here: no job belongs to it.
_LISTED = 0
_GIVEN_UP = (DocumentState.FAILED, DocumentState.CANCELLED)
_TOLD = ("state", "error_code", "error_message", "finished_at")


class Generations:
    """Safe from several threads, and from several processes.

    Every method raises DatabaseUnavailable where the database does not answer, CollectionNotFound and
    GenerationNotFound.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._collections = engine, Collections(engine)

    def create(self, collection: Collection, settings: CollectionSettings) -> Generation:
        """A new generation, to be built by the model and dimensions of these settings."""
        with self._engine.begin() as connection:
            # Noted first, which also lets nobody else make a generation of the collection meanwhile.
            _keep_settings(connection, collection)
            names = connection.execute(
                select(_generations.c.generation).where(_generations.c.collection == collection.name)
            ).scalars()
            row = {
                "collection": collection.name,
                "generation": _next_name(list(names)),
                "created_at": now(),
                "has_fields": True,
                "settings": _own(settings),
            }
            connection.execute(insert(_generations).values(row))
        return self._collections.generation(collection.name, str(row["generation"]))

    def progress(self, collection: Collection, generation: str) -> BuildProgress:
        """How far a generation has come, by the documents that answer searches now."""
        with self._engine.connect() as connection:
            return _progress(connection, collection.name, collection.serving, generation)

    def switch(self, name: str, generation: str, *, completely: bool = True) -> Collection:
        """Have a generation answer the collection's searches from now on.

        It is one transaction: every search is answered by one of the two. Raises GenerationServes if it does
        so already, and GenerationIncomplete if it was never built, or where it is to be there `completely`
        and lacks documents.
        """
        built = self._collections.generation(name, generation)
        if built.fingerprint is None:
            raise GenerationIncomplete(f"Generation {generation} of collection {name!r} was never built.")
        serving = self._collections.get(name).serving
        if serving == generation:
            raise GenerationServes(f"Generation {generation} of collection {name!r} serves already.")
        with self._engine.begin() as connection:
            # Written first, so that nobody finishes a document between the look and the switch.
            _serve(connection, built, serving)
            progress = _progress(connection, name, serving, generation)
            if completely and not progress.is_complete:
                raise GenerationIncomplete(_lacking(built, progress))
        return self._collections.get(name)

    def served_before(self, collection: Collection) -> Sequence[Generation]:
        """The generations that served before the one that does now, the last first."""
        served = (
            each
            for each in self._collections.generations(collection.name)
            if each.name != collection.serving and each.served_at is not None
        )
        return sorted(served, key=lambda each: each.served_at or "", reverse=True)

    def under_way(self) -> Sequence[tuple[str, str]]:
        """The collections and names of generations that were begun and have never served."""
        its, serving = _generations.c, _collections.c.serving
        is_in_it = and_(_indexings.c.collection == its.collection, _indexings.c.generation == its.generation)
        chosen = (
            select(its.collection, its.generation)
            .join(_collections, _collections.c.collection == its.collection)
            .where(
                ~_collections.c.is_deleted,
                its.generation != serving,
                its.served_at.is_(None),
                select(_indexings.c.document_id).where(is_in_it).exists(),
            )
        )
        with self._engine.connect() as connection:
            return [(row.collection, row.generation) for row in connection.execute(chosen)]

    def switched(self) -> Sequence[Collection]:
        """The collections of which another generation served before."""
        its, served = _generations.c, _collections.c
        another = select(its.generation).where(
            its.collection == served.collection, its.generation != served.serving, its.served_at.is_not(None)
        )
        chosen = select(served.collection).where(~served.is_deleted, another.exists())
        with self._engine.connect() as connection:
            names = list(connection.execute(chosen).scalars())
        return [found for name in names if (found := self._collections.find(name)) is not None]

    def clear(self, name: str, generation: str) -> None:
        """Forget the documents of a generation, but not the generation. Raises GenerationServes."""
        self._forget(name, generation, _page_errors, _indexings)

    def remove(self, name: str, generation: str) -> None:
        """Forget a generation. Raises GenerationServes."""
        self._forget(name, generation, _page_errors, _indexings, _generations)

    def _forget(self, name: str, generation: str, *of_tables: Table) -> None:
        self.check_idle(name, generation)
        with self._engine.begin() as connection:
            for table in of_tables:
                connection.execute(delete(table).where(_within(table, name, generation)))

    def check_idle(self, name: str, generation: str) -> Generation:
        """The generation. Raises GenerationServes if it answers searches."""
        found = self._collections.generation(name, generation)
        if self._collections.get(name).serving == generation:
            raise GenerationServes(f"Generation {generation} answers the searches of collection {name!r}.")
        return found


def enter_missing(
    connection: Connection, scope: Scope, serving: str, *, are_unfinished_too: bool = False
) -> list[str]:
    """Enter the documents in a generation that it lacks; the ids of those to be indexed.

    Those that are indexed in the `serving` one are, those that were given up there are listed so here.
    Those that are unfinished there, or that OCR still looks at, are left out unless they are wanted too.
    """
    _unlist(connection, scope, serving)
    queued: list[str] = []
    for row in _missing(connection, scope, serving):
        state = DocumentState(row["state"])
        is_unfinished = state in UNFINISHED or row["ocr_pages_done"] < row["ocr_pages"]
        if is_unfinished and not are_unfinished_too:
            continue
        is_given_up = state in _GIVEN_UP
        entry = _given_up(row) if is_given_up else _to_index(connection, scope, row)
        connection.execute(insert(_indexings).values({**entry, "generation": scope.generation}))
        if not is_given_up:
            queued.append(row["document_id"])
    return queued


def _unlist(connection: Connection, scope: Scope, serving: str) -> None:
    """Forget those that were listed as given up and are so no longer."""
    there = _indexings.alias("there")
    revived = select(there.c.document_id).where(
        _within(there, scope.collection, serving), there.c.state.not_in(_GIVEN_UP)
    )
    own = _within(_indexings, scope.collection, scope.generation)
    listed = and_(own, _indexings.c.attempt == _LISTED, _indexings.c.document_id.in_(revived))
    # Mostly there are none: a statement that deletes holds up everybody else who writes to SQLite.
    if connection.execute(select(_indexings.c.document_id).where(listed).limit(1)).first() is not None:
        connection.execute(delete(_indexings).where(listed))


def _missing(connection: Connection, scope: Scope, serving: str) -> Sequence[RowMapping]:
    there = _indexings.alias("there")
    known = select(there.c.document_id).where(_within(there, scope.collection, scope.generation))
    chosen = (
        select(_indexings)
        .select_from(JOIN)
        .where(
            _within(_indexings, scope.collection, serving),
            ~_documents.c.is_deleted,
            _indexings.c.document_id.not_in(known),
        )
        .order_by(_documents.c.created_at, _documents.c.document_id)
    )
    return connection.execute(chosen).mappings().all()


def _given_up(row: RowMapping) -> dict[str, Any]:
    return {**_new(row), **{name: row[name] for name in _TOLD}, "attempt": _LISTED}


def _to_index(connection: Connection, scope: Scope, row: RowMapping) -> dict[str, Any]:
    is_waited_for = row["state"] in UNFINISHED
    priority = Priority(row["priority"]) if is_waited_for else Priority.BULK
    turn = next_turn(connection, scope.collection, priority)
    return {**_new(row), "priority": int(priority), "turn": turn}


def _new(row: RowMapping) -> dict[str, Any]:
    return {
        "collection": row["collection"],
        "document_id": row["document_id"],
        "state": DocumentState.QUEUED,
        "pages_done": 0,
        "attempt": 1,
        "revision": 0,
        "priority": row["priority"],
        "turn": row["turn"],
        "pages_at_start": 0,
        "ocr_pages": 0,
        "ocr_pages_done": 0,
    }


def _within(table: FromClause, collection: str, generation: str) -> ColumnElement[bool]:
    return and_(table.c.collection == collection, table.c.generation == generation)


def _keep_settings(connection: Connection, collection: Collection) -> None:
    """Note for every generation that says nothing of its own what the collection is set to now."""
    its = _generations.c
    unsaid = and_(its.collection == collection.name, its.settings.is_(None))
    connection.execute(update(_generations).where(unsaid).values(settings=_own(collection.settings)))


def _own(settings: CollectionSettings) -> dict[str, object]:
    """What of a collection's settings belongs to a generation."""
    return {"embedder": settings.embedder, "dims": settings.dims}


def _next_name(names: Sequence[str]) -> str:
    """Numbers go on after the highest; what a version before has named otherwise counts as none.

    >>> _next_name(["g1", "g9", "a-b"])
    'g10'
    """
    numbers = [int(name[1:]) for name in names if name[:1] == "g" and name[1:].isdecimal()]
    return f"g{max(numbers, default=0) + 1}"


def _progress(connection: Connection, name: str, serving: str, generation: str) -> BuildProgress:
    here = _indexings.alias("here")
    is_same = and_(_within(here, name, generation), here.c.document_id == _indexings.c.document_id)
    chosen = (
        select(
            func.count(),
            func.count().filter(here.c.state == DocumentState.INDEXED),
            func.count().filter(here.c.state.in_(_GIVEN_UP)),
        )
        .select_from(JOIN.outerjoin(here, is_same))
        .where(
            _within(_indexings, name, serving),
            _indexings.c.state == DocumentState.INDEXED,
            ~_documents.c.is_deleted,
        )
    )
    return BuildProgress(*connection.execute(chosen).one())


def _serve(connection: Connection, built: Generation, serving: str) -> None:
    collection = built.collection
    own = built.settings or CollectionSettings()
    its = _collections.c
    is_it = its.collection == collection
    connection.execute(update(_collections).where(is_it).values(serving=built.name))
    before = connection.execute(select(its.settings).where(is_it)).scalar_one()
    chosen = replace(CollectionSettings(**before), embedder=own.embedder, dims=own.dims)
    connection.execute(update(_collections).where(is_it).values(settings=stored_settings(chosen)))
    table, column = update(_generations), _generations.c
    was_first = and_(is_generation(collection, serving), column.served_at.is_(None))
    connection.execute(table.where(was_first).values(served_at=column.created_at))
    connection.execute(table.where(is_generation(collection, built.name)).values(served_at=now()))


def _lacking(built: Generation, progress: BuildProgress) -> str:
    left = progress.documents - progress.indexed
    failed = f", of which {progress.failed:,} failed" if progress.failed else ""
    return (
        f"Generation {built.name} of collection {built.collection!r} lacks {left:,} of "
        f"{progress.documents:,} documents{failed}."
    )
