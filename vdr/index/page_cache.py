"""The pages that were asked for lately, by their points: a search asks for some five hundred.

The engine reads and parses the payload of each, which takes longer than finding them. Of a page that was kept
about 0.4 KB are held.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from sys import intern
from threading import Lock

from vdr.index.engine import StoredPage
from vdr.types import PageRef

PAGES = 100_000
_Read = Callable[[Sequence[str]], Mapping[str, StoredPage]]


class PageCache:
    """Pages by point; threads may share one."""

    def __init__(self, most: int = PAGES) -> None:
        self._most = most
        self._pages: dict[str, StoredPage] = {}
        self._lock = Lock()
        self._changes = 0

    def pages(self, points: Sequence[str], read: _Read) -> dict[str, StoredPage]:
        """The pages of these points; those not kept are read, and those not there left out."""
        with self._lock:
            known = {point: page for point in points if (page := self._pages.get(point)) is not None}
            changes = self._changes
        missing = [point for point in points if point not in known]
        if missing:
            found = {point: _shared(page) for point, page in read(missing).items()}
            self._keep(found, changes)
            known.update(found)
        return known

    def forget(self, points: Collection[str] = (), document_id: str | None = None) -> None:
        """Read these points, and all of a document, anew the next time."""
        with self._lock:
            self._changes += 1
            for point in points:
                self._pages.pop(point, None)
            if document_id is not None:
                gone = [key for key, page in self._pages.items() if page.page.document_id == document_id]
                for point in gone:
                    del self._pages[point]

    def _keep(self, found: Mapping[str, StoredPage], changes: int) -> None:
        """Keep what was read, unless something has changed since: it may be what it was before."""
        with self._lock:
            if changes != self._changes:
                return
            self._pages.update(found)
            beyond = max(len(self._pages) - self._most, 0)
            for oldest in list(islice(self._pages, beyond)):
                del self._pages[oldest]


def _shared(page: StoredPage) -> StoredPage:
    """The page with the same strings as others of its document."""
    ref = PageRef(intern(page.page.document_id), page.page.page_number)
    return StoredPage(
        ref, intern(page.document_name), intern(page.page_label), intern(page.title), page.page_count
    )
