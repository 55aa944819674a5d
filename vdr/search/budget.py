"""The time that a search may take: a stage that would take longer is left out, and the answer says so."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from threading import Lock

import numpy as np

from vdr.errors import BudgetTooSmall
from vdr.search.timings import Timings
from vdr.spans import span

FIRST_STAGES = "first stages"  # without which nothing is found
SNIPPETS = "snippets"
ASKED_AGAIN = "asked again"  # with its words corrected
_REMEMBERED = 50  # times of each stage
_PERCENTILE = 90


class StageTimes:
    """How long stages have taken lately; safe from several threads."""

    def __init__(self) -> None:
        self._known: defaultdict[str, deque[float]] = defaultdict(partial(deque, maxlen=_REMEMBERED))
        self._lock = Lock()

    def note(self, stage: str, ms: float) -> None:
        """Remember what a stage has taken."""
        with self._lock:
            self._known[stage].append(ms)

    def forget_one(self, stage: str) -> None:
        """Forget the oldest time of a stage, so that one that is left out is tried again after a while."""
        with self._lock:
            if known := self._known.get(stage):
                known.popleft()

    def expected_ms(self, stage: str) -> float:
        """What nine of ten took at most; 0 for a stage that nobody has seen."""
        with self._lock:
            known = list(self._known.get(stage, ()))
        return float(np.percentile(known, _PERCENTILE)) if known else 0.0


class Budget:
    """What is left of a search's time, `limit_ms` since its `timings` run; None: as long as it takes.

    Searches of another `kind` take another time.
    """

    def __init__(
        self,
        timings: Timings | None = None,
        limit_ms: float | None = None,
        times: StageTimes | None = None,
        kind: str = "",
    ) -> None:
        self.timings, self._limit_ms, self._kind = timings or Timings(), limit_ms, kind
        self._times = times or StageTimes()
        self._left_out: list[str] = []

    @property
    def left_out(self) -> tuple[str, ...]:
        """What there was no time for, each once."""
        return tuple(dict.fromkeys(self._left_out))

    def check(self) -> None:
        """Raise BudgetTooSmall where there is no time for what no search does without."""
        if not self._has_time_for(FIRST_STAGES):
            raise BudgetTooSmall(f"A search takes longer than budget_ms={self._limit_ms:g}.")

    def allows(self, name: str, *parts: str) -> bool:
        """Whether there is time for this, or all of its parts; else it is left out."""
        if self._has_time_for(*(parts or (name,))):
            return True
        self._left_out.append(name)
        return False

    @contextmanager
    def taking(self, name: str, *, is_part: bool = False) -> Iterator[None]:
        """Learns how long what is done in the `with` block takes, which is a span unless it is a part."""
        started = self.timings.elapsed_ms()
        with nullcontext() if is_part else span(name):
            yield
        self._times.note(self._key(name), self.timings.elapsed_ms() - started)

    def _has_time_for(self, *names: str) -> bool:
        """Whether these end in time, and the snippets after them."""
        if self._limit_ms is None:
            return True
        keys = [self._key(name) for name in (*names, SNIPPETS)]
        needed = sum(self._times.expected_ms(key) for key in keys)
        if self.timings.elapsed_ms() + needed <= self._limit_ms:
            return True
        for key in keys:
            self._times.forget_one(key)
        return False

    def _key(self, name: str) -> str:
        return f"{self._kind} {name}" if self._kind else name
