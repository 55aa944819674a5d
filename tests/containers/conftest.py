"""What the tests of containers share: the engine, the image, a service to talk to, and a clock."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.containers.__main__ import ENGINE
from tests.containers.engine import Engine, open_engine, torch_index
from tests.containers.stand_ins import build_base, build_services
from tests.fixtures.pdfs import write_pdf
from tests.project.files import ROOT

IMAGE = "vdr:0.1.0"
PATIENCE_S = 300.0
_POLL_S = 0.1

Clock = Callable[[str], AbstractContextManager[None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if ENGINE not in os.environ:
        for item in items:
            if item.get_closest_marker("containers"):
                item.add_marker(pytest.mark.skip(reason="run by `make containers`"))


@pytest.fixture(scope="session")
def clock() -> Clock:
    """Prints how long what is done within it took."""

    @contextmanager
    def measure(what: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        print(f"{time.monotonic() - begun:7.1f} s  {what}", flush=True)

    return measure


@pytest.fixture(scope="session")
def engine(clock: Clock) -> Iterator[Engine]:
    with open_engine() as opened:
        if not opened.is_docker:
            with clock("the stand-in for the base image"):
                build_base(opened)
        yield opened


@pytest.fixture(scope="session")
def image(engine: Engine, clock: Clock) -> str:
    with clock("the image, less what an earlier run has built"):
        engine.build(IMAGE if engine.is_docker else f"docker.io/library/{IMAGE}", ROOT, *torch_index())
    return IMAGE


@pytest.fixture(scope="session")
def servers(engine: Engine, image: str, clock: Clock) -> None:
    """The images of the servers that the compose files name, where no registry is used."""
    if not engine.is_docker:
        with clock("the stand-ins for Qdrant, MinIO, PostgreSQL and Caddy"):
            build_services(engine)


@pytest.fixture
def whales(tmp_path: Path) -> Path:
    return write_pdf(tmp_path / "whales.pdf", ["Whales sing", "Herons stand"])


class Client:
    """A person at the published port."""

    def __init__(self, port: int) -> None:
        address = f"http://127.0.0.1:{port}"
        alone = httpx.Limits(max_keepalive_connections=0)  # no connection is left open that nobody closes
        self._http = httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S, limits=alone)

    def wait_until_ready(self) -> None:
        wait_for(lambda: self._answers("/readyz"))

    def upload(self, *pdfs: Path) -> None:
        files = [("files", (pdf.name, pdf.read_bytes())) for pdf in pdfs]
        self._http.post("/v1/documents", files=files).raise_for_status()

    def wait_until_indexed(self, count: int) -> None:
        wait_for(lambda: self._indexed() >= count)

    def first_hit(self, query: str) -> tuple[str, int]:
        """Name and page number of the best page."""
        answer = self._http.post("/v1/search", json={"query": query}).raise_for_status().json()
        hit = answer["hits"][0]
        return hit["document"]["name"], hit["page_number"]

    def _indexed(self) -> int:
        try:
            answer = self._http.get("/v1/documents", params={"limit": 200})
            listed = answer.json()["documents"] if answer.is_success else []
            return sum(document["state"] == "indexed" for document in listed)
        except httpx.TransportError:
            return 0

    def _answers(self, path: str) -> bool:
        try:
            return self._http.get(path, timeout=5).is_success
        except httpx.TransportError:
            return False


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(_POLL_S)
