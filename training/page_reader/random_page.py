"""A page with random fonts, grays, words and paper, for layouts to draw on."""

import numpy as np
from PIL import Image, ImageFilter

from training.drawing.canvas import MIN_CONTRAST, Canvas, Ink
from training.drawing.fonts import FontCase, open_font
from training.drawing.page_lines import PixelBox
from training.page_reader.texts import TextSource

_SPACE_OF_HYPHEN = 5


class RandomPage(Canvas):
    """A canvas that chooses too: a layout draws and chooses by turns, in the order that a seed repeats."""

    def __init__(
        self, width: int, height: int, rng: np.random.Generator, texts: TextSource, fonts: FontCase
    ) -> None:
        self.rng, self.texts, self._fonts = rng, texts, fonts
        self.paper = int(rng.choice(np.array([255, 255, 255, 245, 230, rng.integers(0, 255)])))
        super().__init__(paper(width, height, self.paper, rng))
        self._house_fonts = [fonts.choose(rng) for _ in range(3)]

    def ink(self, size: float, at: tuple[float, float] | None = None) -> Ink:
        """A font of the page's few, or any other, in a gray that is legible on what is below."""
        below = self.paper if at is None else self.gray_at(at)
        grays = [g for g in (0, 20, 60, 110, 170, 215, 255) if abs(g - below) >= MIN_CONTRAST]
        weights = np.array([abs(g - below) for g in grays], float)
        gray = int(self.rng.choice(grays, p=weights / weights.sum()))
        house = self._house_fonts[self.rng.integers(len(self._house_fonts))]
        path = house if self.rng.random() < 0.7 else self._fonts.choose(self.rng)
        tracking = size * self.rng.uniform(0.02, 0.25) if self.rng.random() < 0.06 else 0.0
        return Ink(open_font(path, max(int(size), 8)), gray, tracking)

    def paragraph(
        self,
        left: float,
        y: float,
        width: float,
        ink: Ink,
        rows: int,
        leading: float = 1.25,
        bullet: str = "",
        align: str | None = None,
    ) -> float:
        """Running text of so many rows, hyphenated and justified as it comes; returns the y below it."""
        words = (bullet + self.texts.sentence(self.rng, rows * 14)).split(" ")
        align = align or str(self.rng.choice(["left", "left", "justified", "centre", "right"], p=_ALIGNED))
        step = ink.line_height * leading * self.rng.uniform(0.9, 1.1)
        while words and rows > 0 and y + step < self.height - 4:
            row = self._row(words, width, ink)
            if row:
                self._aligned(left, y, width, row, ink, align if words and rows > 1 else _LAST_ROW[align])
                y, rows = y + step, rows - 1
        return y

    def panel(self, box: PixelBox, plain: float = 0.5) -> None:
        """A panel of any gray, or a photograph."""
        w, h = max(int(box.x1 - box.x0), 2), max(int(box.y1 - box.y0), 2)
        gray = int(self.rng.integers(0, 256))
        self.image.paste(paper(w, h, gray, self.rng, plain), (int(box.x0), int(box.y0)))

    def _row(self, words: list[str], width: float, ink: Ink) -> list[str]:
        """Takes the words of a row from the front of `words`, the last cut by a hyphen now and then."""
        row: list[str] = []
        while words and ink.length(" ".join([*row, words[0]])) < width:
            row.append(words.pop(0))
        if not words:
            return row
        word = words[0]
        if len(word) > _SPACE_OF_HYPHEN and word.isalpha() and self.rng.random() < 0.25:
            cut = int(self.rng.integers(2, len(word) - 2))
            if ink.length(" ".join([*row, f"{word[:cut]}-"])) < width:
                row.append(f"{word[:cut]}-")
                words[0] = word[cut:]
        elif not row:
            words.pop(0)
        return row

    def _aligned(self, left: float, y: float, width: float, row: list[str], ink: Ink, align: str) -> None:
        rest = width - ink.length(" ".join(row))
        if align == "justified" and len(row) > 1 and rest < 0.4 * width:
            space = ink.length(" ") + rest / (len(row) - 1)
            self.line(left, y, row, ink, space)
        else:
            self.line(left + rest * {"centre": 0.5, "right": 1.0}.get(align, 0.0), y, row, ink)


_ALIGNED = (0.3, 0.3, 0.28, 0.08, 0.04)
_LAST_ROW = {"left": "left", "justified": "left", "centre": "centre", "right": "right"}


def paper(width: int, height: int, gray: int, rng: np.random.Generator, plain: float = 0.85) -> Image.Image:
    """Plain paper, a gradient, or a cloudy photograph around one gray."""
    if rng.random() < plain:
        return Image.new("L", (width, height), gray)
    if rng.random() < 0.3:
        ends = np.clip(gray + rng.uniform(-70, 70, (2, 2)), 0, 255).astype(np.uint8)
        return Image.fromarray(ends).resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.full((height, width), float(gray), np.float32)
    cells, spread = int(rng.integers(2, 16)), rng.uniform(10, 60)
    while cells < min(width, height, 400) and spread > 2:  # ever finer and fainter, as what cameras see
        clouds = Image.fromarray(rng.normal(0, spread, (cells, cells)).astype(np.float32))
        pixels += np.asarray(clouds.resize((width, height), Image.Resampling.BICUBIC))
        cells, spread = cells * 4, spread * float(rng.uniform(0.2, 0.6))
    photograph = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return photograph.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.5))))
