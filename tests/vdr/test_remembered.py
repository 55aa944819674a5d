"""What is remembered is bounded by bytes, and the least recently used goes first."""

from hypothesis import given
from hypothesis import strategies as st

from vdr.remembered import Remembered, remembering


def test_the_least_recently_used_goes_first() -> None:
    known = Remembered[str, int](10)
    for name in "abc":
        known.put(name, ord(name), size_bytes=3)
    known.get("a")
    known.put("d", 0, size_bytes=3)
    assert [name for name in "abcd" if known.get(name) is not None] == ["a", "c", "d"]


def test_what_is_larger_than_all_may_be_is_not_kept_and_costs_nobody_a_place() -> None:
    known = Remembered[str, int](10)
    known.put("a", 1, size_bytes=10)
    known.put("b", 2, size_bytes=11)
    assert (known.get("a"), known.get("b")) == (1, None)


def test_nothing_is_kept_without_room() -> None:
    known = Remembered[str, int](0)
    known.put("a", 1, size_bytes=1)
    assert len(known) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 12))))
def test_the_sizes_together_are_never_above_the_bound(puts: list[tuple[int, int]]) -> None:
    known, sizes = Remembered[int, int](20), {}
    for key, size in puts:
        known.put(key, size, size)
        sizes[key] = size
        kept = [found for each in sizes if (found := known.get(each)) is not None]
        assert sum(kept) <= 20
        assert known.get(key) == size


def test_a_function_makes_each_once_while_there_is_room() -> None:
    made: list[str] = []

    @remembering(10, len)
    def twice(word: str) -> str:
        made.append(word)
        return word * 2

    assert [twice("ab"), twice("ab"), twice("abcd"), twice("ab"), twice("abcdef")] == [
        "abab",
        "abab",
        "abcdabcd",
        "abab",
        "abcdefabcdef",
    ]
    assert made == ["ab", "abcd", "ab", "abcdef"]
