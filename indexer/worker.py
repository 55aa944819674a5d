"""The worker: a thread that indexes what the catalogue has queued, one document after the other."""

import logging
from threading import Event, Thread

from indexer.library import Library
from indexer.progress import Progress
from vdr.errors import IndexUnavailable, VdrError
from vdr.types import Document

_logger = logging.getLogger(__name__)

_PAUSE_S = 5.0  # before trying again what failed for a reason that lies outside of the document


class Worker:
    """Takes unfinished documents, oldest first; those of an earlier run of the program among them."""

    def __init__(self, library: Library, progress: Progress | None = None, pause_s: float = _PAUSE_S) -> None:
        self._library = library
        self._progress = progress
        self._pause_s = pause_s
        self._stop = Event()
        self._wake = Event()
        self._thread = Thread(target=self._run, name="vdr-worker", daemon=True)

    def start(self) -> None:
        """Begin; once only."""
        self._thread.start()

    def wake(self) -> None:
        """Tell the worker that a document has been queued."""
        self._wake.set()

    def stop(self) -> None:
        """End after the run of pages at hand; the document goes on where it was at the next start."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            if not self._work_once():
                self._wake.wait(self._pause_s)

    def _work_once(self) -> bool:
        """Index one document; False if there was none or it is better to wait before the next."""
        try:
            self._library.finish_deletions()
            document = self._library.catalogue.next_unfinished()
            return document is not None and self._index(document)
        except Exception:  # the outermost edge: this thread must outlive a full disk or a lost server
            _logger.exception("The worker could not go on and will try again in %g s.", self._pause_s)
            return False

    def _index(self, document: Document) -> bool:
        try:
            self._library.process(document.document_id, self._progress, self._stop)
        except IndexUnavailable as error:
            _logger.warning("%s waits to be indexed: %s", document.name, error)
            return False
        except VdrError as error:
            if self._library.catalogue.find(document.document_id) is None:
                _logger.info("%s was deleted while it was being indexed.", document.name)
            else:
                _logger.warning("%s (%s) failed: %s", document.name, document.document_id, error)
        except Exception as error:  # the outermost edge: whatever a model or a library may raise
            _logger.exception("%s (%s) failed.", document.name, document.document_id)
            self._library.catalogue.fail(document.document_id, _unexpected(error))
        return True


def _unexpected(error: Exception) -> VdrError:
    return VdrError(f"An unexpected error: {type(error).__name__}: {error}")
