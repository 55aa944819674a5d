"""What a disk or an object store reports when it fails, as errors of vdr's own tree."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError

from vdr.errors import NotFound, ObjectsUnavailable, StorageFull, VdrError

# A process that may not write a file any longer (ulimit -f) is out of space just as on a full disk.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Azure signs in the query of an address, and messages may be shown to anybody.
_QUERY = re.compile(r"\?\S*")


@contextmanager
def explained(key: str) -> Iterator[None]:
    """Raise NotFound, StorageFull or ObjectsUnavailable for what goes wrong with the object `key`."""
    try:
        yield
    except (OSError, BaseError) as error:
        raise _explain(key, error) from error


def _explain(key: str, error: Exception) -> VdrError:
    if isinstance(error, FileNotFoundError):
        return NotFound(f"The object {key} does not exist.")
    if isinstance(error, OSError) and error.errno in _FULL:
        return StorageFull(f"No space left to write {key}.")
    reason = _QUERY.sub("", str(error).partition("\n")[0])
    return ObjectsUnavailable(f"The object store failed for {key}: {reason}")
