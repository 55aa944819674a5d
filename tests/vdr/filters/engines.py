"""Every engine behind one face: load documents, find those that a filter matches."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import qdrant_edge
from qdrant_client import QdrantClient, models
from sqlalchemy import (
    JSON,
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    insert,
    null,
    select,
    update,
)

from tests.scale.qdrant_stand_in import qdrant_stand_in
from vdr.catalogue.sql_filter import sql_filter
from vdr.filters import matches, resolve_names, to_stored
from vdr.filters.fields import BUILT_IN
from vdr.index.edge_filter import edge_filter
from vdr.index.payload import PAYLOAD_INDEXES, metadata_payload
from vdr.index.qdrant_filter import qdrant_filter
from vdr.types import Condition, Filter, Metadata

Fields = dict[str, Any]
_MANY = 1_000


class Searchable(Protocol):
    """An engine."""

    def load(self, documents: Sequence[Fields]) -> None:
        """Hold these documents, known by their place in the list, and no others."""

    def find(self, filter: Filter) -> set[int]:
        """Which of them match."""


def names_of(fields: Fields) -> Sequence[str]:
    """A document's names, the one that is shown first."""
    names = fields["document_name"]
    return (names,) if isinstance(names, str) else tuple(names)


def payload(fields: Fields) -> dict[str, Any]:
    """The fields as they lie in the index, which knows the name that is shown."""
    built_in = {key: value for key, value in fields.items() if key in BUILT_IN}
    built_in["document_name"] = names_of(fields)[0]
    return built_in | metadata_payload(metadata_of(fields))


def metadata_of(fields: Fields) -> Metadata:
    return {key: value for key, value in fields.items() if key not in BUILT_IN}


class _ByIds:
    """What both engines of the index share: names are resolved before they are asked."""

    def __init__(self) -> None:
        self._documents: Sequence[Fields] = ()

    def note(self, documents: Sequence[Fields]) -> None:
        self._documents = documents

    def resolved(self, filter: Filter) -> Filter:
        return resolve_names(filter, self._ids_of)

    def _ids_of(self, condition: Condition) -> list[str]:
        return [each["document_id"] for each in self._documents if matches(condition, each)]


class Edge(_ByIds):
    def __init__(self, shard: qdrant_edge.EdgeShard) -> None:
        super().__init__()
        self._shard = shard
        for field, kind in PAYLOAD_INDEXES.items():
            schema = getattr(qdrant_edge.PayloadSchemaType, kind.capitalize())
            shard.update(qdrant_edge.UpdateOperation.create_field_index(field, schema))

    def load(self, documents: Sequence[Fields]) -> None:
        self._shard.update(qdrant_edge.UpdateOperation.delete_points(list(range(len(self._documents)))))
        self.note(documents)
        points = [qdrant_edge.Point(i, {"v": [1.0, 1.0]}, payload(each)) for i, each in enumerate(documents)]
        self._shard.update(qdrant_edge.UpdateOperation.upsert_points(points))

    def find(self, filter: Filter) -> set[int]:
        asked = qdrant_edge.ScrollRequest(limit=_MANY, filter=edge_filter(self.resolved(filter)))
        found, _ = self._shard.scroll(asked)
        return {int(record.id) for record in found}


class Qdrant(_ByIds):
    def __init__(self, client: QdrantClient) -> None:
        super().__init__()
        self._client = client
        client.create_collection(
            "c", vectors_config={"v": models.VectorParams(size=2, distance=models.Distance.DOT)}
        )

    def load(self, documents: Sequence[Fields]) -> None:
        self.note(documents)
        self._client.delete("c", models.FilterSelector(filter=models.Filter()))
        points = [
            models.PointStruct(id=i, vector={"v": [1.0, 1.0]}, payload=payload(each))
            for i, each in enumerate(documents)
        ]
        self._client.upsert("c", points)

    def find(self, filter: Filter) -> set[int]:
        found, _ = self._client.scroll("c", qdrant_filter(self.resolved(filter)), limit=_MANY)
        return {int(record.id) for record in found}


_DOCUMENTS = Table(
    "documents",
    MetaData(),
    Column("place", Integer, primary_key=True),
    Column("document_id", String, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("created_at", String, nullable=False),
    Column("kind", String),
    Column("metadata", JSON),
)
_NAMES = Table(
    "names",
    _DOCUMENTS.metadata,
    Column("document_id", String, primary_key=True),
    Column("name", String, primary_key=True),
)


class Sql:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _DOCUMENTS.metadata.create_all(engine)

    def load(self, documents: Sequence[Fields]) -> None:
        rows = [
            {
                "place": i,
                "document_id": fields["document_id"],
                "page_count": fields["page_count"],
                "created_at": fields["added_at"],
                "kind": fields.get("kind"),
                "metadata": to_stored(metadata_of(fields)),
            }
            for i, fields in enumerate(documents)
        ]
        names = [
            {"document_id": fields["document_id"], "name": name}
            for fields in documents
            for name in names_of(fields)
        ]
        with self._engine.begin() as connection:
            for table, held in ((_DOCUMENTS, rows), (_NAMES, names)):
                connection.execute(delete(table))
                connection.execute(insert(table), held)

    def forget_metadata(self) -> None:
        """Leave the column NULL, as in rows that are older than it."""
        with self._engine.begin() as connection:
            connection.execute(update(_DOCUMENTS).values(metadata=null()))

    def find(self, filter: Filter) -> set[int]:
        where = sql_filter(filter, _DOCUMENTS, _NAMES, self._engine.dialect.name)
        with self._engine.connect() as connection:
            return set(connection.execute(select(_DOCUMENTS.c.place).where(where)).scalars())


@contextmanager
def edge(folder: Path) -> Iterator[Searchable]:
    params = qdrant_edge.EdgeVectorParams(2, qdrant_edge.Distance.Dot)
    shard = qdrant_edge.EdgeShard.create(str(folder), qdrant_edge.EdgeConfig(vectors={"v": params}))
    try:
        yield Edge(shard)
    finally:
        shard.close()


@contextmanager
def qdrant() -> Iterator[Searchable]:
    with closing(QdrantClient(":memory:")) as client:
        yield Qdrant(client)


@contextmanager
def http() -> Iterator[Searchable]:
    with (
        qdrant_stand_in() as server,
        closing(QdrantClient(server.address, check_compatibility=False)) as client,
    ):
        yield Qdrant(client)


@contextmanager
def sql(url: str) -> Iterator[Searchable]:
    engine = create_engine(url, json_serializer=lambda value: json.dumps(value, ensure_ascii=False))
    try:
        yield Sql(engine)
    finally:
        engine.dispose()
