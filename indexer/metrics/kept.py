"""A value that is read at most so often that reading it costs a small share of the time."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

_SHARE = 0.05  # of the time at most is spent on reading

T = TypeVar("T")


class Kept(Generic[T]):
    """What `read` gives, kept for `least_s`, or longer where reading takes long. Threads may share one."""

    def __init__(
        self, read: Callable[[], T], least_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._least_s, self._clock = read, least_s, clock
        self._lock = Lock()
        self._known: tuple[T, float] | None = None  # and until when it is kept

    def get(self) -> T:
        """The value; whoever asks while it is being read waits for it. Raises what `read` raises."""
        with self._lock:
            began = self._clock()
            if self._known is None or began >= self._known[1]:
                value = self._read()
                now = self._clock()
                self._known = value, now + max(self._least_s, (now - began) / _SHARE)
            return self._known[0]
