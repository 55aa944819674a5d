"""The time that a search may take: a stage that would take longer is left out, and the answer says so."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock

import numpy as np

from vdr.search.timings import Timings

_REMEMBERED = 50  # times of each stage
_OF_TEN = 90  # percent of them were no longer than what is expected


class StageTimes:
    """How long stages have taken lately; safe from several threads."""

    def __init__(self) -> None:
        self._known: defaultdict[str, deque[float]] = defaultdict(partial(deque, maxlen=_REMEMBERED))
        self._lock = Lock()

    def note(self, stage: str, ms: float) -> None:
        """Remember what a stage has taken."""
        with self._lock:
            self._known[stage].append(ms)

    def expected_ms(self, stage: str) -> float:
        """What nine of ten took at most; 0 for a stage that nobody has seen."""
        with self._lock:
            known = list(self._known.get(stage, ()))
        return float(np.percentile(known, _OF_TEN)) if known else 0.0


class Budget:
    """What is left of a search's time, `limit_ms` since its `timings` run; None: as long as it takes."""

    def __init__(
        self, timings: Timings | None = None, limit_ms: float | None = None, times: StageTimes | None = None
    ) -> None:
        self.timings, self._limit_ms = timings or Timings(), limit_ms
        self._times = times or StageTimes()
        self._reserved_ms = 0.0
        self._left_out: list[str] = []

    @property
    def left_out(self) -> tuple[str, ...]:
        """What there was no time for, each once."""
        return tuple(dict.fromkeys(self._left_out))

    def reserve(self, name: str) -> None:
        """Keep the time that this is expected to take from what comes before it."""
        self._reserved_ms += self._times.expected_ms(name)

    def has_time_for(self, name: str) -> bool:
        """Whether this is expected to end in time."""
        if self._limit_ms is None:
            return True
        needed = self._times.expected_ms(name) + self._reserved_ms
        return self.timings.elapsed_ms() + needed <= self._limit_ms

    def allows(self, name: str, own_name: str = "") -> bool:
        """Whether there is time for this, known by its own name if it has one; else it is left out."""
        if self.has_time_for(own_name or name):
            return True
        self._left_out.append(name)
        return False

    @contextmanager
    def taking(self, name: str) -> Iterator[None]:
        """Learns how long what is done in the `with` block takes."""
        started = self.timings.elapsed_ms()
        yield
        self._times.note(name, self.timings.elapsed_ms() - started)
