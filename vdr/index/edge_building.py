"""Building int8 vectors and graph of an embedded index, in a process of its own and on a copy.

    python -m vdr.index.edge_building FOLDER < schema.json

The engine holds Python's global lock while it builds, minutes for a hundred thousand pages: in the process
that serves, no search would be answered, and nothing else either.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import qdrant_edge as edge

from vdr.index.edge_vectors import config_of
from vdr.index.schema import IndexSchema, from_json, to_json

_NICENESS = 5


def start_building(folder: Path, schema: IndexSchema) -> "subprocess.Popen[bytes]":
    """A process that builds in a copy of a shard; it ends with the process that started it."""
    command = [sys.executable, "-m", "vdr.index.edge_building", str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(to_json(schema) + b"\n\n")
    process.stdin.flush()
    return process


def main() -> None:
    """Build in the folder of a copy."""
    os.nice(_NICENESS)
    schema = _read_schema()
    _end_with_parent()
    shard = edge.EdgeShard.load(sys.argv[1], config_of(schema))
    shard.optimize()
    shard.close()


def _read_schema() -> IndexSchema:
    lines = iter(sys.stdin.readline, "\n")
    return from_json("".join(lines).encode())


def _end_with_parent() -> None:
    """Have the system end this process when the other end of its input is closed.

    No thread could see to that: it would wait for the engine.
    """
    fcntl.fcntl(sys.stdin, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(sys.stdin, fcntl.F_GETFL)
    fcntl.fcntl(sys.stdin, fcntl.F_SETFL, flags | os.O_ASYNC)  # SIGIO, by which a process ends
    # What comes here is the end alone, which may have come already.
    os.set_blocking(sys.stdin.fileno(), False)
    try:
        if os.read(sys.stdin.fileno(), 1) == b"":
            sys.exit(1)
    except BlockingIOError:
        pass


if __name__ == "__main__":
    main()
