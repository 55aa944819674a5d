"""Writes files whole: a run that breaks off leaves none that is half written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from vdr.errors import BadInput


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
