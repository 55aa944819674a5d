"""An id for each request: the one that came with it, or a new one; in the answer, in problems and in logs."""

import re
from contextvars import ContextVar
from logging import Filter, LogRecord
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
# What a proxy may have made; anything else could forge lines of the log.
_SOUND = re.compile(r"[A-Za-z0-9._~+/=:-]{1,128}")
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """The id of the request at hand, if there is one."""
    return _current.get()


class RequestIds:
    """ASGI middleware: notes the id of a request and sends it back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get(HEADER, "")
        known = sent if _SOUND.fullmatch(sent) else uuid4().hex
        # Never reset: failures are logged and answered further out. Each request has a context of its own.
        _current.set(known)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = known
            await send(message)

        await self._app(scope, receive, send_with_id)


class WithRequestId(Filter):
    """Gives each line of the log the id of the request that it is about, or what stands for none."""

    def __init__(self, missing: str | None = "-") -> None:
        super().__init__()
        self._missing = missing

    def filter(self, record: LogRecord) -> bool:
        """Add it; no line is left out."""
        record.request_id = request_id() or self._missing
        return True
