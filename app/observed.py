"""What became of each request: told to the metrics, and to the log where that is JSON."""

import logging
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast

from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.addresses import API, IN_COLLECTION
from app.metrics import ServiceMetrics
from app.tracing import Tracing
from vdr.errors import VdrError

ACCESS_LOG = "vdr.access"
_LOG = logging.getLogger(ACCESS_LOG)
_SEEN = "vdr.seen"
_NO_ROUTE = "(none)"  # an address that nothing serves, or a request that was turned away before


@dataclass(slots=True)
class Seen:
    """What is learnt of a request while it is answered."""

    route: str = _NO_ROUTE
    status: int = 500
    code: str | None = None


def note_code(scope: Scope, code: str) -> None:
    """Note the code of the error that a request is answered with."""
    seen = scope.get(_SEEN)
    if seen is not None:
        cast(Seen, seen).code = code


class Observed:
    """ASGI middleware, to be near the server: sees every answer, also those of other middleware."""

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics | None, tracing: Tracing | None = None) -> None:
        self._app, self._metrics, self._tracing = app, metrics, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell of it once it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen, began = Seen(), perf_counter()

        async def send_seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)

        try:
            await self._app({**scope, _SEEN: seen}, receive, send_seen)
        except Exception:  # answered further out
            seen.status, seen.code = VdrError.status, VdrError.code
            raise
        finally:
            self._tell(scope, seen, perf_counter() - began)

    def _tell(self, scope: Scope, seen: Seen, seconds: float) -> None:
        method = str(scope["method"])
        if self._metrics is not None:
            self._metrics.answered(method, seen.route, seen.status, seconds, seen.code)
        if _LOG.isEnabledFor(logging.INFO):
            trace_id = None if self._tracing is None else self._tracing.trace_id()
            told = {**_told(scope, seen, seconds), "trace_id": trace_id}
            _LOG.info("%s %s %d", method, scope["path"], seen.status, extra=told)


class RouteNoted:
    """ASGI middleware, to be next to the routes: notes which one has answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "http" and _SEEN in scope:
                cast(Seen, scope[_SEEN]).route = _template(scope)


def _template(scope: Scope) -> str:
    """The address of the route, with the names of what varies in it."""
    route = scope.get("route")
    if route is None and "endpoint" in scope:  # a folder of files
        return next((each.path for each in scope["app"].routes if isinstance(each, Mount)), _NO_ROUTE)
    own = str(getattr(route, "path", _NO_ROUTE))
    # Of a router that is included below others, the route knows what it adds to their addresses alone.
    path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
    is_in_collection = "collection" in scope.get("path_params", {}) and "{collection}" not in own
    is_api = path.startswith(f"{API}/") and not own.startswith((f"{API}/", _NO_ROUTE))
    return f"{API if is_api else ''}{IN_COLLECTION if is_in_collection else ''}{own}"


def _told(scope: Scope, seen: Seen, seconds: float) -> dict[str, Any]:
    """The fields of a line of the log; the path without its query, which may have a question."""
    client = scope.get("client")
    return {
        "method": scope["method"],
        "route": seen.route,
        "path": scope["path"],
        "status": seen.status,
        "ms": round(seconds * 1_000, 3),
        "code": seen.code,
        "client": client[0] if client else None,
    }
