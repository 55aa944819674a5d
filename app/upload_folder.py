"""A folder of this process's own for uploads on their way in; those of processes that were killed go."""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import mkdtemp

_PREFIX = "uploads-"
# As mkdtemp names and makes them: a person's own folder of uploads in the data folder is none of these.
_NAME, _MODE = re.compile(r"uploads-[a-z0-9_]{8}"), 0o700


@contextmanager
def upload_folder(data_dir: Path) -> Iterator[Path]:
    """The folder, gone afterwards. Processes may share `data_dir`: each holds the lock of its own folder."""
    for folder in data_dir.glob(f"{_PREFIX}*"):
        if _NAME.fullmatch(folder.name):
            _remove_if_left(folder)
    folder, lock = _locked(data_dir)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_if_left(folder: Path) -> None:
    with suppress(OSError):  # somebody holds it, it is gone already, or this file system has no locks
        lock = os.open(folder, os.O_RDONLY)
        try:
            flock(lock, LOCK_EX | LOCK_NB)
            if stat.S_IMODE(os.fstat(lock).st_mode) == _MODE:
                shutil.rmtree(folder)
        finally:
            os.close(lock)


def _locked(data_dir: Path) -> tuple[Path, int]:
    while True:
        folder = Path(mkdtemp(prefix=_PREFIX, dir=data_dir))
        with suppress(FileNotFoundError):  # another process that begins now saw it before it was locked
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # no locks on this file system: then no other process removes it either
                flock(lock, LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)
