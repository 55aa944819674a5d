"""Tasks run ahead of the consumer, in order, in bounded number."""

from functools import partial
from threading import Event, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.ahead import ahead


class Gauge:
    """Counts results that were begun and not yet given up by the consumer."""

    def __init__(self):
        self.held = self.highest = 0
        self._lock = Lock()

    def begin(self, value):
        with self._lock:
            self.held += 1
            self.highest = max(self.highest, self.held)
        return value

    def give_up(self):
        with self._lock:
            self.held -= 1


@given(count=st.integers(0, 30), workers=st.integers(1, 4))
def test_results_come_in_order_and_few_are_held_at_once(count, workers):
    gauge = Gauge()
    tasks = (partial(gauge.begin, n) for n in range(count))
    results = []
    for result in ahead(tasks, workers):
        results.append(result)
        gauge.give_up()
    assert results == list(range(count))
    assert gauge.highest <= workers + 1


def test_tasks_run_at_the_same_time():
    first, second = Event(), Event()

    def meet(mine, other):
        mine.set()
        return other.wait(10)

    assert list(ahead([partial(meet, first, second), partial(meet, second, first)], 2)) == [True, True]


def test_the_next_task_runs_while_the_consumer_works():
    begun = Event()
    results = ahead([lambda: None, begun.set], 1)
    next(results)
    assert begun.wait(10)
    results.close()


def test_an_exception_comes_in_its_turn():
    results = ahead([lambda: 1, lambda: 1 // 0], 2)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_closing_begins_nothing_more():
    begun = []
    results = ahead((partial(begun.append, n) for n in range(100)), 1)
    next(results)
    results.close()
    assert len(begun) <= 3
