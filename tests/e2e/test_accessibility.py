"""Every state of the web UI is without fault for axe, at three widths, in the light and in the dark.

`python -m benchmarks.ui_weight` looks at every state in every combination of them.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.app.conftest import TRAM, WHALES
from tests.fixtures.pdfs import write_encrypted, write_pdf
from tests.fixtures.serving import serving
from tests.fixtures.ui_states import Look, fill, states, violations_in

STATES = (
    "home",
    "results",
    "grouped",
    "no results",
    "viewer",
    "heat map",
    "page alone",
    "selected",
    "deletion",
    "locked PDF",
    "results by image",
    "dropped image",
    "not found",
)
LOOKS: Sequence[Look] = [(1280, "light"), (768, "dark"), (390, "light")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("states")


@pytest.fixture(scope="module")
def filled(browser: Browser, folder: Path) -> Iterator[str]:
    """The address of a library with a document of a long name."""
    pdfs = [write_pdf(folder / f"{'whale_' * 38}.pdf", WHALES), write_pdf(folder / "tram.pdf", TRAM)]
    with serving(folder) as address:
        page = browser.new_page()
        fill(page, address, pdfs)
        page.close()
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(reduced_motion="reduce")
    yield page
    page.close()


def test_an_empty_library(page: Page, address: str) -> None:
    page.goto(address)
    assert violations_in(page, LOOKS) == []


@pytest.mark.parametrize("state", STATES)
def test_a_state(page: Page, filled: str, folder: Path, state: str) -> None:
    locked, image = folder / "locked.pdf", folder / "whale.png"
    write_encrypted(locked, user_password="sesame")
    Image.new("RGB", (300, 400), "white").save(image)
    states(locked, image)[state](page, filled)
    assert violations_in(page, LOOKS) == []


def test_no_state_is_left_out() -> None:
    assert tuple(states(Path(), Path())) == STATES
