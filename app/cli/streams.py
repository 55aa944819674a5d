"""Output that cannot stop a command: whoever reads it may leave, and any encoding will do."""

import io
import os
import sys
from typing import TextIO


def settle_streams() -> None:
    """Have standard output and error take every text, and go on when nobody reads them any longer.

    What an encoding lacks is written as a question mark. A command whose output is cut off
    (`vdr index | head`) does its work all the same, and its exit code says how that went.
    """
    sys.stdout, sys.stderr = _settled(sys.stdout), _settled(sys.stderr)


class _Output(io.TextIOWrapper):
    """Text to a descriptor; after its reader has closed the pipe, to nowhere."""

    def write(self, s: str, /) -> int:
        try:
            return super().write(s)
        except BrokenPipeError:
            self._let_go()
            return len(s)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self._let_go()

    def _let_go(self) -> None:
        # The descriptor itself: what is still buffered goes the same way, and so do child processes.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        super().flush()


def _settled(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed by whoever started the program
        return open(os.devnull, "w", encoding="utf-8", errors="replace")  # noqa: PTH123 - for as long as it runs
    if type(stream) is not io.TextIOWrapper:  # whoever has put something else there looks after it
        return stream
    encoding, is_line_buffered = stream.encoding, stream.line_buffering
    return _Output(stream.detach(), encoding=encoding, errors="replace", line_buffering=is_line_buffered)
