"""What an index has said of pages, kept as long as nobody changes it: a search asks for hundreds of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock

from vdr.index.engine import StoredPage

_MOST = 50_000  # pages; about 20 MB


class KnownPages:
    """Pages by point id, for an index that nobody else writes to; threads may share it."""

    def __init__(self) -> None:
        self._pages: dict[str, StoredPage] = {}
        self._changes = 0
        self._lock = Lock()

    def get(
        self, points: Sequence[str], ask: Callable[[Sequence[str]], Mapping[str, StoredPage]]
    ) -> dict[str, StoredPage]:
        """The pages of these points, in their order, those not known from `ask`."""
        pages, changes = self._pages, self._changes
        found = {point: page for point in points if (page := pages.get(point)) is not None}
        if len(found) == len(points):
            return found
        asked = ask([point for point in points if point not in found])
        with self._lock:
            if changes == self._changes:  # else it may be what was there before
                self._keep(asked)
        return {point: page for point in points if (page := found.get(point) or asked.get(point)) is not None}

    def forget(self, points: Collection[str]) -> None:
        """Ask for these again; to be called once they have changed."""
        with self._lock:
            self._changes += 1
            for point in points:
                self._pages.pop(point, None)

    def forget_document(self, document_id: str) -> None:
        """Ask for the pages of a document again; to be called once they have changed."""
        self.forget(
            [point for point, page in self._pages.copy().items() if page.page.document_id == document_id]
        )

    def _keep(self, asked: Mapping[str, StoredPage]) -> None:
        self._pages.update(asked)
        for point in list(self._pages)[: max(len(self._pages) - _MOST, 0)]:
            del self._pages[point]
