"""The collections of a database, their settings and generations."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    delete,
    func,
    or_,
    select,
    union,
    update,
)

from vdr.catalogue.rows import insert_new, now
from vdr.catalogue.tables import collections as _collections
from vdr.catalogue.tables import document_names as _names
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import feedback as _feedback
from vdr.catalogue.tables import generations as _generations
from vdr.catalogue.tables import idempotency_keys as _idempotency_keys
from vdr.catalogue.tables import indexings as _indexings
from vdr.catalogue.tables import page_errors as _page_errors
from vdr.catalogue.tables import questions as _questions
from vdr.catalogue.tables import replacements as _replacements
from vdr.catalogue.tables import searches as _searches
from vdr.errors import CollectionExists, CollectionNotFound, GenerationNotFound, IndexMismatch
from vdr.types import UNFINISHED, Collection, CollectionSettings, Generation, Quantization, VectorShape

_BUILT_BY = (
    "embedder",
    "fingerprint",
    "dims",
    "coarse_dims",
    "region_dims",
    "reader",
    "has_many_vectors",
    "quantization",
    "more",
)
_TOLD = (*_BUILT_BY, "has_fields", "calibration", "plan", "settings", "served_at")


class Collections:
    """Safe from several threads, and from several processes.

    Every method raises DatabaseUnavailable where the database does not answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> Collection:
        """The collection. Raises CollectionNotFound."""
        found = self.find(name)
        if found is None:
            raise _not_there(name)
        return found

    def find(self, name: str) -> Collection | None:
        """The collection, or None."""
        with self._engine.connect() as connection:
            return _find(connection, name)

    def list(self) -> list[Collection]:
        """Every collection, by name."""
        chosen = select(_collections).where(~_collections.c.is_deleted).order_by(_collections.c.collection)
        with self._engine.connect() as connection:
            return [_collection(row) for row in connection.execute(chosen).mappings()]

    def create(
        self, name: str, description: str = "", settings: CollectionSettings | None = None
    ) -> Collection:
        """A new collection with a generation to be built. Raises CollectionExists."""
        with self._engine.begin() as connection:
            is_new = _enter(connection, name, description, settings or CollectionSettings())
            found = _find(connection, name)
        if found is None:
            raise CollectionExists(f"Collection {name!r} is being deleted.", remedy="Try again shortly.")
        if not is_new:
            raise CollectionExists(f"Collection {name!r} already exists.")
        return found

    def ensure(self, name: str) -> Collection:
        """The collection, created if it is not there. Raises CollectionExists while it is being deleted."""
        found = self.find(name)
        if found is not None:
            return found
        try:
            return self.create(name)
        except CollectionExists:  # another process may have been faster
            if (found := self.find(name)) is None:
                raise
            return found

    def update(
        self, name: str, *, description: str | None = None, settings: CollectionSettings | None = None
    ) -> Collection:
        """Change what is given. Raises CollectionNotFound."""
        changes: dict[str, object] = {} if description is None else {"description": description}
        if settings is not None:
            changes |= {"settings": stored_settings(settings)}
        if changes:
            chosen = and_(_collections.c.collection == name, ~_collections.c.is_deleted)
            with self._engine.begin() as connection:
                connection.execute(update(_collections).where(chosen).values(**changes))
        return self.get(name)

    def opened(self, name: str) -> tuple[Collection, Generation]:
        """A collection and the generation that answers its searches. Raises CollectionNotFound."""
        is_serving = and_(
            _generations.c.collection == _collections.c.collection,
            _generations.c.generation == _collections.c.serving,
        )
        own = [_generations.c[column].label(f"its_{column}") for column in ("created_at", *_TOLD)]
        chosen = (
            select(_collections, *own)
            .join(_generations, is_serving)
            .where(_collections.c.collection == name, ~_collections.c.is_deleted)
        )
        with self._engine.connect() as connection:
            row = connection.execute(chosen).mappings().first()
        if row is None:
            raise _not_there(name)
        its = _told(row, "its_")
        return _collection(row), Generation(name, row["serving"], row["its_created_at"], **its)

    def generation(self, name: str, generation: str) -> Generation:
        """A generation of a collection. Raises CollectionNotFound, GenerationNotFound."""
        self.get(name)
        chosen = select(_generations).where(is_generation(name, generation))
        with self._engine.connect() as connection:
            row = connection.execute(chosen).mappings().first()
        if row is None:
            raise GenerationNotFound(f"Collection {name!r} has no generation {generation!r}.")
        return _generation(row)

    def generations(self, name: str) -> Sequence[Generation]:
        """All generations of a collection, oldest first, also of one that is being deleted."""
        columns = _generations.c
        chosen = (
            select(_generations)
            .where(columns.collection == name)
            .order_by(columns.created_at, columns.generation)
        )
        with self._engine.connect() as connection:
            return [_generation(row) for row in connection.execute(chosen).mappings()]

    def claim(self, built: Generation) -> Generation:
        """Note what a generation is built by, once and for all.

        Raises IndexMismatch where it is built by another model, be it that another process was faster.
        """
        chosen = is_generation(built.collection, built.name)
        told = {name: getattr(built, name) for name in _BUILT_BY}
        told["more"] = [asdict(shape) for shape in built.more] or None
        with self._engine.begin() as connection:
            row = connection.execute(select(_generations).where(chosen).with_for_update()).mappings().first()
            if row is None:
                raise _not_there(built.collection)
            check_model(_generation(row), built)
            connection.execute(update(_generations).where(chosen).values(**told))
        return built

    def note_fields(self, generation: Generation) -> Generation:
        """Note that the pages of a generation have got what filters look at."""
        self._note(generation, has_fields=True)
        return replace(generation, has_fields=True)

    def note_calibration(self, generation: Generation, told: Mapping[str, object] | None) -> None:
        """Note what the signs of a generation's searches are worth; None forgets it."""
        self._note(generation, calibration=told)

    def note_plan(self, generation: Generation, told: Mapping[str, object] | None) -> None:
        """Note what a generation's default searches go by; None: by the settings."""
        self._note(generation, plan=told)

    def mark_deleted(self, name: str) -> Collection:
        """Hide a collection and its documents until `remove` ends it. Raises CollectionNotFound."""
        with self._engine.begin() as connection:
            found = _find(connection, name)
            if found is None:
                raise _not_there(name)
            for table in (_collections, _documents):
                connection.execute(update(table).where(table.c.collection == name).values(is_deleted=True))
        return found

    def busy(self) -> Sequence[str]:
        """The names of collections with documents to index, to complete by OCR, or to delete the rest of."""
        columns = _indexings.c
        is_open = or_(columns.state.in_(UNFINISHED), columns.ocr_pages_done < columns.ocr_pages)
        unfinished = select(columns.collection).where(is_open)
        deleted = select(_documents.c.collection).where(_documents.c.is_deleted)
        names = union(unfinished, deleted).subquery()
        chosen = select(_collections.c.collection).where(
            ~_collections.c.is_deleted, _collections.c.collection.in_(select(names.c.collection))
        )
        with self._engine.connect() as connection:
            return list(connection.execute(chosen).scalars())

    def half_deleted(self) -> Sequence[Collection]:
        """Collections that were marked as deleted but not removed."""
        chosen = select(_collections).where(_collections.c.is_deleted)
        with self._engine.connect() as connection:
            return [_collection(row) for row in connection.execute(chosen).mappings()]

    def remove(self, name: str) -> None:
        """Forget a collection that was marked as deleted, all its rows with it."""
        of_documents = (_page_errors, _indexings, _names, _replacements, _documents)
        of_searches = (_feedback, _searches, _questions, _idempotency_keys)
        tables = (*of_searches, *of_documents, _generations, _collections)
        with self._engine.begin() as connection:
            for table in tables:
                connection.execute(delete(table).where(table.c.collection == name))

    def count_documents(self, name: str) -> int:
        """How many documents a collection has."""
        chosen = and_(_documents.c.collection == name, ~_documents.c.is_deleted)
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).where(chosen)).scalar_one()

    def _note(self, generation: Generation, **values: object) -> None:
        chosen = is_generation(generation.collection, generation.name)
        with self._engine.begin() as connection:
            connection.execute(update(_generations).where(chosen).values(**values))


def is_generation(collection: str, generation: str) -> ColumnElement[bool]:
    """The row of a generation."""
    return and_(_generations.c.collection == collection, _generations.c.generation == generation)


def check_model(found: Generation, asked: Generation) -> None:
    """Raises IndexMismatch where a generation is built by another model, or with other dimensions.

    Of one that was built on a server by the version before, only the beginning of the fingerprint is known.
    """
    if found.fingerprint is None:
        return
    is_same = (asked.fingerprint or "").startswith(found.fingerprint) and found.dims == asked.dims
    if not is_same:
        raise IndexMismatch(
            f"The index of collection {found.collection!r} was built with {_model(found)}, "
            f"but the settings ask for {_model(asked)}."
        )


def _model(generation: Generation) -> str:
    name = f"{generation.embedder} " if generation.embedder else ""
    reader = f", read by {generation.reader}" if generation.reader else ""
    return f"model {name}{(generation.fingerprint or '')[:12]} with {generation.dims} dimensions{reader}"


def _not_there(name: str) -> CollectionNotFound:
    return CollectionNotFound(f"Collection {name!r} does not exist.")


def _enter(connection: Connection, name: str, description: str, settings: CollectionSettings) -> bool:
    created_at, serving = now(), "g1"
    row = {
        "collection": name,
        "created_at": created_at,
        "description": description,
        "settings": stored_settings(settings),
        "serving": serving,
        "is_deleted": False,
    }
    if not insert_new(connection, _collections, row):
        return False
    generation = {
        "collection": name,
        "generation": serving,
        "created_at": created_at,
        "has_fields": True,
    }
    insert_new(connection, _generations, generation)
    return True


def _find(connection: Connection, name: str) -> Collection | None:
    chosen = select(_collections).where(_collections.c.collection == name, ~_collections.c.is_deleted)
    row = connection.execute(chosen).mappings().first()
    return None if row is None else _collection(row)


def stored_settings(settings: CollectionSettings) -> dict[str, object]:
    """A collection's own settings as its row has them: those that are set."""
    return {name: value for name, value in asdict(settings).items() if value is not None}


def _collection(row: RowMapping) -> Collection:
    return Collection(
        row["collection"],
        row["created_at"],
        row["serving"],
        row["description"],
        CollectionSettings(**row["settings"]),
        row["is_deleted"],
    )


def _generation(row: RowMapping) -> Generation:
    return Generation(row["collection"], row["generation"], row["created_at"], **_told(row))


def _told(row: RowMapping, prefix: str = "") -> dict[str, Any]:
    told = {name: row[f"{prefix}{name}"] for name in _TOLD}
    quantization = Quantization(told["quantization"] or Quantization.NONE)
    more = tuple(VectorShape(**shape) for shape in told["more"] or ())
    settings = None if told["settings"] is None else CollectionSettings(**told["settings"])
    return told | {"quantization": quantization, "more": more, "settings": settings}
