"""The address /mcp: the SDK, which takes a second to import, is loaded with its first request."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from starlette.types import Receive, Scope, Send


def add_mcp(app: FastAPI) -> None:
    """Serve MCP at /mcp of an application where the SDK is installed (the extra `mcp`)."""
    if find_spec("mcp") is not None:
        app.router.routes.append(Route("/mcp", McpEndpoint(app), name="mcp"))


class McpEndpoint:
    """ASGI application of that address."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._server: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        http = await run_in_threadpool(import_module, "app.mcp.http")
        if self._server is None:
            self._server = http.server_of(self._app)
        await http.answer(self._server, scope, receive, send)
