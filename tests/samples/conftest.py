"""The corpus, written once for all tests of this folder."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from samples.corpus import SampleCorpus, write_samples


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> SampleCorpus:
    return write_samples(tmp_path_factory.mktemp("samples") / "out")


def plain(text: str) -> str:
    """Text with single spaces and keyboard's quotes and dashes, as answers are written."""
    straight = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("\N{EN DASH}", "-")
    return re.sub(r"\s+", " ", straight)


@cache
def text_layer(pdf: Path) -> tuple[str, ...]:
    """The text layer of each page as poppler reads it."""
    done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
    return tuple(plain(page) for page in done.stdout.split("\f")[:-1])
