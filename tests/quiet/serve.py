"""What a person does on the first day: serves, uploads, waits, searches, looks at the web UI, and stops."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.fixtures.processes import free_port

_PATIENCE_S = 120.0


def main(pdf: Path) -> None:
    port = free_port()
    environment = {**os.environ, "VDR_PORT": str(port)}
    command = [sys.executable, "-c", "from app.cli.main import main; main()", "serve"]
    with (
        subprocess.Popen(command, env=environment) as service,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=_PATIENCE_S) as client,
    ):
        try:
            _use(client, pdf)
        finally:
            service.terminate()


def _use(client: httpx.Client, pdf: Path) -> None:
    _wait(client, "/readyz", lambda _: True)
    client.post("/v1/documents", files={"files": (pdf.name, pdf.read_bytes())}).raise_for_status()
    _wait(client, "/v1/documents", lambda listed: listed["documents"][0]["state"] == "indexed")
    found = client.post("/v1/search", json={"query": "whales"}).raise_for_status().json()
    assert found["hits"], found
    client.get("/", params={"q": "whales"}).raise_for_status()


def _wait(client: httpx.Client, path: str, is_so: Callable[[Any], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            answer = client.get(path)
            if answer.is_success and is_so(answer.json()):
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
