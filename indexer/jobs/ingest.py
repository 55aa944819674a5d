"""The job of indexing one document: durable steps, each a run of pages, gone on with after any crash."""

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from dbos import DBOS

from indexer.jobs.patience import Stopped, patiently
from indexer.library import Library
from indexer.pdf.prepare import PreparedPages
from vdr.errors import VdrError
from vdr.types import DocumentState

_logger = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 15.0

T = TypeVar("T")


class Ingest:
    """Indexes a document of a library as a workflow of DBOS.

    What may pass (a server that is away, a full disk) is tried again until it has; anything else fails the
    document.
    """

    def __init__(self, library: Library, stop: Event, tell: Callable[[str], None] | None = None) -> None:
        """`tell` is called with the document's id, as the last step."""
        self._library, self._stop, self._tell = library, stop, tell

    def run(self, document_id: str, attempt: int) -> str:
        """The workflow: the state that the document is left in; "gone" if it is deleted or queued anew."""
        state = self._run(document_id, attempt)
        tell = self._tell
        if tell is not None:
            self._step("tell", lambda: tell(document_id))
        return state

    def _run(self, document_id: str, attempt: int) -> str:
        try:
            runs = self._step("begin", lambda: self._begin(document_id, attempt))
            if runs is None:
                return "gone"
            self._index(document_id, attempt, [range(*run) for run in runs])
            return self._step("finish", lambda: self._library.finish(document_id).state.value)
        except VdrError as error:
            return self._give_up(document_id, error)
        except Exception as error:  # whatever a model or a library may raise
            _logger.exception("%s failed.", document_id)
            unexpected = VdrError(f"An unexpected error: {type(error).__name__}: {error}")
            return self._give_up(document_id, unexpected)

    def _begin(self, document_id: str, attempt: int) -> list[tuple[int, int]] | None:
        document = self._library.catalogue.find(document_id)
        if document is None or document.attempt != attempt or document.state is DocumentState.CANCELLED:
            return None
        return [(run.start, run.stop) for run in self._library.begin(document_id)]

    def _index(self, document_id: str, attempt: int, runs: Sequence[range]) -> None:
        pages_left = sum(map(len, runs))
        with _ahead(self._library, document_id, runs) as take:
            for place, run in enumerate(runs):
                pages_left -= len(run)

                def index(place: int = place, pages_left: int = pages_left) -> int:
                    self._library.check_attempt(document_id, attempt)
                    return self._library.index_run(document_id, take(place), pages_left).pages_done

                self._step("index_run", index)

    def _give_up(self, document_id: str, error: VdrError) -> str:
        self._patiently(lambda: self._library.give_up(document_id, error))
        document = self._patiently(lambda: self._library.catalogue.find(document_id))
        if document is not None and document.state is DocumentState.FAILED:
            _logger.warning("%s (%s) failed: %s", document.name, document_id, error)
        return "gone" if document is None else document.state.value

    def _step(self, name: str, work: Callable[[], T]) -> T:
        """A step that is not done again once its result is noted."""
        if self._stop.is_set():
            raise Stopped
        return DBOS.run_step({"name": name}, lambda: self._patiently(work))

    def _patiently(self, work: Callable[[], T]) -> T:
        return patiently(work, self._stop, longest_pause_s=_LONGEST_PAUSE_S)


@contextmanager
def _ahead(
    library: Library, document_id: str, runs: Sequence[range]
) -> Generator[Callable[[int], PreparedPages], None, None]:
    """Gives the runs of pages by their place, ever later ones, and makes those after it ready meanwhile.

    Nothing is made ready before the first is asked for: steps that are noted already do not ask.
    """
    started: Generator[PreparedPages, None, None] | None = None
    at, current = -1, None

    def take(place: int) -> PreparedPages:
        nonlocal started, at, current
        if place == at and current is not None:  # the step is tried again
            return current
        if started is None:
            started = library.prepared(document_id, runs[place:])
        current, at = next(started), place
        return current

    try:
        yield take
    finally:
        if started is not None:
            started.close()
