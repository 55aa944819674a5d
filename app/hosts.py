"""A guard against DNS rebinding: another website that has its own name lead to this service.

A browser takes what comes from such a name for that website's own, which may then read everything here. So
only names that nobody else can have are answered to, and those that the settings allow.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems import answer
from vdr.errors import UnknownHost

_ANY = "*"
# An IPv6 address in brackets or a name, and a port.
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:\[\]/@]+))(?::\d*)?")
# Names below these are in no public DNS (RFC 6761, RFC 6762, and ICANN for .internal).
_PRIVATE = ("localhost", "local", "internal", "test")


class KnownHosts:
    """ASGI middleware; `allowed` are names, *.name for all below it, or * for any."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str] = ()) -> None:
        self._app, self._allowed = app, tuple(name.lower() for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with the problem `unknown_host`."""
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else ""
        if not host or self._is_known(_name_of(host)):
            await self._app(scope, receive, send)
            return
        problem = UnknownHost(f"This service does not answer to the name {host[:255]!r}.")
        await answer(problem, Request(scope))(scope, receive, send)

    def _is_known(self, name: str) -> bool:
        if not name:
            return False
        is_private = "." not in name or name.endswith(tuple(f".{each}" for each in _PRIVATE))
        return is_private or _is_address(name) or any(_fits(name, each) for each in self._allowed)


def _name_of(host: str) -> str:
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower().removesuffix(".") if found else ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _fits(name: str, allowed: str) -> bool:
    return allowed in {_ANY, name} or (allowed.startswith("*.") and name.endswith(allowed[1:]))
