"""A service as processes of its own, to be killed: one with SQLite, or API and workers with PostgreSQL.

python -m benchmarks.processes serve|worker LOG    (is one of them; settings come from the environment)
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image

from indexer.library import Library
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import opened, tiny_models
from tests.fixtures.postgres import PostgresServer, postgres_server
from tests.fixtures.processes import free_port
from tests.scale.qdrant_stand_in import StandIn, qdrant_stand_in
from vdr.environment import read_settings

SECONDS_A_PAGE = 0.01
_ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_S = 5.0  # with a worker that does not beat
_REQUEST_S = 30
_POLL_S = 0.05
_GIVE_UP_S = 1_800


class LoggingEmbedder(TinyEmbedder):
    """Takes its time, and notes how many pages it was given, for work done twice to be seen."""

    def __init__(self, log: Path) -> None:
        self._log = log
        super().__init__(self._note)

    def _note(self, images: Sequence[Image.Image]) -> None:
        time.sleep(SECONDS_A_PAGE * len(images))
        with self._log.open("a") as log:
            log.write(f"{len(images)}\n")


class Service:
    """The processes, the first of them the one to talk to; `environment` is theirs."""

    def __init__(self, folder: Path, programs: Sequence[str], environment: Mapping[str, str]) -> None:
        self.folder, self._programs = folder, programs
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._environment = {"VDR_PAGE_LONG_SIDE": "256", **environment, "VDR_PORT": str(self._port)}
        self.processes: list[subprocess.Popen[bytes]] = []
        self._client = httpx.Client(base_url=self.address, timeout=_REQUEST_S)  # a new one takes 50 ms

    @property
    def page_log(self) -> Path:
        """A line for each batch that was embedded, by any of the processes."""
        return self.folder / "pages.log"

    def start(self) -> None:
        """Start all processes and wait until the first of them answers."""
        self.processes = [self._start(number) for number in range(len(self._programs))]
        self.wait_until_up()

    def restart(self, number: int) -> None:
        """Start a process again that has ended."""
        self.processes[number].wait()
        self.processes[number] = self._start(number)

    def wait_until_up(self) -> None:
        """Return once the first process takes connections, or has ended."""
        while self.processes[0].poll() is None:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """End all processes in their own way."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        self._client.close()

    def upload(self, file: Path) -> None:
        """Upload a file again and again until it is acknowledged."""
        while True:
            with suppress(httpx.HTTPError), file.open("rb") as opened:
                sent = {"files": (file.name, opened, "application/pdf")}
                answer = self._client.post("/v1/documents", files=sent)
                if answer.status_code == httpx.codes.ACCEPTED:
                    return
            time.sleep(_POLL_S)

    def wait_until_indexed(self, document_id: str) -> None:
        """Look until a document is indexed, gone, or it takes too long; comparing will tell."""
        deadline = time.monotonic() + _GIVE_UP_S
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                answer = self._client.get(f"/v1/documents/{document_id}")
                if answer.status_code == httpx.codes.NOT_FOUND or answer.json().get("state") == "indexed":
                    return
            time.sleep(_POLL_S)

    @contextmanager
    def library(self) -> Iterator[Library]:
        """What the processes share, to be looked at once they have stopped."""
        before = dict(os.environ)
        os.environ.update(self._environment | {"VDR_DATA_DIR": str(self.folder / "0")})
        try:
            settings = read_settings()
        finally:
            os.environ.clear()
            os.environ.update(before)
        with opened(settings) as library:
            yield library

    def pages_embedded(self) -> int:
        """How many pages all processes have embedded, some maybe twice."""
        return sum(map(int, self.page_log.read_text().split()))

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self._environment, "VDR_DATA_DIR": str(self.folder / str(number))}
        command = [sys.executable, "-m", "benchmarks.processes", self._programs[number], str(self.page_log)]
        with (self.folder / f"{number}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=log, stderr=log)


@contextmanager
def embedded_service(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Service]:
    """One process, with SQLite and the embedded index."""
    folder.mkdir()
    service = Service(folder, ["serve"], environment or {})
    service.start()
    try:
        yield service
    finally:
        service.stop()


@dataclass(frozen=True, slots=True)
class Shared:
    """A service of several processes, and the servers that they share."""

    service: Service
    postgres: PostgresServer
    qdrant: StandIn


@contextmanager
def shared_service(folder: Path, workers: int) -> Iterator[Shared]:
    """An API and workers with PostgreSQL, a folder of objects, and a stand-in for a Qdrant server."""
    folder.mkdir()
    with ExitStack() as opened:
        postgres = opened.enter_context(postgres_server())
        qdrant = opened.enter_context(qdrant_stand_in())
        environment = {
            "VDR_DATABASE_URL": postgres.database(),
            "VDR_QDRANT_URL": qdrant.address,
            "VDR_OBJECTS_URL": (folder / "objects").as_uri(),
            "VDR_WORKER": "false",
        }
        service = Service(folder, ["serve", *["worker"] * workers], environment)
        service.start()
        opened.callback(service.stop)
        yield Shared(service, postgres, qdrant)


def main(program: str, log: str) -> None:
    """Be one of the processes."""
    from app.cli.serve import run_service  # noqa: PLC0415 - the benchmark itself needs no models
    from indexer.commands.worker import run_worker  # noqa: PLC0415 - see above

    settings, models = read_settings(), tiny_models(LoggingEmbedder(Path(log)))
    if program == "serve":
        run_service(settings, models)
    else:
        run_worker(settings, models, _PATIENCE_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
