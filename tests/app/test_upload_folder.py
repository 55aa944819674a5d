"""The folder of uploads on their way in: each process has its own, and none outlives it for long."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.upload_folder import upload_folder

_KILLED = """
import os, signal, sys
from pathlib import Path
from app.upload_folder import upload_folder
with upload_folder(Path(sys.argv[1])) as folder:
    (folder / "half.pdf").write_bytes(b"%PDF-")
    os.kill(os.getpid(), signal.SIGKILL)
"""


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
