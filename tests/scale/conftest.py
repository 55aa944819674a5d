"""Several processes on one machine, as on several: they share database, index and folder, but no memory."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Row, text

from indexer.services import open_services
from tests.app.talking import files
from tests.fixtures.libraries import tiny_models
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.processes import free_port
from tests.project.files import ROOT
from tests.scale.qdrant_stand_in import qdrant_stand_in
from vdr.environment import read_settings
from vdr.settings import Settings
from vdr.types import DocumentState, Listing

PATIENCE_S = 120.0
_POLL_S = 0.05
_FILES_A_REQUEST = 20


class Cluster:
    """An API process that does not index, worker processes that do, and a look at what they share."""

    def __init__(self, settings: Settings, address: str, folder: Path) -> None:
        self.settings, self._address, self._folder = settings, address, folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self._opened = ExitStack()
        models = tiny_models()
        services = self._opened.enter_context(open_services(settings, models))
        self.jobs, self.library = services.with_jobs(), services.library()

    def start(self, program: str) -> subprocess.Popen[bytes]:
        """Start the program serve or worker."""
        number = len(self.processes)
        environment = {**os.environ, "VDR_DATA_DIR": str(self._folder / f"{program}-{number}")}
        with (self._folder / f"{program}-{number}.log").open("wb") as log:
            command = [sys.executable, "-m", "tests.scale.program", program]
            self.processes.append(
                subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            )
        return self.processes[-1]

    def upload(self, paths: Sequence[Path]) -> None:
        """Upload files over HTTP; all of them must be taken."""
        with httpx.Client(base_url=self._address, trust_env=False, timeout=PATIENCE_S) as client:
            wait_for(lambda: _is_up(client))
            for first in range(0, len(paths), _FILES_A_REQUEST):
                some = paths[first : first + _FILES_A_REQUEST]
                taken = client.post("/v1/documents", files=files(*some))
                assert taken.status_code == httpx.codes.ACCEPTED, taken.text
                assert all(each["document"] for each in taken.json()["uploads"])

    def indexed(self) -> int:
        """How many documents are indexed by now."""
        return self.library.catalogue.count(Listing(states=(DocumentState.INDEXED,)))

    def kill_at_work(self, worker: subprocess.Popen[bytes]) -> set[str]:
        """Kill a worker that has jobs under way; their ids."""
        under_way: set[str] = set()

        def killed() -> bool:
            worker.send_signal(signal.SIGSTOP)  # what it has under way stays so while it is looked at
            under_way.update(
                each.id for each in self.ingests() if each.status == "PENDING" and is_of(each, worker)
            )
            worker.send_signal(signal.SIGKILL if under_way else signal.SIGCONT)
            return bool(under_way)

        wait_for(killed)
        worker.wait()
        return under_way

    def ingests(self) -> list[Row[tuple[str, str, str]]]:
        """Every job of indexing as the database has it: its id, status and executor."""
        asked = (
            "SELECT workflow_uuid AS id, status, executor_id FROM dbos.workflow_status WHERE name = 'ingest'"
        )
        with self.jobs.engine.connect() as connection:
            return list(connection.execute(text(asked)))

    def close(self) -> None:
        """End all processes, in their own way if they can."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()
        self._opened.close()

    def said(self) -> str:
        """What the processes have written."""
        return "".join(f"--- {log.name}\n{log.read_text()}" for log in sorted(self._folder.glob("*.log")))


def is_of(job: Row[tuple[str, str, str]], worker: subprocess.Popen[bytes]) -> bool:
    """Whether a worker has a job, or ended it."""
    return f"-{worker.pid}-" in (job.executor_id or "")


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(_POLL_S)


@pytest.fixture
def cluster(
    tmp_path: Path, postgres: PostgresServer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    """Everything shared is there and empty; the API process is started, and no worker."""
    port = free_port()
    with qdrant_stand_in() as qdrant:
        shared = {
            "VDR_DATABASE_URL": database_url,
            "VDR_QDRANT_URL": qdrant.address,
            "VDR_OBJECTS_URL": (tmp_path / "objects").as_uri(),
            "VDR_DATA_DIR": str(tmp_path / "test"),
            "VDR_PAGE_LONG_SIDE": "256",
            "VDR_WORKER": "false",
            "VDR_PORT": str(port),
        }
        for name, value in shared.items():
            monkeypatch.setenv(name, value)
        with _closed(Cluster(read_settings(), f"http://127.0.0.1:{port}", tmp_path)) as made:
            made.start("serve")
            yield made


@contextmanager
def _closed(made: Cluster) -> Iterator[Cluster]:
    with closing(made):
        try:
            yield made
        finally:
            sys.stderr.write(made.said())  # shown by pytest where the test fails


def _is_up(client: httpx.Client) -> bool:
    try:
        return client.get("/v1/documents").is_success
    except httpx.TransportError:
        return False
