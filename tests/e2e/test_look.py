"""What only pixels show: marks that can be seen on any print, and no strip beside an open page."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, expect
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.conftest import CHROMIUM
from tests.fixtures.pdfs import A4, write_pdf
from tests.fixtures.serving import serving
from tests.fixtures.ui_states import fill

SCHEMES = ("light", "dark")
SEEN = 40  # of 255: what an eye does not miss
ALIKE = 24  # as much as the shadow of the dialog differs along its edge


def write_slide(path: Path) -> Path:
    """White print on a dark page."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFillColorRGB(0.07, 0.08, 0.12)
    canvas.rect(0, 0, *A4, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.setFont("Helvetica", 30)
    canvas.drawString(60, 700, "Humpback whales sing")
    canvas.save()
    return path


@pytest.fixture(scope="module")
def filled(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("look")
    paper = write_pdf(folder / "paper.pdf", ["Humpback whales sing"])
    with serving(folder) as address:
        page = browser.new_page()
        fill(page, address, [write_slide(folder / "slide.pdf"), paper])
        page.close()
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose scrollbar takes room, as it does at most desks."""
    program = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu"],
        ignore_default_args=["--hide-scrollbars"],
    )
    yield program.new_page(reduced_motion="reduce")
    program.close()


def opened(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/?q=whales")
    page.locator(".hit", has_text=name).locator(".open").click()
    expect(page.locator(".stage img")).to_have_js_property("complete", True)


def pixels(page: Page, clip: FloatRect | None = None) -> NDArray[np.int16]:
    image = Image.open(BytesIO(page.screenshot(clip=clip))).convert("RGB")
    return np.asarray(image, np.int16)


@pytest.mark.parametrize("name", ["slide.pdf", "paper.pdf"])
def test_a_mark_is_seen_on_dark_print_and_on_light(page: Page, filled: str, name: str) -> None:
    opened(page, filled, name)
    mark = page.locator(".stage .marks rect").first
    box = mark.bounding_box()
    assert box is not None
    marked = pixels(page, box)
    page.locator(".stage .marks").evaluate("marks => marks.style.visibility = 'hidden'")
    changed = np.abs(marked - pixels(page, box))
    assert np.median(changed, axis=(0, 1)).max() > SEEN  # most of it is the ground, not the print


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_beside_an_open_page_is_dimmed_to_the_edge_of_the_window(
    page: Page, filled: str, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    opened(page, filled, "paper.pdf")
    edge, end = page.evaluate("[document.body.offsetWidth, innerWidth]")
    assert edge + 5 < end  # the scrollbar's room
    row = pixels(page)[5]
    assert np.abs(row[edge + 5] - row[edge - 2]).max() < ALIKE
