"""A copy of a shard's folder, and its files on the disk, both without holding up other threads."""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_AT_ONCE = 16 * 1024 * 1024  # bytes
_BLOCK = 512  # bytes, of which stat counts how many a file has: an index sets space aside that it has not


def copy_folder(source: Path, target: Path, is_wanted: Callable[[], bool]) -> None:
    """Copy a folder with all that is in it, as long as `is_wanted`; what is a hole in a file stays one."""
    target.mkdir()
    for entry in source.iterdir():
        if entry.is_dir():
            copy_folder(entry, target / entry.name, is_wanted)
        elif is_wanted():
            _copy_file(entry, target / entry.name, is_wanted)


def size_on_disk(folder: Path) -> int:
    """The bytes that the files of a folder take; holes take none."""
    return sum(_size(path) for path in folder.rglob("*"))


def _size(path: Path) -> int:
    try:
        found = path.lstat()
    except FileNotFoundError:  # the engine has merged segments meanwhile
        return 0
    return found.st_blocks * _BLOCK if stat.S_ISREG(found.st_mode) else 0


def sync_files(folder: Path) -> None:
    """Bring all files of a folder to the disk, as far as the system has what was written to them.

    The engine does so too, but under Python's global lock: what this leaves for it is little.
    """
    for where, _, names in os.walk(folder):
        for name in names:
            _sync(Path(where, name))


def _sync(file: Path) -> None:
    with suppress(FileNotFoundError):  # the engine has just replaced it
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _copy_file(source: Path, target: Path, is_wanted: Callable[[], bool]) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        size = os.fstat(read.fileno()).st_size
        written.truncate(size)
        start = _data_from(read.fileno(), 0, size)
        while start < size and is_wanted():
            end = os.lseek(read.fileno(), start, os.SEEK_HOLE)
            read.seek(start)
            written.seek(start)
            while start < end and is_wanted():
                chunk = read.read(min(_AT_ONCE, end - start))
                written.write(chunk)
                start += len(chunk)
            start = _data_from(read.fileno(), end, size)


def _data_from(descriptor: int, start: int, size: int) -> int:
    """Where the next data of a file begin; its size where only a hole follows."""
    try:
        return os.lseek(descriptor, start, os.SEEK_DATA) if start < size else size
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return size
