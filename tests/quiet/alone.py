"""Runs a program where there is no network but a server of names, which knows none and writes down each it is
asked for: also those that libraries not written in Python ask for. To be run by `unshare --map-root-user
--net --mount`: `python -m tests.quiet.alone PROGRAM ...`."""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Thread

_SET_FLAGS, _SET_ADDRESS, _UP_AND_RUNNING = 0x8914, 0x8916, 0x41
_RESOLVER, _NO_SUCH_NAME = "/etc/resolv.conf", 0x8183


def main(command: list[str]) -> int:
    """The exit code of the command."""
    _raise_loopback()
    with tempfile.NamedTemporaryFile("w") as configuration:
        configuration.write("nameserver 127.0.0.1\n")
        configuration.flush()
        subprocess.run(["mount", "--bind", configuration.name, _RESOLVER], check=True)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    Thread(target=_answer, args=(server,), daemon=True).start()
    return subprocess.run(command, check=False).returncode


def _raise_loopback() -> None:
    """Programs reach each other, and a second address makes this look like a machine with a network:
    without one glibc asks for no names."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))
        address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton("192.0.2.1"))
        fcntl.ioctl(handle, _SET_ADDRESS, address)


def _answer(server: socket.socket) -> None:
    while True:
        asked, client = server.recvfrom(4096)
        with Path(os.environ["OUTWARD"]).open("a") as record:
            record.write(f"{_name(asked)}\n")
        # The header with no answers, and the question.
        server.sendto(asked[:2] + struct.pack("!HHHHH", _NO_SUCH_NAME, 1, 0, 0, 0) + asked[12:], client)


def _name(asked: bytes) -> str:
    labels, at = [], 12
    while asked[at]:
        labels.append(asked[at + 1 : at + 1 + asked[at]].decode(errors="replace"))
        at += 1 + asked[at]
    return ".".join(labels)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
