"""Says in one line why a service cannot start, where the server would log a page of traceback."""

import sys

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vdr.errors import VdrError


class BriefStart:
    """Wraps an application: an error of ours that ends its startup is told by its message."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        await self._app(scope, receive, _briefly(send) if scope["type"] == "lifespan" else send)


def _briefly(send: Send) -> Send:
    async def sent(message: Message) -> None:
        error = sys.exception()  # the one that is being handled where this is sent
        if message["type"] == "lifespan.startup.failed" and isinstance(error, VdrError):
            message = {**message, "message": str(error)}
        await send(message)

    return sent
