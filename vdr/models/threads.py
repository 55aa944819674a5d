"""Keeps what a thread asks of torch on that thread, and leaves the rest of the process as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """In the block, torch starts no threads for the one that is in it.

    Not torch.set_num_threads: threads that use torch for the first time later would have one as well.
    """
    torch.get_num_threads()  # asked for the first time in a thread, torch sets it to what the process has
    with _openmp().limit(limits=1):
        yield


def stay_on_one_thread() -> None:
    """The same for as long as the calling thread lives: for the first thing that a pool's thread does."""
    torch.get_num_threads()
    _openmp().limit(limits=1)


@cache
def _openmp() -> ThreadpoolController:
    # The number that it sets is one of the calling thread alone.
    return ThreadpoolController().select(user_api="openmp")
