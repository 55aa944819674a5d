"""A gray page in pixels, drawn word by word: each word that is put on it is written down with its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.drawing.page_lines import GrayImage, LineWord, PageLines, PixelBox, TextLine

MIN_CONTRAST = 70


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

    def write(self, pen: ImageDraw.ImageDraw, x: float, top: float, text: str) -> None:
        """Draws text from its left end, its ascender line at `top`."""
        if not self.tracking:
            pen.text((x, top), text, fill=self.gray, font=self.font)
            return
        for letter in text:
            pen.text((x, top), letter, fill=self.gray, font=self.font)
            x += self.length(letter)

    def write_row(
        self, pen: ImageDraw.ImageDraw, x: float, top: float, words: Sequence[str], space: float | None = None
    ) -> tuple[LineWord, ...]:
        """Draws words one after the other, `space` pixels apart, and says where each of them stands."""
        placed = []
        gap = self.length(" ") if space is None else space
        for word in words:
            self.write(pen, x, top, word)
            placed.append(LineWord(word, x, x + self.length(word) - self.tracking))
            x += self.length(word) + gap
        return tuple(placed)


class Canvas:
    """A gray image and what stands on it; `draw` is for what is not text."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self.width, self.height = image.size
        self.draw = ImageDraw.Draw(image)
        self.lines: list[TextLine] = []
        self.upright: list[TextLine] = []
        self.unread: list[PixelBox] = []
        self._taken: list[PixelBox] = []

    @property
    def pixels(self) -> GrayImage:
        """The page (height, width)."""
        return np.asarray(self.image)

    @property
    def page_lines(self) -> PageLines:
        """All that was written."""
        return PageLines(tuple(self.lines), tuple(self.upright), tuple(self.unread))

    def line(self, x: float, top: float, words: list[str], ink: Ink, space: float | None = None) -> float:
        """Draws level words, `space` pixels apart; returns where the line ends."""
        placed = ink.write_row(self.draw, x, top, words, space)
        line = TextLine(placed, ink.centre(top), ink.centre(top), ink.line_height)
        self.lines.append(line)
        half = line.height / 2
        self._taken.append(PixelBox(line.x0, line.y0 - half, line.x1, line.y0 + half))
        return line.x1

    def upright_line(self, x: float, bottom: float, words: list[str], ink: Ink) -> None:
        """Draws words that read from `bottom` upwards, their ascender line at `x`."""
        length, high = int(ink.length(" ".join(words))) + 2, int(2 * ink.font.size)
        stencil = Image.new("L", (length, high))
        placed = _for_stencil(ink).write_row(ImageDraw.Draw(stencil), 0.0, 0, words)
        self.image.paste(ink.gray, (int(x), int(bottom) - length), stencil.rotate(90, expand=True))
        start, centre = self.height - bottom, ink.centre(int(x))
        turned = tuple(LineWord(word.text, start + word.x0, start + word.x1) for word in placed)
        self.upright.append(TextLine(turned, centre, centre, ink.line_height))
        self._taken.append(PixelBox(x, bottom - length, x + high, bottom))

    def slanted(self, x: float, y: float, text: str, ink: Ink, degrees: float) -> None:
        """Draws text at an angle that nobody is asked to read, its box centred at a point."""
        stencil = Image.new("L", (int(ink.length(text)) + 4, int(1.5 * ink.font.size)))
        _for_stencil(ink).write(ImageDraw.Draw(stencil), 2, 0, text)
        turned = stencil.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
        left, top = int(x - turned.width / 2), int(y - turned.height / 2)
        self.image.paste(ink.gray, (left, top), turned)
        box = PixelBox(left, top, left + turned.width, top + turned.height)
        self.unread.append(box)
        self._taken.append(box)

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
        return not any(box.overlaps(taken) for taken in self._taken)

    def gray_at(self, place: tuple[float, float]) -> int:
        """The gray of the pixel at a place, or of the nearest one on the page."""
        x, y = (min(max(int(v), 0), most - 1) for v, most in zip(place, self.image.size, strict=True))
        return int(self.image.getpixel((x, y)))  # type: ignore[arg-type]

    def _told_from(self, box: PixelBox, ink: Ink) -> Ink:
        """The ink, or black or white where it is too near to what it will stand on."""
        below = np.asarray(self.image)[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1].mean()
        if abs(below - ink.gray) >= MIN_CONTRAST:
            return ink
        return replace(ink, gray=0 if below > 127 else 255)


def _for_stencil(ink: Ink) -> Ink:
    return replace(ink, gray=255)
