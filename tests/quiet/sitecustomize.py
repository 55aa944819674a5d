"""Every Python program with this folder on its path writes down which foreign hosts it wants, and gets none.

It is found by name (`site` imports it); OUTWARD names the file to write to.
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

_LOOKS_UP = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_OWN = {"", "0.0.0.0", "::", "::1", "localhost", socket.gethostname()}


def _notice(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _LOOKS_UP:
        host = arguments[0]
    elif event in _SENDS and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host is None or host in _OWN or host.startswith("127."):
        return
    with Path(os.environ["OUTWARD"]).open("a") as record:
        record.write(f"{host}\n")
    raise socket.gaierror(socket.EAI_NONAME, "There is no network here.")


sys.addaudithook(_notice)
