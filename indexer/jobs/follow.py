"""Follows documents that workers index, by looking at the catalogue."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Event
from time import sleep
from typing import TypeVar

from indexer.jobs.heartbeat import Onlooker
from indexer.jobs.patience import patiently
from indexer.progress import got_on
from vdr.catalogue.documents import Catalogue
from vdr.types import Document

_LOOK_S = 1.0
_LONGEST_PAUSE_S = 15.0

T = TypeVar("T")


def follow(
    catalogue: Catalogue, documents: Sequence[Document], onlooker: Onlooker, say_alone: Callable[[], None]
) -> Iterator[tuple[Document, Document | None]]:
    """Each document before and after it has got on, until all are finished; None after it was deleted.

    Waits while the database is unavailable. `say_alone` is called whenever no worker is left to wait for.
    """
    open_ends = {document.document_id: document for document in documents}
    was_alone = False
    while True:
        yield from got_on(open_ends, _patiently(partial(_look, catalogue, list(open_ends))))
        if not open_ends:
            return
        is_alone = not _patiently(onlooker.sees_a_worker)
        if is_alone and not was_alone:
            say_alone()
        was_alone = is_alone
        sleep(_LOOK_S)


def _look(catalogue: Catalogue, document_ids: Sequence[str]) -> dict[str, Document | None]:
    """The documents as they stand, None for one that is not there."""
    unfinished = {document.document_id: document for document in catalogue.unfinished()}
    return {each: unfinished.get(each) or catalogue.find(each) for each in document_ids}


def _patiently(work: Callable[[], T]) -> T:
    return patiently(work, Event(), longest_pause_s=_LONGEST_PAUSE_S)
