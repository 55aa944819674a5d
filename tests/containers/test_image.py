"""The image as it is run: read-only, without capabilities, killed and started again."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.conftest import Client, Clock, wait_for
from tests.containers.engine import Engine, torch_index
from tests.fixtures.processes import free_port
from tests.project.files import ROOT, text_of
from vdr.errors import ExitCode

pytestmark = pytest.mark.containers

NAME, VOLUME = "vdr-test", "vdr-test-data"
_LOCKED_UP = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]


@pytest.fixture
def port(engine: Engine, image: str) -> Iterator[int]:
    """Of a service that was started with an empty volume."""
    published = free_port()
    options = ["--detach", "--name", NAME, *_LOCKED_UP, "--volume", f"{VOLUME}:/data"]
    engine.run("run", *options, "--publish", f"127.0.0.1:{published}:8000", image)
    yield published
    engine.run("rm", "--force", NAME)
    engine.run("volume", "rm", VOLUME)


def layers(engine: Engine, image: str) -> list[str]:
    return list(json.loads(engine.run("inspect", "--format", "{{json .RootFS.Layers}}", image).stdout))


def test_a_changed_comment_costs_one_small_layer(
    engine: Engine, image: str, clock: Clock, tmp_path: Path
) -> None:
    for line in [*text_of(".dockerignore").splitlines(), "!Dockerfile", "!.dockerignore"]:
        if line.startswith("!"):
            source = ROOT / line[1:]
            (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / line[1:])
    with (tmp_path / "vdr/types.py").open("a") as changed:
        changed.write("# A comment.\n")
    with clock("the image after a changed comment"):
        engine.build("docker.io/library/vdr:changed", tmp_path, *torch_index())
    before, after = layers(engine, image), layers(engine, "vdr:changed")
    engine.run("rmi", "vdr:changed")
    assert (before[:-1], len(before)) == (after[:-1], len(after))
    assert before[-1] != after[-1]


def test_user_and_group_are_those_that_are_documented(engine: Engine, image: str) -> None:
    program = "import os; print(os.getuid(), os.getgid(), os.getgroups())"
    said = engine.run("run", "--rm", image, "python", "-c", program).stdout
    assert said.split() == ["10001", "10001", "[10001]"]
    assert "10001:10001" in text_of("docs/operations.md")


def test_read_only_without_capabilities_it_indexes_searches_and_outlives_a_kill(
    engine: Engine, port: int, clock: Clock, whales: Path
) -> None:
    client = Client(port)
    with clock("from start to ready"):
        client.wait_until_ready()
    with clock("from upload to indexed"):
        client.upload(whales)
        client.wait_until_indexed(1)
    assert client.first_hit("herons") == ("whales.pdf", 2)

    with clock("from SIGTERM to the end"):
        engine.run("stop", "--time", "60", NAME)
    assert engine.run("inspect", "--format", "{{.State.ExitCode}}", NAME).stdout.strip() in {"0", "143"}
    with clock("from start to ready, with an index"):
        engine.run("start", NAME)
        client.wait_until_ready()

    engine.run("kill", "--signal", "KILL", NAME)
    wait_for(lambda: engine.run("inspect", "--format", "{{.State.Running}}", NAME).stdout.strip() == "false")
    with clock("from start to ready, after SIGKILL"):
        engine.run("start", NAME)
        client.wait_until_ready()
    assert client.first_hit("whales") == ("whales.pdf", 1)
    assert len(engine.run("exec", NAME, "sh", "-c", "ls -d /data/uploads-*").stdout.split()) == 1


def test_commands_work_beside_it(engine: Engine, port: int) -> None:
    Client(port).wait_until_ready()
    assert "default" in engine.run("exec", NAME, "vdr", "collections", "list").stdout


def test_its_health_is_known(engine: Engine, port: int, clock: Clock) -> None:
    with clock("from start to healthy"):
        health = ["inspect", "--format", "{{.State.Health.Status}}", NAME]
        wait_for(lambda: engine.run(*health).stdout.strip() == "healthy")


def test_a_folder_of_somebody_else_is_said_in_a_line(engine: Engine, image: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    run = ["run", "--rm", "--no-healthcheck", *_LOCKED_UP, "--volume", f"{tmp_path}:/data", image]
    done = engine.run(*run, is_fine=False)
    assert done.returncode == ExitCode.NOT_DONE
    [line] = done.stderr.strip().splitlines()
    assert "user 10001 cannot write to /data" in line
    assert "/data" in done.stderr
