"""What was worked out, kept in memory up to a number of bytes: the least recently used goes first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key, together at most `most_bytes` large by what is said of each. Threads may share one.

    >>> known = Remembered[str, str](10)
    >>> known.put("one", "1", size_bytes=4), known.put("two", "2", size_bytes=4), known.get("one")
    (None, None, '1')
    >>> known.put("three", "3", size_bytes=4), known.get("two"), known.get("one")
    (None, None, '1')
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size_bytes = 0
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value of a key, None where it is not known (any more)."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: K, value: V, size_bytes: int) -> None:
        """Keep a value; one that is larger than all of them may be is not kept."""
        if size_bytes > self.most_bytes:
            return
        with self._lock:
            _, before = self._kept.pop(key, (None, 0))
            self._kept[key] = (value, size_bytes)
            self._size_bytes += size_bytes - before
            while self._size_bytes > self.most_bytes:
                _, (_, size) = self._kept.popitem(last=False)
                self._size_bytes -= size

    def made(self, key: K, make: Callable[[], V], size_of: Callable[[V], int]) -> V:
        """The value of a key, made and kept where it is not known; two threads may both make it."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found, size_of(found))
        return found

    def __len__(self) -> int:
        return len(self._kept)


def remembering(
    most_bytes: int, size_of: Callable[[Any], int]
) -> Callable[[Callable[[K], V]], Callable[[K], V]]:
    """Has a function of one argument remember what it gave, as `functools.lru_cache` does by number."""

    def wrapped(make: Callable[[K], V]) -> Callable[[K], V]:
        known = Remembered[K, V](most_bytes)
        return lambda key: known.made(key, lambda: make(key), size_of)

    return wrapped
