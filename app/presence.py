"""Where the service of a data folder is: it holds a lock there, and leaves its address for commands."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from vdr.files import write_whole

_LOCK, _ADDRESS = "service.lock", "service.json"
# A command that looks whether the lock is held has it for a moment.
_PATIENCE_S = 1.0
# A service that listens on all addresses of the machine is reached by this one of each kind.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class _Presence(BaseModel):
    url: str


@contextmanager
def announced(data_dir: Path, url: str) -> Iterator[None]:
    """Leaves the address of the service in the data folder, for the time of the block.

    Of several services on one folder, the first one is announced.
    """
    lock = FileLock(data_dir / _LOCK, timeout=_PATIENCE_S, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        yield
        return
    try:
        write_whole(data_dir / _ADDRESS, _Presence(url=url).model_dump_json())
        yield
    finally:
        (data_dir / _ADDRESS).unlink(missing_ok=True)
        lock.release()


def find_service(data_dir: Path) -> str | None:
    """The address of the service that runs on the data folder; None if there is none.

    What a killed one has left counts for nothing: its lock is free.
    """
    try:
        presence = _Presence.model_validate_json((data_dir / _ADDRESS).read_bytes())
        with FileLock(data_dir / _LOCK, timeout=0):
            return None
    except Timeout:
        return presence.url
    except (OSError, ValidationError):
        return None


def url_of(sockets: Sequence[socket.socket]) -> str:
    """The address at which programs on this machine reach a service that listens on these sockets."""
    host, port = sockets[0].getsockname()[:2]
    host = _EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
