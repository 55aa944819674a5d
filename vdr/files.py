"""Writes files whole: a run that breaks off leaves none that is half written."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from vdr.errors import BadInput

_NEW_S = 60.0


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
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder in `parent`, which is gone after the block.

    So are those that killed processes have left there: a process locks its own as long as it lives. No other
    folders may have names that begin with `prefix`.
    """
    for left in [each for each in parent.iterdir() if each.name.startswith(prefix)]:
        _remove_left(left)
    with TemporaryDirectory(prefix=prefix, dir=parent) as name:
        folder = Path(name)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # file systems without locks keep what is left
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder
        finally:
            os.close(descriptor)


def _remove_left(folder: Path) -> None:
    """Remove a folder of a process that is no more; one just made may not be locked yet."""
    with suppress(OSError):
        if time.time() - folder.stat().st_mtime < _NEW_S:
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
        finally:
            os.close(descriptor)


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
