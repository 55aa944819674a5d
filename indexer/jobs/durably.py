"""Carrying out a job durably: noted steps are not done again, and what may pass is waited for."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from dbos import DBOS

from indexer.jobs.patience import Stopped, patiently

_LONGEST_PAUSE_S = 15.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Durably:
    """An Execution within a workflow of DBOS, until `stop` is set."""

    stop: Event

    def remember(self, name: str, work: Callable[[], T]) -> T:
        """The result of a step, noted in the database. Raises Stopped when the worker stops."""
        if self.stop.is_set():
            raise Stopped
        return DBOS.run_step({"name": name}, lambda: self.insist(work))

    def insist(self, work: Callable[[], T]) -> T:
        """The result of what is tried until the database, the index and the objects answer."""
        return patiently(work, self.stop, longest_pause_s=_LONGEST_PAUSE_S)
