"""The command `vdr` as processes of their own, as users start it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

_VDR = (sys.executable, "-c", "from vdr.rooms import main; main()")
_PATIENCE_S = 300.0


def environment_in(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of commands with a data directory of their own in `folder`, and a free port."""
    return {**environment, "VDR_DATA_DIR": f"{folder}/data", "VDR_PORT": str(_free_port())}


def run(environment: Mapping[str, str], *arguments: str) -> None:
    """Run a command to its end. Raises CalledProcessError."""
    subprocess.run([*_VDR, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    """The address of a service that answers inside the block. Raises TimeoutError."""
    address = f"http://127.0.0.1:{environment['VDR_PORT']}"
    with subprocess.Popen(
        [*_VDR, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _await(f"{address}/readyz")
            yield address
        finally:
            process.terminate()


def _await(url: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer.")


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])
