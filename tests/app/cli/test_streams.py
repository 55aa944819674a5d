"""Output that nobody reads, or that an encoding has no characters for, stops no command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import sys
from app.cli.streams import settle_streams
settle_streams()
for _ in range(3):
    print("Brüh 文件 \\udcff", flush=True)
sys.stderr.write("done\\n")
sys.exit(3)
"""


def run(
    program: str = _PROGRAM, *, encoding: str = "utf-8", stdout: int = subprocess.PIPE
) -> tuple[bytes, bytes, int]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )
    return done.stdout or b"", done.stderr, done.returncode


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("utf-8", "Brüh 文件 ?".encode()),
        ("latin-1", "Brüh ?? ?".encode("latin-1")),
        ("ascii", b"Br?h ?? ?"),
    ],
)
def test_what_an_encoding_lacks_is_a_question_mark(encoding: str, line: bytes) -> None:
    out, err, code = run(encoding=encoding)
    assert (out.splitlines(), err, code) == ([line] * 3, b"done\n", 3)


def test_work_goes_on_when_the_reader_has_left() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        _, err, code = run(stdout=writer)
    finally:
        os.close(writer)
    assert (err, code) == (b"done\n", 3)


def test_what_is_left_in_the_buffer_at_the_end_stops_nothing_either() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        _, err, code = run(_PROGRAM.replace(", flush=True", ""), stdout=writer)
    finally:
        os.close(writer)
    assert (err, code) == (b"done\n", 3)


def test_a_closed_output_is_as_good_as_one_that_nobody_reads() -> None:
    script = f"exec {sys.executable} -c '{_PROGRAM}' >&-"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
    assert (done.stderr, done.returncode) == (b"done\n", 3)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_that_cannot_be_written_is_said_in_one_line() -> None:
    program = "from app.cli.main import main; import sys; sys.argv = ['vdr', '--version']; main()"
    with Path("/dev/full").open("wb") as full:
        _, err, code = run(program, stdout=full.fileno())
    assert (err, code) == (b"No space left on device.\n", 2)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody else")
def test_a_user_that_nobody_knows_gets_a_home_and_a_name() -> None:
    program = """
import getpass, os, pathlib
from app.cli.user import settle_user  # while the standard library can be read, wherever it is installed
os.setuid(54321)
for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
    os.environ.pop(name, None)
settle_user()
print(pathlib.Path.home(), getpass.getuser())
"""
    out, err, code = run(program)
    assert (out, err, code) == (b"/ 54321\n", b"", 0)
