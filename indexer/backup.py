"""Backup and restore of what VDR_DATA_DIR keeps but for the vectors, which are made from the rest."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from vdr.catalogue.database import DATABASE_FILE
from vdr.errors import BadInput, BadSetting, DatabaseUnavailable
from vdr.files import scratch_folder
from vdr.objects.failures import explained
from vdr.objects.folder import HALF_WRITTEN
from vdr.settings import IndexSettings

_OBJECTS, _INDEX = "objects", "index"
# Another file system, one without links, one where this file has too many, or one that refuses foreign files.
_CANNOT_LINK = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK}


def back_up(settings: IndexSettings, folder: Path) -> None:
    """Write the database and the objects to `folder`, which is there once it is complete, or not at all.

    A service may run meanwhile. Objects are hard links where they can be, for none is ever changed in place.
    The database comes first, as it is at one moment, so that documents added later do no harm; one deleted
    later may be listed without its file. Raises BadSetting where database or objects are elsewhere, BadInput
    where nothing is to be copied or a file is in the way, DatabaseUnavailable, StorageFull and
    ObjectsUnavailable where it cannot be read or written.
    """
    data_dir = _data_dir(settings)
    if not (data_dir / DATABASE_FILE).is_file():
        raise BadInput(f"{data_dir} contains nothing to back up.", remedy="Set VDR_DATA_DIR.")
    if folder.exists() or data_dir / _OBJECTS in folder.resolve().parents:
        raise BadInput(
            f"Cannot write the backup to {folder}.",
            remedy="Choose a folder that does not exist yet, outside of the objects.",
        )
    with explained(str(folder)):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _draft(folder.parent) as draft:
            _copy_database(data_dir / DATABASE_FILE, "mode=rw", draft / DATABASE_FILE)
            _copy_files(data_dir / _OBJECTS, draft / _OBJECTS, link=True)
            os.sync()
            draft.rename(folder)
        os.sync()


def restore(settings: IndexSettings, folder: Path) -> None:
    """Put copies of what is in the backup `folder` into VDR_DATA_DIR, all or nothing.

    Raises as `back_up`, and BadInput where VDR_DATA_DIR already contains a library.
    """
    data_dir = _data_dir(settings)
    if not (folder / DATABASE_FILE).is_file() or not (folder / _OBJECTS).is_dir():
        raise BadInput(f"{folder} is not a backup.", remedy="Choose a folder that vdr backup wrote.")
    # A write-ahead log left behind would be played into the restored database.
    in_the_way = [*data_dir.glob(f"{DATABASE_FILE}*"), *data_dir.glob(_OBJECTS), *data_dir.glob(_INDEX)]
    if in_the_way:
        raise BadInput(f"{in_the_way[0]} already exists.", remedy="Set VDR_DATA_DIR to an empty folder.")
    with explained(str(data_dir)):
        data_dir.mkdir(parents=True, exist_ok=True)
        with _draft(data_dir) as draft:
            # Immutable: a backup may be in a folder that cannot be written to.
            _copy_database(folder / DATABASE_FILE, "immutable=1", draft / DATABASE_FILE)
            _copy_files(folder / _OBJECTS, draft / _OBJECTS, link=False)
            os.sync()
            (draft / _OBJECTS).rename(data_dir / _OBJECTS)
            (draft / DATABASE_FILE).rename(data_dir / DATABASE_FILE)
        os.sync()


def _data_dir(settings: IndexSettings) -> Path:
    if settings.database_url is not None:
        raise BadSetting(
            "vdr backup and vdr restore do not work with VDR_DATABASE_URL.",
            remedy="Use pg_dump and pg_restore; docs/operations.md explains how.",
        )
    if settings.objects_url is not None:
        raise BadSetting(
            "vdr backup and vdr restore do not work with VDR_OBJECTS_URL.",
            remedy="Copy the bucket or folder with its own tools; docs/operations.md explains how.",
        )
    return settings.data_dir.expanduser().resolve()


@contextmanager
def _draft(parent: Path) -> Iterator[Path]:
    """A folder to be renamed when it is complete; whatever is still there afterwards is removed.

    Not files.make_folder_whole: a restore renames the parts one by one, and a failed try leaves nothing.
    """
    with scratch_folder(parent, "vdr-draft-") as scratch:
        draft = scratch / "draft"
        draft.mkdir()
        yield draft


def _copy_database(source: Path, query: str, target: Path) -> None:
    address = f"{source.absolute().as_uri()}?{query}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise DatabaseUnavailable(f"Cannot copy the database {source}: {error}.") from error


def _copy_files(source: Path, target: Path, *, link: bool) -> None:
    """Copy a tree from which files may disappear meanwhile."""
    target.mkdir()
    for folder, _, names in os.walk(source, onerror=_raise_unless_gone):
        to = target / Path(folder).relative_to(source)
        to.mkdir(parents=True, exist_ok=True)
        for name in names:
            if not name.endswith(HALF_WRITTEN):
                _copy_file(Path(folder, name), to / name, link=link)


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _copy_file(source: Path, target: Path, *, link: bool) -> None:
    with suppress(FileNotFoundError):
        if not link or not _try_link(source, target):
            shutil.copyfile(source, target)


def _try_link(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno in _CANNOT_LINK:
            return False
        raise
    return True
