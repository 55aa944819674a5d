"""Security headers on every answer, and a guard against requests that other websites send."""

from collections.abc import Collection, Mapping

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import answer
from vdr.errors import CrossSite

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# What is so now may be otherwise the next time it is asked for.
_CHANGING = ("application/json", "application/problem+json")
_HTML: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """ASGI middleware; HTML gets a policy that lets it load from this service alone.

    Scripts of `origins` may make changes as programs may, those of other websites not.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str] = ()) -> None:
        self._app, self._origins = app, frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or turn it away with the problem `cross_site`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message))
            await send(message)

        app = answer(CrossSite(_TURNED_AWAY), Request(scope)) if self._is_blocked(scope) else self._app
        await app(scope, receive, send_with_headers)

    def _is_blocked(self, scope: Scope) -> bool:
        return _is_cross_site(scope) and Headers(scope=scope).get("origin") not in self._origins


_TURNED_AWAY = "Another website tried to make a change through your browser; it was blocked."


def _add_headers(headers: MutableHeaders) -> None:
    kind = headers.get("content-type", "")
    is_html = kind.startswith("text/html")
    if kind.startswith(_CHANGING):
        headers.setdefault("Cache-Control", "no-store")
    for name, value in {**ALWAYS, **(_HTML if is_html else {})}.items():
        headers.setdefault(name, value)


def _is_cross_site(scope: Scope) -> bool:
    # Browsers send this header and no script can forge it; programs do not send it and are let through.
    site = Headers(scope=scope).get("sec-fetch-site", "none")
    return scope["method"] not in _SAFE_METHODS and site not in {"none", "same-origin"}
