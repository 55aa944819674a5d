"""No program of ours sends anything to anybody unasked: it does not even ask for a foreign host's name."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.fixtures.checkpoints import tiny_bert
from tests.fixtures.pdfs import write_pdf
from tests.project.files import ROOT

PACKAGES = ("vdr", "indexer", "app", "training", "samples")
_ALONE = [
    "/usr/bin/unshare",
    "--map-root-user",
    "--net",
    "--mount",
    "--",
    sys.executable,
    "-m",
    "tests.quiet.alone",
]
_PATIENCE_S = 300
_IN_PYTHON = """
import socket
socket.getaddrinfo("canary.example.com", 443)
"""
_IN_C = """
import psycopg
psycopg.connect("host=canary.example.com connect_timeout=5")
"""
_OPEN = """
from contextlib import suppress
from vdr.errors import ModelError
from vdr.models import checkpoint
for opened in (checkpoint.open_checkpoint, checkpoint.open_multi_vector, checkpoint.open_cross_encoder):
    with suppress(ModelError):  # it takes no images
        opened("models/tuned", "cpu")
"""
_COMPILE = """
import training
import openvino
"""
_IS_OFF = """
import sys
import {package}
assert not {{"openvino", "huggingface_hub", "transformers"}} & set(sys.modules)
import os
assert sys.modules["openvino_telemetry"] is None
assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
assert os.environ["HF_UPDATE_DOWNLOAD_COUNTS"] == "0"
"""

_ASKED_FOR = """
import os
os.environ["HF_UPDATE_DOWNLOAD_COUNTS"] = "1"
import vdr
assert os.environ["HF_UPDATE_DOWNLOAD_COUNTS"] == "1"
"""


class Outward:
    """Runs programs as a person would: not in CI, online for all they know, and in a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.home, self._record = folder / "home", folder / "outward"
        self.home.mkdir()
        self._record.touch()

    def run(self, *arguments: str, is_fine: bool = True) -> set[str]:
        """The foreign hosts that a Python program wanted to reach or know the address of."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "VDR_DATA_DIR": str(self.home.parent / "data"),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(ROOT)]),
            "OUTWARD": str(self._record),
        }
        command = [*(_ALONE if can_be_alone() else []), sys.executable, *arguments]
        done = subprocess.run(
            command,
            cwd=self.home.parent,
            env=environment,
            timeout=_PATIENCE_S,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 or not is_fine, done.stderr
        return set(self._record.read_text().split())


@cache
def can_be_alone() -> bool:
    """Whether the system lets programs have a network of their own; if not, only Python is listened to."""
    try:
        return subprocess.run([*_ALONE[:4], "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def outward(tmp_path: Path) -> Outward:
    return Outward(tmp_path)


class TestListening:
    def test_a_name_that_python_looks_up_is_heard(self, outward: Outward) -> None:
        assert outward.run("-c", _IN_PYTHON, is_fine=False) == {"canary.example.com"}

    def test_a_name_that_a_library_in_c_looks_up_is_heard(self, outward: Outward) -> None:
        if not can_be_alone():
            pytest.skip("no network namespaces here: only Python is listened to")
        assert "canary.example.com" in outward.run("-c", _IN_C, is_fine=False)


class TestNothingIsSent:
    def test_serving_indexing_and_searching_ask_for_no_foreign_name(
        self, outward: Outward, tmp_path: Path
    ) -> None:
        pdf = write_pdf(tmp_path / "whales.pdf", ["Whales sing"])
        assert outward.run("-m", "tests.quiet.serve", str(pdf)) == set()
        assert not list(outward.home.rglob("*"))

    def test_openvino_makes_no_client_id(self, outward: Outward) -> None:
        assert outward.run("-c", _COMPILE) == set()
        assert not list(outward.home.rglob("*"))

    def test_the_hub_is_not_asked_for_a_checkpoint_in_a_folder(
        self, outward: Outward, tmp_path: Path
    ) -> None:
        tiny_bert(tmp_path / "models" / "tuned")
        assert outward.run("-c", _OPEN) == set()

    @pytest.mark.parametrize("package", PACKAGES)
    def test_every_package_turns_telemetry_off_before_it_imports_anything(
        self, outward: Outward, package: str
    ) -> None:
        outward.run("-c", _IS_OFF.format(package=package))

    def test_what_somebody_asks_for_stays(self, outward: Outward) -> None:
        outward.run("-c", _ASKED_FOR)
