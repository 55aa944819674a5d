"""Rendered pages: unlimited exact labels in many layouts, fonts, sizes and languages, reproducible by seed.

`python -m training.page_reader.render OUT.png` draws a contact sheet of them, to be looked at.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from training.page_reader.canvas import Canvas
from training.page_reader.degrade import scan
from training.page_reader.fonts import FontCase, reading_fonts
from training.page_reader.layouts import LAYOUTS
from training.page_reader.pages import GrayImage, PageLines, TextLine
from training.page_reader.texts import TextSource, word_lists

_SHAPES = ((1.0, 1.294), (1.0, 1.414), (1.0, 1.294), (1.333, 1.0), (1.778, 1.0), (1.0, 1.0))
_SHEET_COLUMNS, _SHEET_SIDE, _SCANNED = 6, 1_536, 0.4


class PageRenderer:
    """Draws one page after another; `render(seed)` always gives the same page for the same seed and fonts."""

    def __init__(self, texts: TextSource, fonts: tuple[Path, ...], long_side: int) -> None:
        self._texts, self._fonts, self._long_side = texts, FontCase(fonts), long_side

    def render(self, seed: int) -> tuple[GrayImage, PageLines]:
        """A gray page and every line of text on it.

        Raises ValueError where there is no font.
        """
        rng = np.random.default_rng(seed)
        width, height = _SHAPES[rng.integers(len(_SHAPES))]
        scale = self._long_side / max(width, height)
        canvas = Canvas(int(width * scale), int(height * scale), rng, self._texts.for_page(rng), self._fonts)
        layouts, shares = zip(*LAYOUTS, strict=True)
        layouts[rng.choice(len(layouts), p=shares)](canvas)
        text = PageLines(tuple(canvas.lines), tuple(canvas.upright), tuple(canvas.unread))
        return canvas.pixels, text


def main() -> None:
    """Command line: `python -m training.page_reader.render OUT.png [--pages 36]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=int, default=36)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--boxes", action="store_true", help="draw the words' boxes")
    options = parser.parse_args()
    renderer = PageRenderer(TextSource((), word_lists()), reading_fonts(), _SHEET_SIDE)
    seeds = range(options.seed, options.seed + options.pages)
    contact_sheet([_drawn(renderer, seed, options.boxes) for seed in seeds]).save(options.out)


def contact_sheet(pages: list[Image.Image], thumbnail: int = 400) -> Image.Image:
    """Small copies of pages, in rows."""
    rows = -(-len(pages) // _SHEET_COLUMNS)
    sheet = Image.new("RGB", (_SHEET_COLUMNS * thumbnail, rows * thumbnail), (90, 90, 90))
    for number, page in enumerate(pages):
        small = page.copy()
        small.thumbnail((thumbnail - 8, thumbnail - 8))
        row, column = divmod(number, _SHEET_COLUMNS)
        sheet.paste(small, (column * thumbnail + 4, row * thumbnail + 4))
    return sheet


def _drawn(renderer: PageRenderer, seed: int, boxes: bool) -> Image.Image:
    pixels, text = renderer.render(seed)
    rng = np.random.default_rng([1, seed])
    if rng.random() < _SCANNED:
        pixels, text = scan(pixels, text, rng)
    image = Image.fromarray(pixels).convert("RGB")
    if not boxes:
        return image
    upright = _boxed(image.rotate(-90, expand=True), text.upright, "blue")
    return _boxed(upright.rotate(90, expand=True), text.lines, "red")


def _boxed(image: Image.Image, lines: Sequence[TextLine], colour: str) -> Image.Image:
    """The image with the outlines of its words."""
    pen = ImageDraw.Draw(image)
    for line in lines:
        slope, half = (line.y1 - line.y0) / max(line.x1 - line.x0, 1), line.height / 2
        for word in line.words:
            a, b = (line.y0 + slope * (x - line.x0) for x in (word.x0, word.x1))
            corners = ((word.x0, a - half), (word.x1, b - half), (word.x1, b + half), (word.x0, a + half))
            pen.polygon(corners, outline=colour)
    return image


if __name__ == "__main__":
    main()
