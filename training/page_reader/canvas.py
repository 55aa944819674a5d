"""A page being drawn: every word that is put on it is written down with its place."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.page_reader.fonts import FontCase, open_font
from training.page_reader.pages import GrayImage, LineWord, PixelBox, TextLine
from training.page_reader.texts import TextSource

_MIN_CONTRAST = 70
_SPACE_OF_HYPHEN = 5


@dataclass(frozen=True, slots=True)
class Ink:
    """What text is drawn with: a font at a size, its gray, and what is added between letters in pixels."""

    font: ImageFont.FreeTypeFont
    gray: int
    tracking: float = 0.0

    @property
    def line_height(self) -> float:
        """Ascent and descent in pixels, kept to the range that PDF text layers give."""
        ascent, descent = self.font.getmetrics()
        return min(max(ascent + descent, 1.05 * self.font.size), 1.3 * self.font.size)

    def centre(self, top: float) -> float:
        """The centre line of text whose ascender line is at `top`."""
        ascent, descent = self.font.getmetrics()
        return top + (ascent + descent) / 2

    def length(self, text: str) -> float:
        """Of a word or a line, in pixels."""
        return self.font.getlength(text) + self.tracking * len(text)


class Canvas:
    """A gray page with what stands on it.

    `lines` are level; `upright` ones read from the bottom to the top and are given as they stand once the
    page is turned clockwise by a quarter; in the boxes of `unread` is text that nobody is asked to read.
    """

    def __init__(
        self, width: int, height: int, rng: np.random.Generator, texts: TextSource, fonts: FontCase
    ) -> None:
        self.rng, self.texts, self._fonts = rng, texts, fonts
        self.width, self.height = width, height
        self.paper = int(rng.choice(np.array([255, 255, 255, 245, 230, rng.integers(0, 255)])))
        self.image = paper(width, height, self.paper, rng)
        self.draw = ImageDraw.Draw(self.image)
        self.lines: list[TextLine] = []
        self.upright: list[TextLine] = []
        self.unread: list[PixelBox] = []
        self._taken: list[PixelBox] = []
        self._house_fonts = [fonts.choose(rng) for _ in range(3)]

    @property
    def pixels(self) -> GrayImage:
        """The page (height, width)."""
        return np.asarray(self.image)

    def ink(self, size: float, at: tuple[float, float] | None = None) -> Ink:
        """A font of the page's few, or any other, in a gray that can be told from what is below."""
        below = self.paper if at is None else self._gray_at(at)
        grays = [g for g in (0, 20, 60, 110, 170, 215, 255) if abs(g - below) >= _MIN_CONTRAST]
        weights = np.array([abs(g - below) for g in grays], float)
        gray = int(self.rng.choice(grays, p=weights / weights.sum()))
        house = self._house_fonts[self.rng.integers(len(self._house_fonts))]
        path = house if self.rng.random() < 0.7 else self._fonts.choose(self.rng)
        tracking = size * self.rng.uniform(0.02, 0.25) if self.rng.random() < 0.06 else 0.0
        return Ink(open_font(path, max(int(size), 8)), gray, tracking)

    def line(self, x: float, top: float, words: list[str], ink: Ink, space: float | None = None) -> float:
        """Draws level words, `space` pixels apart; returns where the line ends."""
        placed = []
        gap = ink.length(" ") if space is None else space
        for word in words:
            self._word(self.draw, x, top, word, ink)
            placed.append(LineWord(word, x, x + ink.length(word) - ink.tracking))
            x += ink.length(word) + gap
        line = TextLine(tuple(placed), ink.centre(top), ink.centre(top), ink.line_height)
        self.lines.append(line)
        half = line.height / 2
        self._taken.append(PixelBox(line.x0, line.y0 - half, line.x1, line.y0 + half))
        return line.x1

    def upright_line(self, x: float, bottom: float, words: list[str], ink: Ink) -> None:
        """Draws words that read from `bottom` upwards, their ascender line at `x`."""
        text = " ".join(words)
        length, high = int(ink.length(text)) + 2, int(2 * ink.font.size)
        stencil = Image.new("L", (length, high))
        drawn, placed, along = ImageDraw.Draw(stencil), [], 0.0
        start = self.height - bottom
        for word in words:
            self._word(drawn, along, 0, word, Ink(ink.font, 255, ink.tracking))
            placed.append(LineWord(word, start + along, start + along + ink.length(word) - ink.tracking))
            along += ink.length(word) + ink.length(" ")
        turned = stencil.rotate(90, expand=True)
        self.image.paste(ink.gray, (int(x), int(bottom) - length), turned)
        centre = ink.centre(int(x))
        self.upright.append(TextLine(tuple(placed), centre, centre, ink.line_height))
        self._taken.append(PixelBox(x, bottom - length, x + high, bottom))

    def slanted(self, x: float, y: float, text: str, ink: Ink, degrees: float) -> None:
        """Draws text at an angle that nobody is asked to read, its box centred at a point."""
        stencil = Image.new("L", (int(ink.length(text)) + 4, int(1.5 * ink.font.size)))
        self._word(ImageDraw.Draw(stencil), 2, 0, text, Ink(ink.font, 255, ink.tracking))
        turned = stencil.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
        left, top = int(x - turned.width / 2), int(y - turned.height / 2)
        self.image.paste(ink.gray, (left, top), turned)
        box = PixelBox(left, top, left + turned.width, top + turned.height)
        self.unread.append(box)
        self._taken.append(box)

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

    def fit(self, x: float, y: float, width: float, text: str, ink: Ink, to_right: bool = False) -> None:
        """One line in a cell, where it fits."""
        length = ink.length(text)
        if length < width - ink.line_height * 0.9:
            self.line(x + (width - length - 4 if to_right else 0), y, text.split(" "), ink)

    def label(self, x: float, y: float, text: str, ink: Ink) -> None:
        """One line where nothing stands yet; else nothing."""
        box = PixelBox(x - 3, y - 3, x + ink.length(text) + 3, y + 1.3 * ink.line_height)
        if self.is_free(box):
            self.line(x, y, text.split(" "), self._told_from(box, ink))

    def upright_label(self, x: float, bottom: float, text: str, ink: Ink) -> None:
        """One upright line where nothing stands yet; else nothing."""
        box = PixelBox(x - 3, bottom - ink.length(text) - 3, x + 1.3 * ink.line_height, bottom + 3)
        if self.is_free(box):
            self.upright_line(x, bottom, text.split(" "), self._told_from(box, ink))

    def is_free(self, box: PixelBox) -> bool:
        """Whether a box lies on the page, away from all text."""
        if box.x0 < 4 or box.y0 < 4 or box.x1 > self.width - 4 or box.y1 > self.height - 4:
            return False
        return not any(
            box.x0 < b.x1 and b.x0 < box.x1 and box.y0 < b.y1 and b.y0 < box.y1 for b in self._taken
        )

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

    def _word(self, draw: ImageDraw.ImageDraw, x: float, top: float, word: str, ink: Ink) -> None:
        if not ink.tracking:
            draw.text((x, top), word, fill=ink.gray, font=ink.font)
            return
        for letter in word:
            draw.text((x, top), letter, fill=ink.gray, font=ink.font)
            x += ink.length(letter)

    def _told_from(self, box: PixelBox, ink: Ink) -> Ink:
        """The ink, or black or white where it is too near to what it will stand on."""
        below = np.asarray(self.image)[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1].mean()
        if abs(below - ink.gray) >= _MIN_CONTRAST:
            return ink
        return replace(ink, gray=0 if below > 127 else 255)

    def _gray_at(self, place: tuple[float, float]) -> int:
        x, y = (min(max(int(v), 0), most - 1) for v, most in zip(place, self.image.size, strict=True))
        return int(self.image.getpixel((x, y)))  # type: ignore[arg-type]


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
