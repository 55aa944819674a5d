"""How many searches may be there at once: what comes beyond is refused, as whoever waits long has gone."""

from collections.abc import Iterator
from contextlib import contextmanager

from vdr.errors import TooManySearches


class Admission:
    """Lets in `most` at once; to be used within one event loop."""

    def __init__(self, most: int) -> None:
        self._most, self._there = most, 0

    @property
    def free(self) -> int:
        """How many more it would let in."""
        return self._most - self._there

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Takes a place for the block. Raises TooManySearches where none is left."""
        if not self.free:
            raise TooManySearches(f"{self._there:,} searches are at work or waiting already.")
        self._there += 1
        try:
            yield
        finally:
            self._there -= 1
