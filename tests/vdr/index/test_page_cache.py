"""Pages are read once, and again after they have changed."""

from collections.abc import Mapping, Sequence

from vdr.index.engine import StoredPage
from vdr.index.page_cache import PageCache
from vdr.types import PageRef


class Index:
    """Pages that are there, and which of them were read."""

    def __init__(self) -> None:
        self.there = {str(n): StoredPage(PageRef(f"doc{n % 2}", n), f"{n % 2}.pdf") for n in range(6)}
        self.read: list[str] = []

    def pages(self, points: Sequence[str]) -> Mapping[str, StoredPage]:
        self.read += points
        return {point: self.there[point] for point in points if point in self.there}


def test_a_page_is_read_once() -> None:
    index, cache = Index(), PageCache()
    assert cache.pages(["1", "2"], index.pages) == {"1": index.there["1"], "2": index.there["2"]}
    assert [*cache.pages(["3", "2"], index.pages)] == ["2", "3"]
    assert index.read == ["1", "2", "3"]


def test_what_is_not_there_is_left_out_and_asked_for_again() -> None:
    index, cache = Index(), PageCache()
    assert cache.pages(["9"], index.pages) == {}
    index.there["9"] = index.there["1"]
    assert [*cache.pages(["9"], index.pages)] == ["9"]


def test_what_is_forgotten_is_read_again() -> None:
    index, cache = Index(), PageCache()
    cache.pages(["1", "2", "3"], index.pages)
    cache.forget(["1"])
    cache.forget(document_id="doc0")
    cache.pages(["1", "2", "3"], index.pages)
    assert index.read == ["1", "2", "3", "1", "2"]


def test_what_changes_while_it_is_read_is_not_kept() -> None:
    index, cache = Index(), PageCache()

    def read(points: Sequence[str]) -> Mapping[str, StoredPage]:
        before = index.pages(points)
        cache.forget(points)
        return before

    cache.pages(["1"], read)
    cache.pages(["1"], index.pages)
    assert index.read == ["1", "1"]


def test_those_kept_longest_give_way() -> None:
    index, cache = Index(), PageCache(most=2)
    cache.pages(["1", "2", "3"], index.pages)
    index.read = []
    cache.pages(["1", "2", "3"], index.pages)
    assert index.read == ["1"]
