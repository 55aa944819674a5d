import os

import pytest
import torch

from tests.fixtures.pairs import write_pairs
from training.fit.config import EmbedderConfig, parse_config


@pytest.fixture(autouse=True, scope="module")
def as_many_threads_as_a_new_process():
    """What ran before in this process may have changed how many there are, and so how sums are rounded."""
    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    """Three documents of six pages, the last one held out."""
    return write_pairs(tmp_path_factory.mktemp("pairs") / "pairs")


@pytest.fixture(scope="session")
def thumbnails(tmp_path_factory):
    """The same with pages so small that a vision-language model on a CPU sees them quickly."""
    return write_pairs(tmp_path_factory.mktemp("thumbnails") / "pairs", size=(128, 160))


@pytest.fixture
def configured(pairs, tmp_path):
    """Makes configurations of a quick training of the page reader; sections given replace its own."""

    def configure(**sections):
        told = {
            "run": {"folder": str(tmp_path / "run")},
            "model": {"add_projection": True},
            "data": {"pairs": str(pairs), "negatives": 1},
            "loss": {"matryoshka": {"dims": [1024, 64]}},
            "optimizer": {"batch_size": 6, "learning_rate": 0.01, "steps": 12},
            "evaluation": {"every_steps": 4},
        }
        return parse_config({**told, **sections}, EmbedderConfig, "test.toml")

    return configure
