"""The folder that embedded indexes of a collection are in: one process at a time, and nothing left of it."""

from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from vdr.errors import IndexLocked
from vdr.index import earlier
from vdr.index.edge_copy import size_on_disk
from vdr.index.edge_state import erase_state, shard_folders

_PATIENCE_S = 1.0


def folder_of(data_dir: Path, collection: str) -> Path:
    """The folder of a collection."""
    return data_dir / "index" / collection


def schema_file(folder: Path, generation: str) -> Path:
    """The file that says what a generation's index is built by."""
    return folder / f"schema-{generation}.json"


def lock(folder: Path, generation: str) -> FileLock:
    """The lock of a generation, held; its folder is made if need be. Raises IndexLocked.

    The engine has one too but looks at it last, when it has already repaired files that another process is
    writing to: the index of whoever was there first can then no longer be flushed.
    """
    held = FileLock(_lock_file(folder, generation), timeout=_PATIENCE_S, thread_local=False)
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            held.acquire()
        except FileNotFoundError:  # somebody else has just dropped the last generation in it
            continue
        except Timeout as error:
            raise in_use(folder.name) from error
        return held


def in_use(collection: str) -> IndexLocked:
    """The error of who comes second."""
    return IndexLocked(f"Another process is using the index of collection {collection!r}.")


def size_of(data_dir: Path, collection: str, generation: str) -> int:
    """The bytes of a generation's index on the disk; 0 where there is none."""
    return sum(map(size_on_disk, shard_folders(folder_of(data_dir, collection), generation)))


def drop(data_dir: Path, collection: str, generation: str) -> None:
    """Remove a generation's index, and the folder if it was the last one; a second time changes nothing.

    Raises IndexLocked while another process is using it.
    """
    folder = folder_of(data_dir, collection)
    if not folder.exists():
        return
    held = lock(folder, generation)
    try:
        _erase(folder, generation)
        # Last, and while it is held: whoever has opened it by now finds that it has no name any longer, and
        # makes another one (filelock compares).
        _lock_file(folder, generation).unlink()
        with suppress(OSError):  # another generation is in it
            folder.rmdir()
    finally:
        held.release()


def _lock_file(folder: Path, generation: str) -> Path:
    return folder / f"{generation}.lock"


def _erase(folder: Path, generation: str) -> None:
    erase_state(folder, generation)
    schema = schema_file(folder, generation)
    # Those of the version before have been of no use since the catalogue was migrated.
    for file in (schema, schema.with_name(f"{schema.name}.new"), *earlier.files(folder)):
        file.unlink(missing_ok=True)
