"""The job of completing the words of one indexed document by OCR, gone on with after any crash."""

import logging
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import TypeVar

from indexer.jobs.patience import patiently
from indexer.library import Library
from vdr.errors import VdrError

_logger = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 15.0

T = TypeVar("T")


class OcrJob:
    """Lets OCR see the pages of a document one run after the other; the catalogue knows how far it is.

    It has no steps of its own to note: a run that is done again changes nothing, and costs seconds.
    """

    def __init__(self, library: Library, stop: Event, wait_for_quiet: Callable[[], None]) -> None:
        """`wait_for_quiet` is called before each run of pages, and returns once nothing is more urgent."""
        self._library, self._stop, self._wait_for_quiet = library, stop, wait_for_quiet

    def run(self, document_id: str, attempt: int) -> str:
        """The workflow: "done", or "given up" with the reason in the log."""
        try:
            document = self._patiently(lambda: self._library.check_attempt(document_id, attempt))
            runs = self._library.ocr_runs(document)
            for pages in runs:
                self._wait_for_quiet()
                self._patiently(partial(self._library.ocr_run, document_id, attempt, pages))
            if not runs:  # it is wanted no more
                self._patiently(lambda: self._library.catalogue.end_ocr(document_id))
        except Exception as error:  # whatever a library may raise
            _logger.log(
                logging.WARNING if isinstance(error, VdrError) else logging.ERROR,
                "%s is left without OCR: %s",
                document_id,
                error,
                exc_info=None if isinstance(error, VdrError) else error,
            )
            self._patiently(lambda: self._library.give_up_ocr(document_id, attempt))
            return "given up"
        return "done"

    def _patiently(self, work: Callable[[], T]) -> T:
        return patiently(work, self._stop, longest_pause_s=_LONGEST_PAUSE_S)
