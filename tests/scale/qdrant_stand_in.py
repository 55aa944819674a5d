"""Stands in for a Qdrant server, of which none can be had here: NOT Qdrant, and no proof that Qdrant works.

It speaks the part of Qdrant's REST API that vdr.index.qdrant uses, in front of the in-memory index of
qdrant-client. So the requests of several processes really go over HTTP through the real client, and what they
make in one index can be looked at; speed, durability, payload indexes and quantization are not Qdrant's.
"""

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic_core import to_json
from qdrant_client import QdrantClient, models

Operation = Callable[[QdrantClient, str, bytes], Any]


def _create(client: QdrantClient, name: str, body: bytes) -> bool:
    asked = models.CreateCollection.model_validate_json(body)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the index in memory knows no quantization, and says so
        return client.create_collection(
            name, vectors_config=asked.vectors or {}, sparse_vectors_config=asked.sparse_vectors
        )


def _describe(client: QdrantClient, name: str, body: bytes) -> models.CollectionInfo:
    return client.get_collection(name)


def _list(client: QdrantClient, name: str, body: bytes) -> models.CollectionsResponse:
    return client.get_collections()


def _index_field(client: QdrantClient, name: str, body: bytes) -> models.UpdateResult:
    models.CreateFieldIndex.model_validate_json(body)  # answers are the same without
    return models.UpdateResult(status=models.UpdateStatus.COMPLETED)


def _upsert(client: QdrantClient, name: str, body: bytes) -> models.UpdateResult:
    return client.upsert(name, models.PointsList.model_validate_json(body).points)


def _update_vectors(client: QdrantClient, name: str, body: bytes) -> models.UpdateResult:
    return client.update_vectors(name, models.UpdateVectors.model_validate_json(body).points)


def _set_payload(client: QdrantClient, name: str, body: bytes) -> models.UpdateResult:
    return _replace_payload(client, name, models.SetPayload.model_validate_json(body))


def _replace_payload(client: QdrantClient, name: str, asked: models.SetPayload) -> models.UpdateResult:
    pages = asked.filter if asked.points is None else asked.points
    assert pages is not None
    return client.set_payload(name, asked.payload, pages)


def _batch(client: QdrantClient, name: str, body: bytes) -> list[models.UpdateResult]:
    operations = models.UpdateOperations.model_validate_json(body).operations
    changes = [each for each in operations if isinstance(each, models.SetPayloadOperation)]
    assert len(changes) == len(operations)
    return [_replace_payload(client, name, each.set_payload) for each in changes]


def _drop(client: QdrantClient, name: str, body: bytes) -> bool:
    return client.delete_collection(name)


def _delete(client: QdrantClient, name: str, body: bytes) -> models.UpdateResult:
    return client.delete(name, models.FilterSelector.model_validate_json(body))


def _count(client: QdrantClient, name: str, body: bytes) -> models.CountResult:
    return client.count(name, models.CountRequest.model_validate_json(body).filter, exact=True)


def _scroll(client: QdrantClient, name: str, body: bytes) -> models.ScrollResult:
    asked = models.ScrollRequest.model_validate_json(body)
    points, next_page = client.scroll(
        name,
        asked.filter,
        limit=asked.limit or 10,
        offset=asked.offset,
        with_payload=asked.with_payload is None or asked.with_payload,
        with_vectors=asked.with_vector or False,
    )
    return models.ScrollResult(points=points, next_page_offset=next_page)


def _retrieve(client: QdrantClient, name: str, body: bytes) -> list[models.Record]:
    asked = models.PointRequest.model_validate_json(body)
    payload = asked.with_payload is None or asked.with_payload
    return client.retrieve(name, asked.ids, with_payload=payload, with_vectors=asked.with_vector or False)


def _query(client: QdrantClient, name: str, body: bytes) -> models.QueryResponse:
    return _answer(client, name, models.QueryRequest.model_validate_json(body))


def _query_batch(client: QdrantClient, name: str, body: bytes) -> list[models.QueryResponse]:
    searches = models.QueryRequestBatch.model_validate_json(body).searches
    return [_answer(client, name, each) for each in searches]


def _answer(client: QdrantClient, name: str, asked: models.QueryRequest) -> models.QueryResponse:
    return client.query_batch_points(name, [_exact(asked)])[0]


def _exact(asked: Any) -> Any:
    """The request without parameters of the search: the index in memory knows none, and says so."""
    prefetch = [_exact(each) for each in asked.prefetch or []]
    return asked.model_copy(update={"params": None, "prefetch": prefetch or None})


# By method and by what follows the name of the collection.
_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("GET", ""): _describe,
    ("PUT", ""): _create,
    ("DELETE", ""): _drop,
    ("PUT", "/index"): _index_field,
    ("PUT", "/points"): _upsert,
    ("PUT", "/points/vectors"): _update_vectors,
    ("POST", "/points"): _retrieve,
    ("POST", "/points/batch"): _batch,
    ("POST", "/points/payload"): _set_payload,
    ("POST", "/points/delete"): _delete,
    ("POST", "/points/count"): _count,
    ("POST", "/points/scroll"): _scroll,
    ("POST", "/points/query"): _query,
    ("POST", "/points/query/batch"): _query_batch,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, client: QdrantClient, host: str, port: int) -> None:
        super().__init__((host, port), _Handler)
        self._client = client
        self._alone = threading.Lock()  # the index in memory is not made for several threads

    def handle_error(self, *_: object) -> None:
        """Nothing: a client that is killed in the middle of a request is no error of this server."""

    def perform(self, method: str, path: str, body: bytes) -> tuple[HTTPStatus, Any]:
        """What Qdrant answers to a request, as status and result."""
        _, _, below = path.partition("?")[0].partition("/collections")
        name, slash, rest = below.removeprefix("/").partition("/")
        with self._alone:
            if not name:
                return HTTPStatus.OK, _list(self._client, "", body)
            operation = _OPERATIONS[method, slash + rest]
            is_there = self._client.collection_exists(name)
            if is_there and operation is _create:
                return HTTPStatus.CONFLICT, None
            if not is_there and operation is not _create:
                return HTTPStatus.NOT_FOUND, None
            return HTTPStatus.OK, operation(self._client, name, body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, result = self.server.perform(self.command, self.path, body)
        is_fine = status is HTTPStatus.OK
        told = {"time": 0.0, "status": "ok" if is_fine else {"error": status.phrase}, "result": result}
        content = to_json(told)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the names are the base class's

    def log_message(self, *_: object) -> None:
        """Nothing: a line for every request helps nobody."""


class StandIn:
    """A server that can be away for a while; what it holds outlives that."""

    def __init__(self, client: QdrantClient, host: str = "127.0.0.1", port: int = 0) -> None:
        self._client, self._host, self._port = client, host, port
        self._server: _Server | None = None
        self.start()

    @property
    def address(self) -> str:
        """Where it is, whether it answers or not."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Answer at the address."""
        self._server = _Server(self._client, self._host, self._port)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}).start()

    def stop(self) -> None:
        """Answer no longer; who connects is refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def qdrant_stand_in() -> Iterator[StandIn]:
    """A server with no collections."""
    with closing(QdrantClient(":memory:")) as client:
        server = StandIn(client)
        try:
            yield server
        finally:
            server.stop()
