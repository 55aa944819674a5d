"""The server engine: collections on a shared server, and what happens when it does not answer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr
from qdrant_client import QdrantClient, models

from tests.scale.qdrant_stand_in import qdrant_stand_in
from vdr.errors import IndexMismatch, IndexUnavailable
from vdr.index import Indexes, IndexSchema
from vdr.index.earlier import on_server
from vdr.index.qdrant import QdrantIndex, connect, drop
from vdr.index.schema import RegionType
from vdr.search.execute import execute
from vdr.search.plan import SearchPlan
from vdr.settings import IndexSettings
from vdr.types import PagePoint, PageRef, QueryVectors, Stage

# Port 9 is "discard": nothing listens there.
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def client() -> Iterator[QdrantClient]:
    server = QdrantClient(":memory:")
    yield server
    server.close()


class Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(403 if self.headers["api-key"] == "wrong" else 500)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def refusing_server() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_opening_again_finds_the_pages(
    client: QdrantClient, schema: IndexSchema, library: list[PagePoint]
) -> None:
    QdrantIndex(client, schema).upsert(library)
    assert QdrantIndex(client, schema).count() == 20


def test_collections_of_one_server_are_apart(
    client: QdrantClient, schema: IndexSchema, library: list[PagePoint]
) -> None:
    one = QdrantIndex(client, schema)
    other = QdrantIndex(client, replace(schema, collection="default-2", dims=64, region_dims=None))
    one.upsert(library)
    assert (one.count(), other.count()) == (20, 0)
    names = sorted(c.name for c in client.get_collections().collections)
    assert names == ["vdr.default-2.0123456789ab-64", "vdr.default.0123456789ab-32"]


def test_generations_of_one_collection_are_apart(
    client: QdrantClient, schema: IndexSchema, library: list[PagePoint]
) -> None:
    one, other = QdrantIndex(client, schema), QdrantIndex(client, replace(schema, name="g2"))
    one.upsert(library)
    assert (one.count(), other.count()) == (20, 0)
    drop(client, "default", "g2")
    drop(client, "default", "g2")
    assert one.count() == 20
    assert [c.name for c in client.get_collections().collections] == ["vdr.default.0123456789ab-32"]


def test_the_index_of_the_version_before_tells_what_built_it(
    client: QdrantClient, schema: IndexSchema
) -> None:
    QdrantIndex(client, schema)
    assert on_server(client, "default") == replace(schema, fingerprint="0123456789ab")
    assert on_server(client, "other") is None


@pytest.mark.parametrize(
    "change",
    [{"coarse_dims": 8}, {"coarse_dims": 32}, {"region_dims": None}, {"region_type": RegionType.FLOAT16}],
    ids=str,
)
def test_collection_of_other_widths_is_refused(
    client: QdrantClient, schema: IndexSchema, change: dict[str, object]
) -> None:
    QdrantIndex(client, schema)
    with pytest.raises(IndexMismatch, match="has an index built with model 0123456789ab, 32 dimensions"):
        QdrantIndex(client, replace(schema, **change))  # type: ignore[arg-type]


def test_collection_that_is_not_ours_is_refused(client: QdrantClient, schema: IndexSchema) -> None:
    plain = models.VectorParams(size=4, distance=models.Distance.COSINE)
    client.create_collection(f"vdr.default.{schema.generation}", vectors_config=plain)
    with pytest.raises(IndexMismatch, match="is not a vdr index"):
        QdrantIndex(client, schema)


def test_without_coarse_the_full_embedding_is_searched(
    client: QdrantClient, schema: IndexSchema, library: list[PagePoint], plan: Callable[..., SearchPlan]
) -> None:
    index = QdrantIndex(client, replace(schema, coarse_dims=32, region_dims=None))
    index.upsert(library)
    assert QdrantIndex(client, index.schema).count() == 20
    (dense,) = plan(QueryVectors(library[3].embedding)).dense
    found = execute(
        replace(plan(rerank=False), dense=(replace(dense, coarse=None),), sparse=()), index
    ).candidates
    assert found[0].page == PageRef("doc0", 4)
    assert set(found[0].stages) == {Stage.FULL, Stage.FUSION}


def _is_there(_: str, __: str) -> None:
    """What the catalogue says of any generation."""


def test_server_down_is_told_as_such(schema: IndexSchema) -> None:
    with pytest.raises(IndexUnavailable, match="is not responding"):
        Indexes(IndexSettings(qdrant_url=NOBODY), _is_there).of(schema).count()


def test_wrong_key_is_told_as_such(refusing_server: str, schema: IndexSchema) -> None:
    settings = IndexSettings(qdrant_url=refusing_server, qdrant_api_key=SecretStr("wrong"))
    with pytest.warns(UserWarning, match="insecure"), pytest.raises(IndexUnavailable, match="403"):
        Indexes(settings, _is_there).of(schema).count()


def test_broken_server_is_told_as_such(refusing_server: str, schema: IndexSchema) -> None:
    with pytest.raises(IndexUnavailable, match="refused the request"):
        Indexes(IndexSettings(qdrant_url=refusing_server), _is_there).of(schema).count()


def test_a_collection_that_another_process_makes_first_is_taken(schema: IndexSchema) -> None:
    with qdrant_stand_in() as server:
        client = connect(server.address, None)
        first, second = (QdrantIndex(client, schema) for _ in range(2))
        second._create()
        assert (first.count(), second.count()) == (0, 0)
        client.close()
