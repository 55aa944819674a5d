"""Runs tasks in threads ahead of the one who takes their results, in order and in bounded memory."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(tasks: Iterable[Callable[[], T]], workers: int) -> Generator[T, None, None]:
    """The results of `tasks` in order, `workers` of them running at once.

    While the caller works on one result, at most `workers` others run or lie ready: no more are ever
    kept in memory, however many tasks there are. Closing the iterator cancels what has not begun and waits
    for what has. An exception of a task is raised in its turn.
    """
    waiting: deque[Future[T]] = deque()
    executor = ThreadPoolExecutor(workers, thread_name_prefix="ahead")
    try:
        for task in tasks:
            waiting.append(executor.submit(task))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
