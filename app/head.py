"""HEAD wherever GET is: answered as GET would be, without the body."""

from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_WAS_HEAD = "vdr.was_head"


def is_head(scope: Mapping[str, Any]) -> bool:
    """Whether a request that now says GET came as HEAD: then no body is needed."""
    return _WAS_HEAD in scope


class HeadAsGet:
    """ASGI middleware; routes know of GET alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, HEAD as GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET", _WAS_HEAD: True}, receive, send_without_body)
