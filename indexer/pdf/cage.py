"""Runs the programs that open what people send: in a private folder, with limits, killed whole at overruns.

Limits are those of the POSIX shell (`ulimit`): address space, CPU time, file size, open files, no core dump.
Where the system lets an ordinary user have a network namespace of its own (Linux with `unshare`), a program
has no network either; elsewhere it could use the network, though none of ours has a reason to.
"""

import atexit
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import IO

from vdr.errors import MissingProgram
from vdr.objects.failures import explained
from vdr.settings import IngestSettings

_OPEN_FILES = 256
_PRINTED = "printed"
# Where programs find what they need, which nothing in a file can change.
_PATHS = ("TESSDATA_PREFIX",)
_KIB, _BLOCK = 1_024, 512  # what `ulimit -v` and `ulimit -f` count in
# Programs are started through links to this: a script that was just written can be "busy" as long as another
# thread's new process still has it open for writing. What it reads in cannot.
_LAUNCHER = b'#!/bin/sh\n. "$0.sh"\n'
_SCRIPT = """\
ulimit -c 0; ulimit -v {memory_kib}; ulimit -t {cpu_s}; ulimit -f {blocks}; ulimit -n {files}
exec {isolated}/usr/bin/env -i PATH={path} HOME={home} TMPDIR={home} LC_ALL=C.UTF-8{paths} \\
{program} "$@"{redirected}
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use."""

    memory_bytes: int
    cpu_s: float
    file_bytes: int


class Overrun(Exception):
    """A program took longer than it may and was killed, with all that it had started."""


@dataclass(frozen=True, slots=True)
class Cage:
    """A private folder for programs to work in; their stand-ins, which set the limits, lie in `programs`."""

    folder: Path
    programs: Path
    limits: Limits

    def complaints(self, name: str) -> str:
        """What the program of this name has said on standard error, if it `keeps_complaints`."""
        file = self.folder / f"{name}.complaints"
        return file.read_text(errors="replace") if file.exists() else ""

    def program(self, name: str, path: str | None = None, *, keeps_complaints: bool = False) -> Path:
        """The stand-in of a program, made if it is not there yet. Raises MissingProgram."""
        stand_in = self.programs / name
        if not stand_in.exists():
            found = path or shutil.which(name)
            if found is None:
                raise MissingProgram.named(name)
            script = _script(found, self, f"{name}.complaints" if keeps_complaints else None)
            stand_in.with_name(f"{name}.sh").write_text(script)
            stand_in.symlink_to(_launcher())
        return stand_in

    def start(
        self,
        command: Sequence[str | Path],
        *,
        program: str | None = None,
        output: IO[bytes] | int = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """A process of a program by its name (or of the one at `program`), in a group of its own."""
        stand_in = self.program(Path(command[0]).name, program)
        return subprocess.Popen(
            [stand_in, *command[1:]],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            start_new_session=True,
        )

    def run(
        self,
        command: Sequence[str | Path],
        timeout_s: float,
        *,
        given: bytes = b"",
        program: str | None = None,
    ) -> int:
        """Run a program to its end, with `given` on its standard input; the exit status. Raises Overrun."""
        with self.start(command, program=program, output=subprocess.DEVNULL) as process:
            _wait(process, command, timeout_s, given)
            return process.returncode

    def read(self, command: Sequence[str | Path], timeout_s: float) -> tuple[int, bytes]:
        """The exit status of a program and what it prints, cut off at the most bytes of a file.

        Raises Overrun.
        """
        with (self.folder / _PRINTED).open("wb") as file, self.start(command, output=file) as process:
            _wait(process, command, timeout_s)
        return process.returncode, (self.folder / _PRINTED).read_bytes()

    def printed(self, command: Sequence[str | Path], timeout_s: float, *, program: str | None = None) -> Path:
        """The file of what a program prints, whatever its status, cut off likewise. Raises Overrun."""
        file = self.folder / _PRINTED
        with file.open("wb") as output, self.start(command, program=program, output=output) as process:
            _wait(process, command, timeout_s)
        return file

    def output(self, command: Sequence[str | Path], timeout_s: float, *, program: str | None = None) -> bytes:
        """All that a program of ours prints, whatever its status. Raises Overrun."""
        with self.start(command, program=program) as process:
            return _wait(process, command, timeout_s)

    def repeat(self, name: str) -> None:
        """Let a program that was `read` only say again what it printed, whoever starts it from now on."""
        printed = shlex.quote(str(self.folder / _PRINTED))
        (self.programs / f"{name}.sh").write_text(f"exec /bin/cat {printed}\n")


def _wait(
    process: subprocess.Popen[bytes], command: Sequence[str | Path], timeout_s: float, given: bytes = b""
) -> bytes:
    """Wait for the end of a process, and leave nothing of it behind; what it printed. Raises Overrun."""
    try:
        printed, _ = process.communicate(given, timeout=timeout_s)
        return printed or b""
    except subprocess.TimeoutExpired as error:
        raise Overrun(f"{command[0]} took longer than {timeout_s:g} s.") from error
    finally:
        kill_group(process)


@contextmanager
def cage(settings: IngestSettings, cpu_s: float, *, memory_factor: float = 1.0) -> Iterator[Cage]:
    """A cage whose programs may take `cpu_s` of a processor each, and else what the settings say.

    Everything in its folder is gone after the block. Raises StorageFull where there is no room for it.
    """
    limits = Limits(
        memory_bytes=round(settings.program_memory_bytes * memory_factor),
        cpu_s=cpu_s,
        file_bytes=2 * settings.max_file_bytes,
    )
    with explained("temporary folder"):
        temporary = TemporaryDirectory(prefix="vdr-cage-", ignore_cleanup_errors=True)
    with temporary as folder:
        programs = Path(folder) / "programs"
        programs.mkdir()
        yield Cage(Path(folder), programs, limits)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that was started in a cage, and whatever it has started itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _script(program: str, cage: Cage, complaints: str | None) -> str:
    limits = cage.limits
    return _SCRIPT.format(
        memory_kib=limits.memory_bytes // _KIB,
        cpu_s=ceil(limits.cpu_s),
        blocks=limits.file_bytes // _BLOCK,
        files=_OPEN_FILES,
        isolated="/usr/bin/unshare --map-root-user --net -- " if _can_isolate() else "",
        path=shlex.quote(os.environ.get("PATH", os.defpath)),
        home=shlex.quote(str(cage.folder)),
        paths="".join(f" {name}={shlex.quote(str(Path(at).resolve()))}" for name, at in _paths()),
        program=shlex.quote(program),
        redirected="" if complaints is None else f" 2>>{shlex.quote(str(cage.folder / complaints))}",
    )


def _paths() -> list[tuple[str, str]]:
    return [(name, os.environ[name]) for name in _PATHS if os.environ.get(name)]


def _launcher() -> Path:
    """The launcher of this process, made again if somebody has tidied it away."""
    if not _new_launcher().exists():
        _new_launcher.cache_clear()
    return _new_launcher()


@cache
def _new_launcher() -> Path:
    folder = mkdtemp(prefix="vdr-launcher-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    launcher = Path(folder) / "launch"
    # Written by a process of its own, so that none of ours ever has it open.
    write = ["/bin/sh", "-c", 'cat > "$0" && chmod 500 "$0"', str(launcher)]
    subprocess.run(write, input=_LAUNCHER, check=True, env={"PATH": os.defpath})
    return launcher


@cache
def _can_isolate() -> bool:
    command = ["/usr/bin/unshare", "--map-root-user", "--net", "--", "/bin/true"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
