"""Keeps searches without making them wait: a thread of its own writes down, in batches, what was answered."""

import logging
from collections import deque
from threading import Condition, Event, Thread
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from vdr.catalogue.searches import expire, keep_searches
from vdr.errors import VdrError
from vdr.feedback import KeptSearch, days_ago
from vdr.settings import FeedbackSettings

_LOG = logging.getLogger(__name__)
# A crash loses what was answered in this time; each batch waits for the disk once.
_GATHER_S = 1.0
_MOST_WAITING = 2_000  # of some kilobytes each: what a database that does not answer may hold up
_EXPIRE_EVERY_S = 600.0
_STEP_PAUSE_S = 0.05  # between steps of deleting, for others who write
_PATIENCE_S = 5.0


class SearchKeeper:
    """Writes searches to the database in the background, and deletes those whose time is over.

    Threads may share it. It begins with the first search, or with `start`. Where the database does not keep
    up, searches are dropped and counted in `dropped`, never waited for.
    """

    def __init__(self, engine: Engine, settings: FeedbackSettings) -> None:
        self._engine, self._settings = engine, settings
        self._waiting: deque[tuple[str, KeptSearch]] = deque()
        self._changed, self._hurry = Condition(), Event()
        self._handed_in = self._done = self.dropped = 0
        self._is_closing, self._thread = False, None  # type: bool, Thread | None
        self._expired_at: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether searches are kept at all."""
        return self._settings.keep_searches_days > 0

    def start(self) -> None:
        """Begin to delete what is over, also where no search is ever kept."""
        with self._changed:
            self._begin()

    def keep(self, collection: str, search: KeptSearch) -> None:
        """Hand in a search, at once; it is written within a second or so."""
        with self._changed:
            if self._is_closing or len(self._waiting) >= _MOST_WAITING:
                self.dropped += 1
                return
            self._waiting.append((collection, search))
            self._handed_in += 1
            self._begin()
            self._changed.notify_all()

    def flush(self) -> None:
        """Wait until all that was handed in before is written, or could not be; a few seconds at most."""
        with self._changed:
            wanted = self._handed_in
            self._hurry.set()
            self._changed.wait_for(lambda: self._done >= wanted, _PATIENCE_S)

    def close(self) -> None:
        """Write what is left, and end."""
        with self._changed:
            self._is_closing = True
            self._hurry.set()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="search-keeper", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closing, self._until_expiry())
            if self._waiting:
                self._hurry.wait(_GATHER_S)
                self._write()
            self._expire()
            with self._changed:
                if self._is_closing and not self._waiting:
                    return

    def _write(self) -> None:
        with self._changed:
            self._hurry.clear()
            batch = list(self._waiting)
            self._waiting.clear()
        try:
            keep_searches(self._engine, batch)
        except (VdrError, SQLAlchemyError, ValueError) as error:  # the next ones may be better
            self.dropped += len(batch)
            _LOG.warning("%d searches were not kept: %s", len(batch), error)
        finally:
            with self._changed:
                self._done += len(batch)
                self._changed.notify_all()

    def _until_expiry(self) -> float:
        return 0.0 if self._expired_at is None else self._expired_at + _EXPIRE_EVERY_S - monotonic()

    def _expire(self) -> None:
        if self._until_expiry() > 0:
            return
        self._expired_at = monotonic()
        judged_days = self._settings.keep_feedback_days
        asked_before = days_ago(self._settings.keep_searches_days)
        judged_before = None if judged_days is None else days_ago(judged_days)
        try:
            while expire(self._engine, asked_before, judged_before) and not self._is_closing:
                self._hurry.wait(_STEP_PAUSE_S)
        except VdrError as error:
            _LOG.warning("Searches whose time is over were not deleted: %s", error)
