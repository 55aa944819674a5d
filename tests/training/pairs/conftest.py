"""A small data set of pairs, and quiet libraries."""

import datasets
import pytest

from tests.training.pairs.parts import write_small
from vdr.settings import IngestSettings


@pytest.fixture(scope="session", autouse=True)
def without_bars():
    datasets.disable_progress_bars()


@pytest.fixture
def small(tmp_path):
    return write_small(tmp_path / "small")


@pytest.fixture
def settings():
    return IngestSettings(page_long_side=256)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("cache"))
