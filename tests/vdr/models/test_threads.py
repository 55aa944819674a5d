"""One thread for some of what torch does, and as many as before for all else in the process."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch

from vdr.models.embedder import load_embedder
from vdr.models.threads import one_thread, stay_on_one_thread
from vdr.settings import PAGE_READER, ModelSettings


@pytest.fixture(autouse=True)
def three():
    """A number that no default has."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def in_a_new_thread(initializer=None):
    with ThreadPoolExecutor(1, initializer=initializer) as pool:
        return pool.submit(torch.get_num_threads).result()


def test_only_the_thread_in_the_block_has_one():
    with one_thread():
        assert torch.get_num_threads() == 1
        assert in_a_new_thread() == 3
    assert torch.get_num_threads() == 3


def test_a_new_thread_that_begins_with_the_block_has_as_many_afterwards():
    def use():
        with one_thread():
            inside = torch.get_num_threads()
        return inside, torch.get_num_threads()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(use).result() == (1, 3)


def test_the_threads_of_a_pool_can_stay_on_one():
    assert in_a_new_thread(stay_on_one_thread) == 1
    assert (torch.get_num_threads(), in_a_new_thread()) == (3, 3)


def test_a_page_reader_changes_nothing_for_models_beside_it(monkeypatch):
    embedder: Any = load_embedder(ModelSettings(embedder=PAGE_READER))
    assert (torch.get_num_threads(), in_a_new_thread()) == (3, 3)
    had, preprocess = [], embedder._model.preprocess
    monkeypatch.setattr(
        embedder._model,
        "preprocess",
        lambda *args, **options: had.append(torch.get_num_threads()) or preprocess(*args, **options),
    )
    embedder.encode_queries(["quay"])
    assert had == [1]
    assert (torch.get_num_threads(), in_a_new_thread()) == (3, 3)
