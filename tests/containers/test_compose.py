"""Both compose files as they are, brought up, used, and hurt."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.containers.conftest import Client, Clock, wait_for
from tests.containers.engine import Engine
from tests.fixtures.pdfs import write_report
from tests.fixtures.processes import free_port
from tests.project.files import ROOT

pytestmark = pytest.mark.containers

_PROJECT = "vdrtest"
_DOCUMENTS = 12
_PASSWORDS = {"POSTGRES_PASSWORD": "letters", "MINIO_PASSWORD": "lettersanddigits8"}
# From within, all but init: an engine does not start a container again that it was told to kill.
_KILL_ALL = ["sh", "-c", "kill -9 -1"]


@contextmanager
def up(engine: Engine, clock: Clock, file: str, **env: str) -> Iterator[Client]:
    """The services of a compose file, all of them ready, and none of them afterwards."""
    port = free_port()
    environment = {**env, "VDR_PORT": str(port)}

    def compose(*arguments: str) -> None:
        engine.compose(*arguments, file=ROOT / file, project=_PROJECT, env=environment)

    client = Client(port)
    try:
        with clock(f"{file}: from up to ready"):
            compose("up", "--detach", "--no-build")
            client.wait_until_ready()
        yield client
    finally:
        compose("down", "--volumes", "--timeout", "10")


def containers(engine: Engine, service: str) -> list[str]:
    """The running containers of a service."""
    label = f"label=com.docker.compose.service={service}"
    return engine.run("ps", "--quiet", "--filter", label).stdout.split()


def kill_one(engine: Engine, service: str) -> str:
    """Kill what runs in a container of a service; the id of that container."""
    killed = containers(engine, service)[0]
    engine.run("exec", killed, *_KILL_ALL, is_fine=False)
    return killed


@pytest.mark.usefixtures("servers")
def test_one_api_and_a_qdrant_server(engine: Engine, clock: Clock, whales: Path) -> None:
    with up(engine, clock, "docker-compose.yml", VDR_OCR="missing") as client:
        [api] = containers(engine, "api")
        assert engine.run("exec", api, "printenv", "VDR_OCR").stdout.strip() == "missing"
        client.upload(whales)
        client.wait_until_indexed(1)
        assert client.first_hit("herons") == ("whales.pdf", 2)


@pytest.mark.usefixtures("servers")
def test_replicas_and_workers_come_and_go(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    pdfs = [write_report(tmp_path / f"report-{n}.pdf", 4, f"topic{n}") for n in range(_DOCUMENTS)]
    with up(engine, clock, "docker-compose.scale.yml", **_PASSWORDS) as client:
        assert [len(containers(engine, name)) for name in ("api", "worker")] == [2, 2]
        client.upload(*pdfs)
        with clock(f"{_DOCUMENTS} documents indexed, while a worker and an API replica are killed"):
            worker, api = kill_one(engine, "worker"), kill_one(engine, "api")
            client.wait_until_indexed(_DOCUMENTS)
        for pdf in pdfs:
            assert client.first_hit(pdf.stem.replace("report-", "topic"))[0] == pdf.name
        with clock("both are running again"):
            wait_for(lambda: worker in containers(engine, "worker") and api in containers(engine, "api"))
