"""Objects in a local folder: a write that has returned outlasts a loss of power."""

import os
import shutil
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO
from uuid import uuid4

from vdr.files import sync_folder
from vdr.objects.failures import explained

HALF_WRITTEN = ".part"  # the end of a file's name until it is complete


class Folder:
    """A folder whose files are objects, each known by its path below it; there while it contains any.

    An object is there whole or not at all, and stays once a put has returned. obstore's LocalStore promises
    the first alone: it never asks the disk to write (docs/decisions/0007-objects.md).
    """

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().resolve()
        with explained(str(root)):
            _make_folder(self._root.parent)

    def check(self) -> None:
        """Raise NotFound or ObjectsUnavailable where the folder that it is in cannot be read."""
        with explained(str(self._root.parent)), os.scandir(self._root.parent) as entries:
            next(entries, None)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Write an object. Raises StorageFull, ObjectsUnavailable."""
        self._write(key, BytesIO(content))

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Copy the file at `path`. Raises StorageFull, ObjectsUnavailable."""
        with path.open("rb") as source:
            self._write(key, source)

    def get(self, key: str) -> bytes:
        """The bytes of an object. Raises NotFound, ObjectsUnavailable."""
        with explained(key):
            return (self._root / key).read_bytes()

    @contextmanager
    def file(self, key: str) -> Iterator[Path]:
        """The object as a file. Raises NotFound, ObjectsUnavailable."""
        path = self._root / key
        with explained(key):
            path.stat()
        yield path

    def path(self, key: str) -> Path:
        """Where an object lies, or would."""
        return self._root / key

    def file_state(self, key: str) -> Hashable | None:
        """What is another one once the object was written again. Raises NotFound, ObjectsUnavailable."""
        with explained(key):
            path = f"{self._root}/{key}"
            file = os.stat(path)  # noqa: PTH116 - once for each hit, and in a third of the time
        return path, file.st_ino, file.st_mtime_ns, file.st_size

    def keys(self, prefix: str) -> list[str]:
        """The keys of all objects below a folder."""
        with explained(prefix):
            files = (path for path in (self._root / prefix).rglob("*") if path.is_file())
            return [path.relative_to(self._root).as_posix() for path in files]

    def folders(self) -> list[str]:
        """The names of the folders at the top."""
        with explained(str(self._root)), suppress(FileNotFoundError):
            return [path.name for path in self._root.iterdir() if path.is_dir()]
        return []

    def delete_below(self, prefix: str) -> None:
        """Remove a folder with all that is in it; one that is not there is as good as removed."""
        folder = self._root / prefix
        with explained(prefix):
            while folder.exists():
                with suppress(FileNotFoundError):  # somebody else deletes as well: look again
                    shutil.rmtree(folder)
            self._sync_without()

    def url(self, key: str, expires: timedelta) -> None:
        """None: a file has no address that could be handed out."""

    def _sync_without(self) -> None:
        """Bring a deletion to the disk. A folder that is empty now goes as well: nobody else may look."""
        with suppress(OSError):  # something is in it, or it is not there
            self._root.rmdir()
        try:
            sync_folder(self._root)
        except FileNotFoundError:
            sync_folder(self._root.parent)

    def _write(self, key: str, source: IO[bytes]) -> None:
        target = self._root / key
        # Not files.write_whole: many may write the same object at once, each from a stream.
        half = target.with_name(f"{target.name}.{uuid4().hex}{HALF_WRITTEN}")
        with explained(key):
            try:
                with _created(half) as file:
                    _write_through(file, source)
                half.replace(target)
            finally:
                half.unlink(missing_ok=True)
            sync_folder(target.parent)


def _created(path: Path) -> BinaryIO:
    """A new file, in a folder that somebody else may be about to remove because it is empty."""
    while True:
        with suppress(FileNotFoundError):
            _make_folder(path.parent)
            return path.open("xb")


def _write_through(file: BinaryIO, source: IO[bytes]) -> None:
    shutil.copyfileobj(source, file)
    file.flush()
    os.fsync(file.fileno())


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
