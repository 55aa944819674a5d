"""Draws a page of a table and paragraphs in one of many styles, all of them such as reports have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_SHAPES = ((1.0, 1.294), (1.0, 1.414), (1.0, 1.294), (1.294, 1.0))  # Letter, A4, Letter again, on its side
_INKS = ("#000000", "#1a1a1a", "#222b45", "#2b2b2b", "#3a3a3a")
_ACCENTS = ("#000000", "#123c69", "#7a1f1f", "#1f5f3f", "#5b3b8c", "#b3541e", "#00687a")
_PAPERS = ("#ffffff", "#ffffff", "#ffffff", "#fdfbf5", "#f6f8fa")
RULES = ("none", "rows", "grid", "head", "zebra")
_SMALLEST, _SHRINK = 8.0, 0.92
_LABEL_SHARE = 0.42  # of the width of a table, at most, for its first column


@dataclass(frozen=True, slots=True)
class Style:
    """How a page is set; sizes in pixels, colours as Pillow takes them."""

    width: int
    height: int
    margin: int
    body: Path
    display: Path
    size: float
    leading: float
    ink: str
    accent: str
    paper: str
    rules: str
    columns: int
    table_first: bool
    is_shaded: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a page; rows of a table may differ in length."""

    title: str
    table: tuple[tuple[str, ...], ...]
    paragraphs: tuple[str, ...]
    footer: str


def draw_style(rng: np.random.Generator, fonts: Sequence[Path], long_side: int) -> Style:
    """A style by chance."""
    across, down = _SHAPES[rng.integers(len(_SHAPES))]
    scale = long_side / max(across, down)
    return Style(
        width=round(across * scale),
        height=round(down * scale),
        margin=round(long_side * rng.uniform(0.04, 0.1)),
        body=fonts[int(rng.integers(len(fonts)))],
        display=fonts[int(rng.integers(len(fonts)))],
        size=long_side * float(rng.uniform(0.0095, 0.0165)),
        leading=float(rng.uniform(1.15, 1.5)),
        ink=str(rng.choice(_INKS)),
        accent=str(rng.choice(_ACCENTS)),
        paper=str(rng.choice(_PAPERS)),
        rules=str(rng.choice(RULES)),
        columns=int(rng.integers(1, 3)),
        table_first=bool(rng.random() < 0.5),
        is_shaded=bool(rng.random() < 0.4),
    )


def draw_page(sheet: Sheet, style: Style) -> Image.Image:
    """The page; where it would not fit, everything is made smaller until it does."""
    while True:
        canvas = _Canvas(style)
        end = canvas.page(sheet)
        if end <= style.height - 2 * style.margin // 3 or style.size * _SHRINK < _SMALLEST:
            return canvas.image
        style = replace(style, size=style.size * _SHRINK)


@lru_cache(maxsize=512)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


class _Canvas:
    def __init__(self, style: Style) -> None:
        self._style = style
        self.image = Image.new("RGB", (style.width, style.height), style.paper)
        self._draw = ImageDraw.Draw(self.image)
        self._body = _font(style.body, round(style.size))
        self._step = style.size * style.leading

    def page(self, sheet: Sheet) -> float:
        """Draw everything; how far down it reaches."""
        style = self._style
        title = _font(style.display, round(style.size * 1.6))
        y = (
            self._text(sheet.title, style.margin, style.margin, self._across, title, style.accent)
            + self._step
        )
        parts = [self._table, self._prose] if style.table_first else [self._prose, self._table]
        for part in parts:
            y = part(sheet, y) + self._step
        small = _font(style.body, round(style.size * 0.85))
        self._draw.text(
            (style.width / 2, style.height - style.margin / 2), sheet.footer, style.ink, small, anchor="mm"
        )
        return y

    @property
    def _across(self) -> float:
        return self._style.width - 2 * self._style.margin

    def _prose(self, sheet: Sheet, y: float) -> float:
        """The paragraphs, in columns of about the same length."""
        columns = min(self._style.columns, max(len(sheet.paragraphs), 1))
        gutter = 2 * self._style.size
        width = (self._across - (columns - 1) * gutter) / columns
        ends = [y]
        for column, paragraphs in enumerate(_dealt(sheet.paragraphs, columns)):
            left, at = self._style.margin + column * (width + gutter), y
            for paragraph in paragraphs:
                at = self._text(paragraph, left, at, width, self._body, self._style.ink) + self._step / 2
            ends.append(at)
        return max(ends)

    def _text(
        self, text: str, left: float, y: float, width: float, font: ImageFont.FreeTypeFont, colour: str
    ) -> float:
        step = font.size * self._style.leading
        for line in _wrapped(text, width, font):
            self._draw.text((left, y), line, colour, font)
            y += step
        return y

    def _table(self, sheet: Sheet, y: float) -> float:
        count = max((len(row) for row in sheet.table), default=0)
        if count == 0:
            return y
        first = self._across * (_LABEL_SHARE if count > 2 else 0.6)
        width = (self._across - first) / max(count - 1, 1)
        top = y
        heads = _head_rows(sheet.table)
        for place, row in enumerate(sheet.table):
            y = self._row(row, y, first, width, place, heads)
        if self._style.rules == "grid":
            for column in range(count + 1):
                x = self._style.margin + (first + (column - 1) * width if column else 0)
                self._draw.line((x, top, x, y), self._style.ink)
        return y

    def _row(self, row: Sequence[str], y: float, first: float, width: float, place: int, heads: int) -> float:
        style, left = self._style, self._style.margin
        pad = style.size / 3
        lines = [
            _wrapped(cell, (width if column else first) - 2 * pad, self._body)
            for column, cell in enumerate(row)
        ]
        bottom = y + max(1, *map(len, lines)) * self._step + pad
        self._ground(y, bottom, place, heads)
        for column, wrapped in enumerate(lines):
            x = left + (first + column * width - pad if column else pad)
            for number, line in enumerate(wrapped):
                colour = style.accent if place < heads else style.ink
                spot = (x, y + pad / 2 + number * self._step)
                self._draw.text(spot, line, colour, self._body, anchor="ra" if column else "la")
        return bottom

    def _ground(self, top: float, bottom: float, place: int, heads: int) -> None:
        """Shade and rules of a row."""
        style, left, right = self._style, self._style.margin, self._style.width - self._style.margin
        is_head = place < heads
        if (is_head and style.is_shaded) or (style.rules == "zebra" and place % 2 and not is_head):
            self._draw.rectangle((left, top, right, bottom), "#e4e9ef" if is_head else "#f0f1f3")
        if style.rules in ("rows", "grid") or (style.rules == "head" and place == heads - 1):
            self._draw.line((left, bottom, right, bottom), style.accent, width=1 + is_head)


def _head_rows(table: Sequence[Sequence[str]]) -> int:
    """How many rows stand above the first that has a label."""
    return next((n for n, row in enumerate(table) if row and row[0].strip()), 0)


def _dealt(paragraphs: Sequence[str], columns: int) -> list[list[str]]:
    """The paragraphs in order, in columns that hold about the same number of letters."""
    share, dealt, used = sum(map(len, paragraphs)) / columns, [list[str]() for _ in range(columns)], 0.0
    for paragraph in paragraphs:
        dealt[min(int((used + len(paragraph) / 2) / max(share, 1)), columns - 1)].append(paragraph)
        used += len(paragraph)
    return dealt


def _wrapped(text: str, width: float, font: ImageFont.FreeTypeFont) -> list[str]:
    """The lines of a text; a word wider than the column stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
