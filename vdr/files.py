"""Writes files whole: a run that breaks off leaves none that is half written."""

import glob
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import mkdtemp

from vdr.errors import BadInput

# As mkdtemp names and makes folders.
_RANDOM, _MODE = re.compile(r"[a-z0-9_]{8}"), 0o700


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file so that it is there with all of its content or not at all, after a power cut too."""
    draft = file.with_name(file.name + ".new")
    with draft.open("wb") as out:
        out.write(content.encode() if isinstance(content, str) else content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    sync_folder(file.parent)


def make_folder_whole(folder: Path, fill: Callable[[Path], object]) -> None:
    """Have `fill` write a new folder, which gets its name when it is complete.

    What an earlier try left of it is removed first. Raises OSError where there is such a folder already.
    """
    draft = folder.with_name(folder.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    fill(draft)
    draft.rename(folder)


@contextmanager
def scratch_folder(parent: Path, prefix: str, *, least_age_s: float = 60.0) -> Iterator[Path]:
    """A new folder in `parent`, which is gone after the block.

    So are those that killed processes have left there, if they are older than `least_age_s`: a process holds
    the lock of its own as long as it lives. A person's own folder whose name begins with `prefix` stays.
    """
    for left in parent.glob(f"{glob.escape(prefix)}*"):
        if _RANDOM.fullmatch(left.name.removeprefix(prefix)):
            _remove_left(left, least_age_s)
    folder, lock = _locked_folder(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked_folder(parent: Path, prefix: str) -> tuple[Path, int]:
    while True:
        folder = Path(mkdtemp(prefix=prefix, dir=parent))
        with suppress(FileNotFoundError):  # another process that begins now saw it before it was locked
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # no locks on this file system: then no other process removes it either
                flock(lock, LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove_left(folder: Path, least_age_s: float) -> None:
    with suppress(OSError):  # somebody holds it, it is gone already, or this file system has no locks
        lock = os.open(folder, os.O_RDONLY)
        try:
            flock(lock, LOCK_EX | LOCK_NB)
            status = os.fstat(lock)
            if stat.S_IMODE(status.st_mode) == _MODE and time.time() - status.st_mtime >= least_age_s:
                shutil.rmtree(folder)
        finally:
            os.close(lock)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, which the content of its files does not do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_writable(file: Path) -> None:
    """Raises BadInput if no file can be written there; better before an hour's work than after."""
    if file.is_dir() or not file.parent.is_dir():
        raise BadInput(f"Cannot write {file}.", remedy="Choose a file in an existing folder.")
