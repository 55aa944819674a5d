"""Under load: more searches than may wait are refused, and a slow client holds up nobody."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn
from fastapi.testclient import TestClient

from app.admission import Admission
from app.cli.serve import bind
from app.service import create_app
from tests.app.conftest import WHALES
from tests.app.talking import assert_problem
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.errors import TooManySearches
from vdr.settings import JobSettings, ServiceSettings, Settings

_PATIENCE_S = 30.0
_SLOW_CLIENTS = 60  # more than there are threads


def test_places_are_given_back_whatever_happens() -> None:
    admission = Admission(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="failed"), admission.one_more():
            raise ValueError("failed")
    with admission.one_more(), pytest.raises(TooManySearches), admission.one_more():
        pass
    with admission.one_more():
        pass


def test_more_searches_than_may_wait_are_refused_with_a_time_to_try_again(settings, tmp_path) -> None:
    reached, opened = threading.Event(), threading.Event()
    embedder = TinyEmbedder()
    encode = embedder.encode_queries

    def held(queries):
        reached.set()
        assert opened.wait(_PATIENCE_S)
        return encode(queries)

    embedder.encode_queries = held  # type: ignore[method-assign]
    index_into(settings, [write_pdf(tmp_path / "whales.pdf", WHALES)])
    limited = settings.model_copy(
        update={"service": ServiceSettings(search_queue_limit=1), "jobs": JobSettings(worker=False)}
    )
    with TestClient(create_app(limited, tiny_models(embedder))) as client:
        services = client.app_state["services"]
        most = int(services.searches.total_tokens) + 1
        answers: list[int] = []

        def ask(number: int) -> None:
            answers.append(client.post("/v1/search", json={"query": f"whales {number}"}).status_code)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(most)]
        for thread in threads:
            thread.start()
        assert reached.wait(_PATIENCE_S)
        deadline = time.monotonic() + _PATIENCE_S
        while services.admission.free and time.monotonic() < deadline:
            time.sleep(0.01)
        for path, body in (("", {"query": "krill"}), ("/batch", {"searches": [{"query": "krill"}]})):
            refused = client.post(f"/v1/search{path}", json=body)
            assert_problem(refused, 429, "too_many_searches")
            assert int(refused.headers["retry-after"]) > 0
        opened.set()
        for thread in threads:
            thread.join()
        assert answers == [200] * most
        assert client.post("/v1/search", json={"query": "krill"}).status_code == 200


@pytest.fixture
def address(settings: Settings, tmp_path) -> Iterator[tuple[str, int]]:
    """Where a service listens that knows a document, as `vdr serve` does."""
    index_into(settings, [write_pdf(tmp_path / "whales.pdf", WHALES)])
    quiet = settings.model_copy(
        update={"service": ServiceSettings(port=0), "jobs": JobSettings(worker=False)}
    )
    with closing(bind(quiet.service)[0]) as listening:
        config = uvicorn.Config(create_app(quiet, tiny_models()), log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=asyncio.run, args=(server.serve([listening]),))
        thread.start()
        deadline = time.monotonic() + _PATIENCE_S
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield listening.getsockname()
        server.should_exit = True
        thread.join()


def _send(address: tuple[str, int], text: str) -> socket.socket:
    opened = socket.create_connection(address, timeout=_PATIENCE_S)
    opened.sendall(text.encode())
    return opened


def _search(address: tuple[str, int]) -> bytes:
    body = '{"query": "krill"}'
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    with _send(address, f"POST /v1/search HTTP/1.1\r\nHost: localhost\r\n{head}{body}") as opened:
        answer = b""
        while part := opened.recv(65_536):
            answer += part
    return answer


def test_who_sends_slowly_holds_up_no_search(address) -> None:
    form = "multipart/form-data; boundary=x"
    upload = (
        f"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: {form}\r\n"
        "Content-Length: 50000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF-1.4'
    )
    search = (
        "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        'Content-Length: 500\r\n\r\n{"query"'
    )
    slow = [_send(address, each) for each in (upload, search) for _ in range(_SLOW_CLIENTS)]
    try:
        assert b'"hits":[{' in _search(address)
    finally:
        for each in slow:
            each.close()


def test_who_reads_slowly_holds_up_no_search(address, settings) -> None:
    (document,) = (settings.index.data_dir / "objects" / "default").iterdir()
    url = f"/v1/documents/{document.name}/pages/1/image?width=400"
    ask = f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3
    slow = [_send(address, ask) for _ in range(_SLOW_CLIENTS)]
    try:
        assert b'"hits":[{' in _search(address)
    finally:
        for each in slow:
            each.close()
