"""What is read for metrics is kept for a while, the longer the longer reading takes."""

import pytest

from indexer.metrics.kept import Kept


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_is_read_again_once_it_is_old() -> None:
    clock, read = Clock(), iter(range(10))
    kept = Kept(lambda: next(read), 10.0, clock)
    assert [kept.get(), kept.get()] == [0, 0]
    clock.now = 9.9
    assert kept.get() == 0
    clock.now = 10.0
    assert kept.get() == 1


def test_what_takes_long_is_kept_for_twenty_times_as_long() -> None:
    clock = Clock()

    def slow() -> float:
        clock.now += 3.0
        return clock.now

    kept = Kept(slow, 10.0, clock)
    assert kept.get() == 3.0
    clock.now = 62.9
    assert kept.get() == 3.0
    clock.now = 63.0
    assert kept.get() == 66.0


def test_a_failure_is_not_kept() -> None:
    attempts = iter((0, 1))

    def read() -> float:
        return 7 / next(attempts)

    kept = Kept(read, 10.0, Clock())
    with pytest.raises(ZeroDivisionError):
        kept.get()
    assert kept.get() == 7
