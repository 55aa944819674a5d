"""The engine that runs containers: Docker, or podman with a store, network and images of its own."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from tests.containers.__main__ import DOCKER, ENGINE, OUTSIDE
from tests.project.files import ROOT

# Kept between runs, so that only what has changed is built again.
STATE = ROOT / "build" / "containers"
# What a build needs beside the Dockerfile where registries are behind a mirror: `--volume /etc/pip.conf:...`.
_BUILD_ARGS, _TORCH_INDEX = "BUILD_ARGS", "TORCH_INDEX"
_CONFIGURATION = """
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
[network]
network_backend = "netavark"
"""
_STORAGE = """
[storage]
driver = "overlay"
graphroot = "{state}/graph"
runroot = "{state}/run"
"""
_SERVERS = Path("/run/containers")
_HEALTH_S = 1.0


@dataclass(frozen=True)
class Engine:
    """Runs commands of an engine; all of them print what they say where they fail."""

    command: Sequence[str]
    compose_command: Sequence[str]
    build_options: Sequence[str] = ()
    build_prefix: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    is_docker: bool = False

    def run(self, *arguments: str, is_fine: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command such as `ps`."""
        return self._run([*self.command, *arguments], {}, is_fine=is_fine)

    def build(self, tag: str, context: Path, *options: str) -> None:
        """Build an image from a folder with a Dockerfile."""
        arguments = ["build", *self.build_options, *options, "--tag", tag, str(context)]
        self.run_outside(*self.command, *arguments)

    def run_outside(self, *command: str) -> None:
        """Run a program of any name where builds run: with the network of the machine."""
        self._run([*self.build_prefix, *command], {}, is_fine=True)

    def compose(self, *arguments: str, file: Path, project: str, env: dict[str, str]) -> str:
        """Run a command such as `up` with a compose file."""
        options = ["--project-name", project, "--file", str(file), "--project-directory", str(ROOT)]
        return self._run([*self.compose_command, *options, *arguments], env, is_fine=True).stdout

    def _run(
        self, command: Sequence[str], env: dict[str, str], *, is_fine: bool
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.environment, **env}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not is_fine, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"
        return done


@contextmanager
def open_engine() -> Iterator[Engine]:
    """The engine that `make containers` chose."""
    if os.environ[ENGINE] == DOCKER:
        yield Engine(["docker"], ["docker", "compose"], is_docker=True)
        return
    with ExitStack() as opened:
        yield _open_podman(opened)


def torch_index() -> list[str]:
    """The options that say where the build finds torch, if that is not PyTorch's own index."""
    index = os.environ.get(_TORCH_INDEX)
    return ["--build-arg", f"TORCH_INDEX={index}"] if index else []


def _open_podman(opened: ExitStack) -> Engine:
    # crun refuses a machine that has control groups of both versions.
    subprocess.run(["umount", "/sys/fs/cgroup/unified"], capture_output=True, check=False)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # Where podman's servers of names say that they run: those of other namespaces are none of ours.
    _SERVERS.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(_SERVERS)], check=True)
    STATE.mkdir(parents=True, exist_ok=True)
    (STATE / "containers.conf").write_text(_CONFIGURATION)
    (STATE / "storage.conf").write_text(_STORAGE.format(state=STATE))
    address = f"unix://{STATE}/podman.sock"
    engine = Engine(
        ["podman"],
        ["docker-compose"],
        # The OCI format knows no health checks.
        [
            "--format",
            "docker",
            "--network",
            "host",
            "--pull=never",
            *shlex.split(os.environ.get(_BUILD_ARGS, "")),
        ],
        ["nsenter", f"--net={os.environ[OUTSIDE]}"],
        {
            "CONTAINERS_CONF": str(STATE / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(STATE / "storage.conf"),
            "DOCKER_HOST": address,
        },
    )
    # What an earlier run left would be in this one's way.
    engine.run("rm", "--all", "--force", "--volumes")
    opened.enter_context(_service(engine, address))
    opened.enter_context(_health_checks(engine))
    opened.callback(_end_servers)
    opened.callback(engine.run, "rm", "--all", "--force", "--volumes", is_fine=False)
    return engine


def _end_servers() -> None:
    """podman leaves its server of names running."""
    for file in _SERVERS.glob("networks/*/*.pid"):
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGTERM)


@contextmanager
def _service(engine: Engine, address: str) -> Iterator[None]:
    command = ["podman", "system", "service", "--time", "0", address]
    with subprocess.Popen(
        command, env={**os.environ, **engine.environment}, stderr=subprocess.DEVNULL
    ) as service:
        try:
            yield
        finally:
            service.terminate()


@contextmanager
def _health_checks(engine: Engine) -> Iterator[None]:
    """In place of systemd's timers, which podman would have look after its containers' health."""
    is_over = Event()

    def look() -> None:
        while not is_over.wait(_HEALTH_S):
            for name in engine.run("ps", "--quiet", is_fine=False).stdout.split():
                engine.run("healthcheck", "run", name, is_fine=False)

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
