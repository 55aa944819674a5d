"""Checksums: what is read is what was written, or it is said that it is not."""

import re
from hashlib import file_digest, sha256
from pathlib import Path

from vdr.errors import ObjectDamaged
from vdr.objects.failures import explained

_TRAILER_BYTES = sha256().digest_size
_NOTE = re.compile(rb"([0-9a-f]{64})  ")


def sealed(content: bytes) -> bytes:
    """The content, and after it its SHA-256 (32 bytes)."""
    return content + sha256(content).digest()


def opened(key: str, stored: bytes) -> bytes:
    """The content of what `sealed` made. Raises ObjectDamaged."""
    content, checksum = stored[:-_TRAILER_BYTES], stored[-_TRAILER_BYTES:]
    if sha256(content).digest() != checksum:
        raise _damaged(key)
    return content


def hash_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def note(checksum: str, name: str) -> bytes:
    """A line that says which file has which checksum, as `sha256sum --check` reads it."""
    return f"{checksum}  {name}\n".encode()


def noted(key: str, line: bytes) -> str:
    """The checksum that a note says. Raises ObjectDamaged."""
    found = _NOTE.match(line)
    if found is None:
        raise _damaged(key)
    return found[1].decode()


def check_file(key: str, path: Path, checksum: str) -> None:
    """Raise ObjectDamaged unless the file has the checksum, ObjectsUnavailable if it cannot be read."""
    with explained(key):
        found = hash_of(path)
    if found != checksum:
        raise _damaged(key)


def _damaged(key: str) -> ObjectDamaged:
    return ObjectDamaged(f"The stored object {key} is corrupted.")
