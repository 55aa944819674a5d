"""A stopwatch for the parts of a search: the one place where their time is taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from vdr.spans import span


class Timings:
    """Runs from when it is made. Several parts of one name add up."""

    def __init__(self) -> None:
        self._started = perf_counter()
        self._parts: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Counts what is done in the `with` block, which is a span."""
        started = perf_counter()
        with span(name):
            yield
        self._parts[name] = self._parts.get(name, 0.0) + _ms_since(started)

    def leave_out(self, ms: float) -> None:
        """Count so many of the milliseconds until now for nothing."""
        self._started += ms / 1_000

    def elapsed_ms(self) -> float:
        """Milliseconds of everything until now."""
        return _ms_since(self._started)

    def in_ms(self) -> dict[str, float]:
        """Milliseconds of each part, and in "total" of everything until now."""
        return {**self._parts, "total": self.elapsed_ms()}


def _ms_since(started: float) -> float:
    return round((perf_counter() - started) * 1_000, 3)
