"""A client of types that openapi-typescript generates compiles and works; Redocly has nothing to say.

Needs Node.js and the packages of package.json: `npm ci --prefix tests/clients`.
"""

import json
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Served

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
_PATIENCE_S = 300
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed"),
    pytest.mark.skipif(not PACKAGES.is_dir(), reason="npm ci --prefix tests/clients has not been run"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the packages, as a user has one."""
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    for name in ("package.json", "generate.mjs", "use.ts"):
        shutil.copy(HERE / name, tmp_path)
    return tmp_path


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(
        ["node", *map(str, command)],
        cwd=folder,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "NO_UPDATE_NOTIFIER": "1", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_it_compiles_uploads_and_searches_by_image(served: Served, project: Path) -> None:
    run("generate.mjs", served.description, "api.ts", folder=project)
    compiler = ["node_modules/typescript/bin/tsc", "--strict", "--target", "es2022", "--module", "nodenext"]
    run(*compiler, "use.ts", folder=project)
    said: dict[str, Any] = json.loads(run("use.js", served.address, served.pdf, served.image, folder=project))
    added = sha256(served.pdf.read_bytes()).hexdigest()
    assert said == {
        "added": added,
        "queued": [added],
        "byImage": [list(served.page)],
        "byWords": "whales.pdf",
        "refused": "bad_input",
    }


def test_redocly_has_nothing_to_say(served: Served, project: Path) -> None:
    said = run("node_modules/@redocly/cli/bin/cli.js", "lint", served.description, folder=project)
    assert "is valid" in said and "warning" not in said.replace("Deprecation warning", "")
