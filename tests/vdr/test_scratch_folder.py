"""Scratch folders, as of uploads on their way in: each process has its own, and none outlives it for long."""

import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from vdr.files import scratch_folder

_KILLED = """
import os, signal, sys
from pathlib import Path
from vdr.files import scratch_folder
with scratch_folder(Path(sys.argv[1]), "uploads-") as folder:
    (folder / "half.pdf").write_bytes(b"%PDF-")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def upload_folder(parent: Path) -> AbstractContextManager[Path]:
    return scratch_folder(parent, "uploads-", least_age_s=0.0)


def test_it_is_gone_afterwards(tmp_path: Path) -> None:
    with upload_folder(tmp_path) as folder:
        (folder / "a.pdf").write_bytes(b"%PDF-")
    assert list(tmp_path.iterdir()) == []


def test_that_of_a_process_that_was_killed_goes_at_the_next_start(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False)
    [left] = tmp_path.iterdir()
    with upload_folder(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder] != [left]


def test_that_of_a_process_that_runs_stays(tmp_path: Path) -> None:
    with upload_folder(tmp_path) as one, upload_folder(tmp_path) as other:
        assert set(tmp_path.iterdir()) == {one, other}


@pytest.mark.parametrize("name", ["uploads-of-may", "uploads-may_2026"])
def test_what_a_person_named_alike_stays(tmp_path: Path, name: str) -> None:
    document = tmp_path / name / "letter.pdf"
    document.parent.mkdir()
    document.touch()
    with upload_folder(tmp_path):
        assert document.exists()
