"""Heartbeats: each worker keeps increasing a counter in the database, and the others notice when it stops."""

import math
import time
from collections.abc import Callable, Set

from sqlalchemy import Engine, delete, insert, select, update

from vdr.catalogue.tables import workers as _workers

PATIENCE_S = 20.0


class Heartbeat:
    """The beat of one worker, and its eye on the others. Clocks of machines are not compared, only beats."""

    def __init__(
        self,
        engine: Engine,
        executor_id: str,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._executor_id, self._patience_s = engine, executor_id, patience_s
        self._clock = clock
        self._looked = -math.inf
        self._seen: dict[str, tuple[int | None, float]] = {}  # the last beat of each, and when it was new

    def beat(self) -> None:
        """Count one further."""
        mine = _workers.c.executor_id == self._executor_id
        with self._engine.begin() as connection:
            counted = connection.execute(update(_workers).where(mine).values(beat=_workers.c.beat + 1))
            if counted.rowcount == 0:
                connection.execute(insert(_workers).values(executor_id=self._executor_id, beat=0))

    def leave(self) -> None:
        """Be no longer there, and nobody to take over from."""
        with self._engine.begin() as connection:
            connection.execute(delete(_workers).where(_workers.c.executor_id == self._executor_id))

    def claim_dead(self, at_work: Set[str]) -> list[str]:
        """Workers among those that beat or are said to be `at_work` that have died, each only once.

        To be called several times within the patience: one that could not look for half of it gives everybody
        a whole one anew, for where the database was away nobody could beat either.
        """
        beats = _beats(self._engine)
        now = self._clock()
        if now - self._looked > self._patience_s / 2:
            self._seen.clear()
        self._looked = now
        others = (beats.keys() | at_work) - {self._executor_id}
        self._seen = {name: seen for name, seen in self._seen.items() if name in others}
        return [name for name in sorted(others) if self._has_died(name, beats.get(name), now)]

    def _has_died(self, name: str, beat: int | None, now: float) -> bool:
        last, since = self._seen.setdefault(name, (beat, now))
        if beat != last:
            self._seen[name] = (beat, now)
            return False
        return now - since >= self._patience_s and (beat is None or self._claim(name, beat))

    def _claim(self, name: str, beat: int) -> bool:
        """Take a worker's row away; False if it has beaten since, or another was faster."""
        stopped = (_workers.c.executor_id == name) & (_workers.c.beat == beat)
        with self._engine.begin() as connection:
            return connection.execute(delete(_workers).where(stopped)).rowcount == 1


class Onlooker:
    """Sees whether there is a worker at all; it is none itself."""

    def __init__(
        self, engine: Engine, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._patience_s, self._clock = engine, patience_s, clock
        self._looked, self._since = -math.inf, -math.inf
        self._seen: dict[str, int] = {}

    def sees_a_worker(self) -> bool:
        """Whether one has beaten within the patience, as far as can be told; to be asked again and again."""
        beats, now = _beats(self._engine), self._clock()
        has_been_away = now - self._looked > self._patience_s / 2
        if has_been_away or beats.items() - self._seen.items():
            self._since = now
        self._seen, self._looked = beats, now
        return bool(beats) and now - self._since < self._patience_s


class Watch:
    """Counts the workers that live, however seldom it is asked; it is none itself."""

    def __init__(
        self, engine: Engine, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._patience_s, self._clock = engine, patience_s, clock
        self._seen: dict[str, tuple[int, float]] = {}  # the last beat of each, and when it was new here

    def count(self) -> int:
        """How many have beaten within the patience; one that is seen for the first time is taken to live."""
        beats, now = _beats(self._engine), self._clock()
        before = self._seen
        self._seen = {
            name: before[name] if name in before and before[name][0] == beat else (beat, now)
            for name, beat in beats.items()
        }
        return sum(now - since < self._patience_s for _, since in self._seen.values())


def _beats(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        rows = connection.execute(select(_workers.c.executor_id, _workers.c.beat)).all()
    return {row.executor_id: row.beat for row in rows}
