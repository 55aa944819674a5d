"""A small folder with PDFs and questions, and the settings to evaluate it with."""

import pytest

from tests.fixtures.libraries import library_settings
from tests.training.evaluate.folders import write_folder


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "folder")


@pytest.fixture
def settings(tmp_path):
    return library_settings(tmp_path / "never-used")
