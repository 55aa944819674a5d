"""Rendered pages: unlimited exact labels in many fonts, sizes, colours and layouts, reproducible by seed."""

import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.page_reader.pages import GrayImage, LineWord, TextLine
from training.page_reader.texts import TextSource

_SHAPES = ((1.0, 1.294), (1.0, 1.414), (1.0, 1.294), (1.333, 1.0), (1.778, 1.0), (1.0, 1.0))
_NOT_FOR_READING = tuple(
    """
    awesome braille d050 dingbat emoji isabella kristi lobster math monofur music ocr radisnoir rufscript sign
    spleen symbol z003
    """.split()  # noqa: SIM905
)
_MIN_CONTRAST = 70


@dataclass(frozen=True, slots=True)
class Ink:
    """What text is drawn with: a font at a size, and its gray."""

    font: ImageFont.FreeTypeFont
    gray: int

    @property
    def line_height(self) -> float:
        """Ascent and descent in pixels, kept to the range that PDF text layers give."""
        ascent, descent = self.font.getmetrics()
        return min(max(ascent + descent, 1.05 * self.font.size), 1.3 * self.font.size)

    def centre(self, top: float) -> float:
        """The centre line of text whose ascender line is at `top`."""
        ascent, descent = self.font.getmetrics()
        return top + (ascent + descent) / 2


class PageRenderer:
    """Draws one page after another; `render(seed)` always gives the same page for the same seed and fonts."""

    def __init__(self, texts: TextSource, fonts: tuple[Path, ...], long_side: int) -> None:
        self._texts, self._fonts, self._long_side = texts, fonts, long_side

    def render(self, seed: int) -> tuple[GrayImage, list[TextLine]]:
        """A gray page and every line of text on it."""
        rng = np.random.default_rng(seed)
        width, height = _SHAPES[rng.integers(len(_SHAPES))]
        scale = self._long_side / max(width, height)
        canvas = _Canvas(int(width * scale), int(height * scale), rng, self._texts, self._fonts)
        layouts = (canvas.prose, canvas.prose, canvas.table, canvas.slide, canvas.scatter, canvas.scatter)
        layouts[rng.integers(len(layouts))]()
        return np.asarray(canvas.image), canvas.lines


def reading_fonts() -> tuple[Path, ...]:
    """The installed fonts that write English, by path; symbol, script and blackletter fonts left out."""
    listing = subprocess.run(
        ["fc-list", ":lang=en", "file"], check=True, capture_output=True, text=True
    ).stdout
    paths = sorted(Path(line.split(":")[0]) for line in listing.splitlines())
    return tuple(
        p for p in paths
        if p.suffix in (".ttf", ".otf") and not any(bad in p.name.lower() for bad in _NOT_FOR_READING)
    )  # fmt: skip


@lru_cache(maxsize=512)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


class _Canvas:
    def __init__(
        self, width: int, height: int, rng: np.random.Generator, texts: TextSource, fonts: tuple[Path, ...]
    ) -> None:
        self.rng, self._texts, self._fonts = rng, texts, fonts
        self.width, self.height = width, height
        self.paper = int(rng.choice(np.array([255, 255, 255, 245, 230, rng.integers(0, 255)])))
        self.image = _paper(width, height, self.paper, rng)
        self.draw = ImageDraw.Draw(self.image)
        self.lines: list[TextLine] = []

    def prose(self) -> None:
        """One to three columns of paragraphs with headings."""
        columns = int(self.rng.integers(1, 4))
        margin, gutter = self.width * self.rng.uniform(0.04, 0.12), self.width * 0.03
        column_width = (self.width - 2 * margin - (columns - 1) * gutter) / columns
        body = self._ink(self.rng.uniform(11, 26))
        for column in range(columns):
            left, y = margin + column * (column_width + gutter), margin
            while y < self.height - margin:
                if self.rng.random() < 0.25:
                    y = self._paragraph(left, y, column_width, self._ink(self.rng.uniform(16, 48)), 1, 1.1)
                y = self._paragraph(left, y, column_width, body, int(self.rng.integers(2, 9)), 1.25)
                y += body.line_height * self.rng.uniform(0.2, 1.2)

    def table(self) -> None:
        """Tables of words and numbers with every style of rule."""
        y = self.height * 0.05
        while y < self.height * 0.9:
            y = self._paragraph(
                self.width * 0.08, y, self.width * 0.8, self._ink(self.rng.uniform(13, 30)), 2, 1.2
            )
            y = self._grid(self.width * 0.06, y + 10, self.width * 0.88) + self.rng.uniform(10, 60)

    def slide(self) -> None:
        """A large title, bullets, and a panel or two."""
        y = self._paragraph(
            self.width * 0.06,
            self.height * 0.05,
            self.width * 0.85,
            self._ink(self.rng.uniform(40, 110)),
            2,
            1.15,
        )
        ink = self._ink(self.rng.uniform(22, 56))
        while y < self.height * 0.85:
            y = self._paragraph(
                self.width * 0.09, y + ink.line_height * 0.5, self.width * 0.6, ink, 3, 1.2, "• "
            )
        self._labels(12, small=True)

    def scatter(self) -> None:
        """Labels strewn over charts, panels and photographs."""
        for _ in range(int(self.rng.integers(2, 9))):
            self._panel()
        for _ in range(int(self.rng.integers(4, 30))):
            self._graphic()
        self._labels(int(self.rng.integers(40, 160)), small=False)

    def _labels(self, count: int, small: bool) -> None:
        for _ in range(count):
            size = np.exp(self.rng.uniform(np.log(11), np.log(30 if small else 90)))
            x, y = self.rng.uniform(0, 0.9) * self.width, self.rng.uniform(0, 0.95) * self.height
            ink = self._ink(float(size), at=(x, y))
            text = self._texts.phrase(self.rng, int(self.rng.integers(1, 6)))
            if self._is_free(x, y, ink.font.getlength(text), ink):
                self._line(x, y, text.split(" "), ink)

    def _is_free(self, x: float, y: float, length: float, ink: Ink) -> bool:
        if x + length > self.width - 4 or y + ink.line_height > self.height - 4:
            return False
        return not any(
            line.x0 - ink.line_height < x + length
            and x < line.x1 + ink.line_height
            and abs(line.y0 - ink.centre(y)) < (line.height + ink.line_height) * 0.6
            for line in self.lines
        )

    def _paragraph(
        self, left: float, y: float, width: float, ink: Ink, rows: int, leading: float, bullet: str = ""
    ) -> float:
        words = (bullet + self._texts.sentence(self.rng, rows * 14)).split(" ")
        step = ink.line_height * leading * self.rng.uniform(0.9, 1.1)
        while words and rows > 0 and y + step < self.height - 4:
            row: list[str] = []
            while words and ink.font.getlength(" ".join([*row, words[0]])) < width:
                row.append(words.pop(0))
            if not row:
                words.pop(0)
                continue
            self._line(left, y, row, ink)
            y, rows = y + step, rows - 1
        return y

    def _grid(self, left: float, y: float, width: float) -> float:
        rows, columns = int(self.rng.integers(3, 16)), int(self.rng.integers(2, 8))
        ink = self._ink(float(self.rng.uniform(11, 24)))
        step, rules, bands = (
            ink.line_height * self.rng.uniform(1.1, 1.8),
            self.rng.random(),
            self.rng.random(),
        )
        first = width * self.rng.uniform(0.25, 0.45)
        for row in range(rows):
            if y + step > self.height - 6:
                break
            if bands < 0.3 and row % 2 == 0:
                shade = int(np.clip(self.paper + (-25 if self.paper > 127 else 25), 0, 255))
                self.draw.rectangle((left, y, left + width, y + step), fill=shade)
            if rules < 0.5:
                self.draw.line((left, y + step - 1, left + width, y + step - 1), fill=ink.gray)
            self._fit(left + 3, y, first, self._texts.phrase(self.rng, int(self.rng.integers(1, 5))), ink)
            cell = (width - first) / columns
            for column in range(columns):
                text = self._texts.phrase(self.rng, 1) if row == 0 else self._texts.number(self.rng)
                self._fit(left + first + column * cell, y, cell, text, ink, to_right=True)
            y += step
        return y

    def _fit(self, x: float, y: float, width: float, text: str, ink: Ink, to_right: bool = False) -> None:
        length = ink.font.getlength(text)
        if length < width - ink.line_height * 0.9:
            self._line(x + (width - length - 4 if to_right else 0), y, text.split(" "), ink)

    def _line(self, x: float, top: float, words: list[str], ink: Ink) -> None:
        placed, space = [], ink.font.getlength(" ")
        for word in words:
            length = ink.font.getlength(word)
            self.draw.text((x, top), word, fill=ink.gray, font=ink.font)
            placed.append(LineWord(word, x, x + length))
            x += length + space
        self.lines.append(TextLine(tuple(placed), ink.centre(top), ink.centre(top), ink.line_height))

    def _ink(self, size: float, at: tuple[float, float] | None = None) -> Ink:
        below = self.paper if at is None else int(self.image.getpixel((int(at[0]), int(at[1]))))  # type: ignore[arg-type]
        grays = [g for g in (0, 20, 60, 110, 170, 215, 255) if abs(g - below) >= _MIN_CONTRAST]
        weights = np.array([abs(g - below) for g in grays], float)
        gray = int(self.rng.choice(grays, p=weights / weights.sum()))
        return Ink(_font(self._fonts[self.rng.integers(len(self._fonts))], int(size)), gray)

    def _panel(self) -> None:
        x, y = int(self.rng.integers(0, self.width - 200)), int(self.rng.integers(0, self.height - 200))
        w, h = (
            int(self.rng.integers(150, self.width // 2 + 150)),
            int(self.rng.integers(60, self.height // 2)),
        )
        panel = _paper(w, h, int(self.rng.integers(0, 256)), self.rng, plain=0.5)
        self.image.paste(panel, (x, y))

    def _graphic(self) -> None:
        x, y = float(self.rng.uniform(0, self.width)), float(self.rng.uniform(0, self.height))
        w, h = float(self.rng.uniform(5, 300)), float(self.rng.uniform(2, 200))
        gray, kind = int(self.rng.integers(0, 256)), self.rng.integers(4)
        if kind == 0:
            self.draw.rectangle((x, y, x + w, y + h), fill=gray)
        elif kind == 1:
            self.draw.line((x, y, x + w * 2, y + h - 100), fill=gray, width=int(self.rng.integers(1, 5)))
        elif kind == 2:
            self.draw.ellipse((x, y, x + w, y + w), outline=gray, width=int(self.rng.integers(1, 8)))
        else:
            for i in range(12):
                self.draw.line((x, y + i * h / 6, x + w * 2, y + i * h / 6), fill=gray)


def _paper(width: int, height: int, gray: int, rng: np.random.Generator, plain: float = 0.85) -> Image.Image:
    """Plain paper, a gradient, or a cloudy photograph around one gray."""
    if rng.random() < plain:
        return Image.new("L", (width, height), gray)
    cells = int(rng.integers(2, 40))
    spread = rng.uniform(5, 60)
    clouds = np.clip(rng.normal(gray, spread, (cells, cells)), 0, 255).astype(np.uint8)
    photograph = Image.fromarray(clouds).resize((width, height), Image.Resampling.BICUBIC)
    return photograph.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 2))))
