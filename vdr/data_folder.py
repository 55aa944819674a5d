"""The folder of VDR_DATA_DIR: made when it is first needed, and checked before anything is written to it."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from vdr.errors import BadSetting, StorageFull

_REMEDY = "Change its owner or its permissions, or set VDR_DATA_DIR to another folder."
_FULL = (errno.ENOSPC, errno.EDQUOT)


def open_data_folder(data_dir: Path) -> Path:
    """The folder, as an absolute path. Raises BadSetting where it cannot be used, StorageFull."""
    folder = _absolute(data_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadSetting(
            f"VDR_DATA_DIR: {folder} is not a folder.", remedy="Set VDR_DATA_DIR to a folder."
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(f"No space left to create {folder}.") from error
        raise BadSetting(
            f"VDR_DATA_DIR: cannot create {folder}: {error.strerror}.", remedy=_REMEDY
        ) from error
    for path in (folder, *_contents(folder)):
        _check_writable(path)
    return folder


def _absolute(data_dir: Path) -> Path:
    try:
        return data_dir.expanduser().absolute()
    except RuntimeError as error:  # no HOME, and a user that the system does not know
        raise BadSetting(
            f"VDR_DATA_DIR: {data_dir} is in a home folder, and this user has none.",
            remedy="Set VDR_DATA_DIR to a folder that this user may write to.",
        ) from error


def _contents(folder: Path) -> Iterator[Path]:
    """What another user may have left there: the database, and the folders of each collection."""
    yield from folder.glob("catalogue.sqlite*")
    for part in ("objects", "index"):
        yield from (path for path in (folder / part, *folder.glob(f"{part}/*")) if path.is_dir())


def _check_writable(path: Path) -> None:
    needed = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
    if os.access(path, needed, effective_ids=os.access in os.supports_effective_ids):
        return
    if os.access(path, os.F_OK) and os.statvfs(path).f_flag & os.ST_RDONLY:
        reason = f"{path} is on a read-only file system."
    else:
        owner = path.stat().st_uid
        reason = f"user {os.geteuid()} cannot write to {path}, which belongs to user {owner}."
    raise BadSetting(f"VDR_DATA_DIR: {reason}", remedy=_REMEDY)
