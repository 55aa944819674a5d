"""Tries again, after longer and longer pauses, what may work later; stopping does not wait for it."""

import logging
import math
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from vdr.errors import VdrError

_logger = logging.getLogger(__name__)
_FIRST_PAUSE_S = 0.5

T = TypeVar("T")


class Stopped(BaseException):
    """The worker is being stopped. Not an Exception: DBOS notes those as the end of a job."""


def may_pass(error: Exception) -> bool:
    """Whether an error of ours says that the same may work later."""
    return isinstance(error, VdrError) and error.may_pass


def patiently(
    work: Callable[[], T],
    stop: Event,
    is_passing: Callable[[Exception], bool] = may_pass,
    *,
    longest_pause_s: float = math.inf,
    attempts: float = math.inf,
) -> T:
    """What `work` gives, after pauses that double up to `longest_pause_s` while it raises what is passing.

    Raises Stopped once `stop` is set, and what `work` raises else, or for the last of its `attempts`.
    """
    pause_s, attempt = _FIRST_PAUSE_S, 1
    while True:
        try:
            return work()
        except Exception as error:
            if attempt >= attempts or not is_passing(error):
                raise
            _logger.warning("Trying again in %g s: %s", pause_s, error)
        if stop.wait(pause_s):
            raise Stopped
        pause_s, attempt = min(2 * pause_s, longest_pause_s), attempt + 1
