"""A limit on the memory that a request body may take."""

import re

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import answer
from vdr.errors import RequestTooLarge

MAX_BODY_BYTES = 2**20
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
# Not decided by the content type, which anyone can claim: whatever is not an upload is read completely.
_UPLOADS = re.compile(
    r"(?:/v1)?(?:/collections/[^/]+)?/(?:documents|search/image|ui/documents|ui/results/image)/?"
)


class BodyLimit:
    """ASGI middleware: bodies are taken whole up to MAX_BODY_BYTES and turned away beyond.

    Uploads are streamed to the disk and have limits of their own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with the problem `request_too_large`."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY or _is_upload(scope):
            await self._app(scope, receive, send)
            return
        taken, size = [await receive()], 0
        while True:
            size += len(taken[-1].get("body", b""))
            if size > MAX_BODY_BYTES:
                problem = RequestTooLarge(f"The request is larger than {MAX_BODY_BYTES:,} bytes.")
                await answer(problem, Request(scope))(scope, receive, send)
                return
            if not taken[-1].get("more_body", False):
                break
            taken.append(await receive())

        async def given_again() -> Message:
            return taken.pop(0) if taken else await receive()

        await self._app(scope, given_again, send)


def _is_upload(scope: Scope) -> bool:
    return is_upload(str(scope["path"]).removeprefix(scope.get("root_path", "")))


def is_upload(path: str) -> bool:
    """Whether what is sent to an address is streamed to the disk."""
    # With a slash at the end the framework leads to the address without.
    return _UPLOADS.fullmatch(path) is not None
