"""The service below a path of a proxy, which may take that path away from requests or leave it."""

from starlette.types import ASGIApp, Receive, Scope, Send


class BelowRootPath:
    """ASGI middleware: tells the framework of the root path, with which the path of every request begins.

    That is what ASGI asks for, and what redirects are made from, whatever the proxy does.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app, self._root = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if self._root and scope["type"] == "http":
            path: str = scope["path"]
            whole = path if path.startswith(f"{self._root}/") else f"{self._root}{path}"
            scope = {**scope, "root_path": self._root, "path": whole}
        await self._app(scope, receive, send)
