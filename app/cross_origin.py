"""Lets scripts of the websites that the settings name use the API from a visitor's browser (CORS)."""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.addresses import API

_READABLE = (
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "Retry-After",
    "X-Request-ID",
)
_PREFLIGHT_S = 600


class CrossOrigin:
    """ASGI middleware: what lies below /v1 may be used by these origins, without cookies."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=["GET", "HEAD", "POST", "PATCH", "DELETE"],
            allow_headers=["*"],
            expose_headers=_READABLE,
            max_age=_PREFLIGHT_S,
        )
        self._has_origins = bool(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what a browser asks beforehand, and say in every other answer who may read it."""
        is_api = scope["type"] == "http" and _within(scope).startswith(f"{API}/")
        app = self._shared if self._has_origins and is_api else self._app
        await app(scope, receive, send)


def _within(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))
