"""A file, whole or in ranges, whose refusals are problems like all others."""

from fastapi import Request
from fastapi.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from app.problems import answer
from vdr.errors import RangeNotSatisfiable

_MALFORMED, _NOT_SATISFIABLE = 400, 416  # what Starlette refuses a range with, in plain text


class RangedFile(FileResponse):
    """Sends what was asked for of a file.

    A `Range` that is malformed or in another unit than bytes is ignored, as RFC 9110 (14.2) has it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file, its ranges, or the problem `range_not_satisfiable`."""
        refusal: Message | None = None

        async def send_unless_refused(message: Message) -> None:
            nonlocal refusal
            if message.get("status") in {_MALFORMED, _NOT_SATISFIABLE}:
                refusal = message
            if refusal is None:
                await send(message)

        await super().__call__(scope, receive, send_unless_refused)
        if refusal is None:
            return
        if refusal["status"] == _MALFORMED:
            await super().__call__(_without_range(scope), receive, send)
        else:
            size = int(self.headers["content-length"])
            error = RangeNotSatisfiable(f"The file has only {size:,} bytes.")
            await answer(error, Request(scope), {"Content-Range": f"bytes */{size}"})(scope, receive, send)


def _without_range(scope: Scope) -> Scope:
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"range"]}
