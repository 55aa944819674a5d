"""MCP over streamable HTTP, at /mcp of the service: each call uses the API as its caller may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, Request
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import ASGIApp, Receive, Scope, Send

from app.limits import MAX_BODY_BYTES
from app.mcp.reached import Reached
from app.mcp.server import make_server
from app.request_ids import HEADER, request_id
from vdr.client import AsyncClient

# About this request's own body and answer; all others say who asks, and by which way.
_OWN = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "last-event-id",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)


def server_of(app: FastAPI) -> Server:
    """The server whose tools use the API of an application.

    The key, the user that a proxy names and all else that a request says of its sender goes with each call.
    """

    @asynccontextmanager
    async def reached(request: Request) -> AsyncIterator[Reached]:
        headers = {name: value for name, value in request.headers.items() if _is_of_sender(name)}
        headers[HEADER.lower()] = request_id() or ""
        origin = str(request.base_url).rstrip("/")
        transport = httpx.ASGITransport(_within(app, request.scope))
        async with httpx.AsyncClient(transport=transport, headers=headers) as http:
            yield Reached(AsyncClient("http://localhost", http=http, retries=0), origin)

    return make_server(reached, read_only=False)


async def answer(server: Server, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request of the protocol. No sessions are kept: any replica answers any request."""
    # Hosts and origins are checked for the whole service (hosts.py, headers.py).
    manager = StreamableHTTPSessionManager(
        server, json_response=True, stateless=True, max_request_body_size=MAX_BODY_BYTES
    )
    async with manager.run():
        await manager.handle_request(scope, receive, send)


def _is_of_sender(name: str) -> bool:
    return name not in _OWN and not name.startswith("mcp-")


def _within(app: ASGIApp, outer: Scope) -> ASGIApp:
    """The application for requests made inside another one, with its state and its peer."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        state: Any = {"services": outer["state"]["services"]}
        await app({**scope, "state": state, "client": outer.get("client")}, receive, send)

    return answer
