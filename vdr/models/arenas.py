"""Keeps a process that works on images in many threads from holding memory that nobody uses."""

import ctypes
import sys
from typing import Any

_M_ARENA_MAX = -8  # malloc.h of the GNU C library
_ARENAS = 4


def bound_arenas() -> bool:
    """Let threads share a few pools of memory instead of eight a core; True where the C library can.

    Page images come and go by megabytes, and a pool keeps what was freed: after 40 documents the GNU
    library's own choice held 1.3 GB that were not in use.
    """
    mallopt = _function("mallopt")
    return mallopt is not None and mallopt(_M_ARENA_MAX, _ARENAS) == 1


def release_freed() -> bool:
    """Give memory that was freed back to the system; True where there was some and the C library can."""
    trim = _function("malloc_trim")
    return trim is not None and trim(0) == 1


def _function(name: str) -> Any:  # noqa: ANN401 - a foreign function, or None where there is none
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None
