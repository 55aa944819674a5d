"""MCP over standard input and output: by way of the service that runs, or one that is started for it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from threading import Lock
from typing import Any

import httpx
from mcp.server.stdio import stdio_server

from app.client.finding import found_service
from app.client.served import chosen_collection
from app.mcp.reached import Reached
from app.mcp.server import make_server
from vdr.client import AsyncClient
from vdr.client.sync import CONNECT_S, TIMEOUT_S
from vdr.settings import Settings


def serve_stdio(settings: Settings, collection: str | None, *, read_only: bool) -> None:
    """Serve until the assistant closes standard input."""
    with finding(settings) as found:
        asyncio.run(_serve(found, chosen_collection(settings, collection), read_only=read_only))


class Found:
    """The service for each call; none is looked for, and nothing is loaded, before the first one."""

    def __init__(self, settings: Settings, opened: ExitStack) -> None:
        self._settings, self._opened = settings, opened
        self._own: str | None = None
        self._finding = Lock()

    @property
    def is_remote(self) -> bool:
        """Whether it may be reached by a proxy of the environment, as commands reach that of VDR_URL."""
        return self._settings.commands.url is not None

    def find(self) -> tuple[str, str | None]:
        """Address and key. Raises what found_service raises, and what starting a service raises."""
        with self._finding:
            if self._own is not None:
                return self._own, None
            with found_service(self._settings) as connection:
                if connection is not None:
                    return connection.url, connection.key
            from app.mcp.own_service import own_service  # noqa: PLC0415 - takes seconds

            self._own = self._opened.enter_context(own_service(self._settings))
            return self._own, None


@contextmanager
def finding(settings: Settings) -> Iterator[Found]:
    """Finds services; one that it has started ends with the block."""
    with ExitStack() as opened:
        yield Found(settings, opened)


@asynccontextmanager
async def reached(found: Found, http: httpx.AsyncClient, collection: str | None) -> AsyncIterator[Reached]:
    """The service for a call. Raises as `Found.find`."""
    url, key = await asyncio.to_thread(found.find)
    yield Reached(AsyncClient(url, key=key, collection=collection, http=http), url, reads_files=True)


async def _serve(found: Found, collection: str | None, *, read_only: bool) -> None:
    timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_S)
    async with httpx.AsyncClient(timeout=timeout, trust_env=found.is_remote) as http:

        def reach(_: Any) -> Any:  # noqa: ANN401 - there is no HTTP request
            return reached(found, http, collection)

        server = make_server(reach, read_only=read_only)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
