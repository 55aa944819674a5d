"""Draws a page of a table and paragraphs in one of many styles, all of them such as reports have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from training.drawing.fonts import Face, FontBook
from training.drawing.pixel_surface import PIXEL_DPI, PixelSurface
from training.drawing.surface import Colour, Frame, Style, colour
from training.drawing.table_typesetting import Table, TableLook, draw_table
from training.drawing.typesetting import Column, paragraph, write

_SHAPES = ((1.0, 1.294), (1.0, 1.414), (1.0, 1.294), (1.294, 1.0))  # Letter, A4, Letter again, on its side
_INKS = ("#000000", "#1a1a1a", "#222b45", "#2b2b2b", "#3a3a3a")
_ACCENTS = ("#000000", "#123c69", "#7a1f1f", "#1f5f3f", "#5b3b8c", "#b3541e", "#00687a")
_PAPERS = ("#ffffff", "#ffffff", "#ffffff", "#fdfbf5", "#f6f8fa")
_SHADE, _STRIPE = colour("#e4e9ef"), colour("#f0f1f3")
RULES = ("none", "rows", "grid", "head", "zebra")
_SMALLEST, _SHRINK = 8.0, 0.92
_LABEL_SHARE = 0.42  # of the width of a table, at most, for its first column


@dataclass(frozen=True, slots=True)
class PageStyle:
    """How a page is set; sizes in pixels."""

    width: int
    height: int
    margin: int
    body: Path
    display: Path
    size: float
    leading: float
    ink: Colour
    accent: Colour
    paper: Colour
    rules: str
    columns: int
    table_first: bool
    is_shaded: bool

    @property
    def fonts(self) -> FontBook:
        """The two fonts of the page."""
        return FontBook(files={Face("body"): self.body, Face("display"): self.display})

    @property
    def text(self) -> Style:
        """How its paragraphs look."""
        return Style("body", self.size, self.ink, leading=self.leading, is_plain=True)

    @property
    def frame(self) -> Frame:
        """The page within its margins."""
        return Frame(0, 0, self.width, self.height).inset(*[self.margin] * 4)


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What stands on a page; rows of a table may differ in length."""

    title: str
    table: tuple[tuple[str, ...], ...]
    paragraphs: tuple[str, ...]
    footer: str


def draw_style(rng: np.random.Generator, fonts: Sequence[Path], long_side: int) -> PageStyle:
    """A random style."""
    across, down = _SHAPES[rng.integers(len(_SHAPES))]
    scale = long_side / max(across, down)
    return PageStyle(
        width=round(across * scale),
        height=round(down * scale),
        margin=round(long_side * rng.uniform(0.04, 0.1)),
        body=fonts[int(rng.integers(len(fonts)))],
        display=fonts[int(rng.integers(len(fonts)))],
        size=long_side * float(rng.uniform(0.0095, 0.0165)),
        leading=float(rng.uniform(1.15, 1.5)),
        ink=colour(rng.choice(_INKS)),
        accent=colour(rng.choice(_ACCENTS)),
        paper=colour(rng.choice(_PAPERS)),
        rules=str(rng.choice(RULES)),
        columns=int(rng.integers(1, 3)),
        table_first=bool(rng.random() < 0.5),
        is_shaded=bool(rng.random() < 0.4),
    )


def draw_page(page: ReportPage, style: PageStyle) -> Image.Image:
    """The page; where it would not fit, everything is made smaller until it does."""
    while True:
        # Straight rules are sharp at any size; to draw them larger and halve them would only take time.
        surface = PixelSurface(style.width, style.height, PIXEL_DPI, style.fonts, style.paper, oversampling=1)
        end = _set_page(surface, page, style)
        if end <= style.height - 2 * style.margin // 3 or style.size * _SHRINK < _SMALLEST:
            return surface.finished()
        style = replace(style, size=style.size * _SHRINK)


def _set_page(surface: PixelSurface, page: ReportPage, style: PageStyle) -> float:
    """Draw everything; how far down it reaches."""
    frame, text = style.frame, style.text
    title = replace(text, family="display", size=1.6 * text.size, colour=style.accent)
    y = paragraph(surface, frame.x, frame.y, frame.width, page.title, title) + text.line_height
    for part in (_set_table, _set_prose) if style.table_first else (_set_prose, _set_table):
        y = part(surface, y, page, style) + text.line_height
    footer = text.sized(0.85 * text.size)
    bottom = style.height - style.margin / 2 + footer.size / 3
    write(surface, frame.middle[0], bottom, page.footer, footer, "center")
    return y


def _set_prose(surface: PixelSurface, y: float, page: ReportPage, style: PageStyle) -> float:
    """The paragraphs, in columns of about the same length."""
    count = min(style.columns, max(len(page.paragraphs), 1))
    gutter = 2 * style.size
    width = (style.frame.width - (count - 1) * gutter) / count
    columns = []
    for number, paragraphs in enumerate(_dealt(page.paragraphs, count)):
        frame = Frame(style.frame.x + number * (width + gutter), y, width, style.frame.bottom - y)
        columns.append(Column(surface, frame, style.text))
        columns[-1].paragraphs(*paragraphs, after=style.text.line_height / 2)
    return max(column.y for column in columns)


def _set_table(surface: PixelSurface, y: float, page: ReportPage, style: PageStyle) -> float:
    count = max((len(row) for row in page.table), default=0)
    if count == 0:
        return y
    # A row of one cell would be a subheading across the table.
    rows = [(*row, *[""] * (max(count, 2) - len(row))) for row in page.table]
    first = _LABEL_SHARE if count > 2 else 0.6
    widths = (first, *[(1 - first) / (len(rows[0]) - 1)] * (len(rows[0]) - 1))
    heads, look = _head_rows(rows), _table_look(style)
    upper = replace(look, header_line=None if style.rules == "head" else look.header_line)
    for row in rows[: max(heads - 1, 0)]:
        y = draw_table(surface, style.frame.x, y, style.frame.width, Table(row, (), widths), upper)
    header = rows[heads - 1] if heads else ()
    table = Table(header, rows[heads:], widths)
    return draw_table(surface, style.frame.x, y, style.frame.width, table, look)


def _table_look(style: PageStyle) -> TableLook:
    return TableLook(
        cell=style.text,
        header=style.text.coloured(style.accent),
        header_fill=_SHADE if style.is_shaded else None,
        header_line=style.accent if style.rules in ("rows", "grid", "head") else None,
        stripe=_STRIPE if style.rules == "zebra" else None,
        grid=style.accent if style.rules == "grid" else None,
        line=style.accent if style.rules == "rows" else None,
        padding=style.size / 3,
    )


def _head_rows(table: Sequence[Sequence[str]]) -> int:
    """How many rows stand above the first that has a label."""
    return next((n for n, row in enumerate(table) if row and row[0].strip()), 0)


def _dealt(paragraphs: Sequence[str], columns: int) -> list[list[str]]:
    """The paragraphs in order, in columns that hold about the same number of letters."""
    share, dealt, used = sum(map(len, paragraphs)) / columns, [list[str]() for _ in range(columns)], 0.0
    for text in paragraphs:
        dealt[min(int((used + len(text) / 2) / max(share, 1)), columns - 1)].append(text)
        used += len(text)
    return dealt
