"""Tables: rows of words and numbers under a heading, in a look."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.drawing.shapes import rectangle, rule
from training.drawing.surface import GRAY, INK, PALE, Colour, Frame, Style, Surface
from training.drawing.typesetting import Align, line_count, paragraph


@dataclass(frozen=True, slots=True)
class Table:
    """`widths` are shares; rows in `totals` are bold under a line; a row of one cell is a subheading."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    totals: frozenset[int] = frozenset()
    aligns: Sequence[Align] = ()


@dataclass(frozen=True, slots=True)
class TableLook:
    """How a table is drawn; without a colour there is no fill, stripe, grid or line."""

    cell: Style = field(default_factory=lambda: Style("sans", 8.5))
    header: Style = field(default_factory=lambda: Style("sans", 8, INK, bold=True))
    header_fill: Colour | None = None
    header_line: Colour | None = GRAY
    stripe: Colour | None = None
    grid: Colour | None = None
    line: Colour | None = PALE
    padding: float = 4.0


def draw_table(surface: Surface, x: float, y: float, width: float, table: Table, look: TableLook) -> float:
    """Draw the table from its top left corner; returns the `y` below it."""
    widths = [width * share / sum(table.widths) for share in table.widths]
    numbers: list[Align] = ["right"] * (len(widths) - 1)
    aligns: Sequence[Align] = table.aligns or ["left", *numbers]
    if any(table.header):
        y = _header(surface, x, y, widths, table, look, aligns)
    for number, row in enumerate(table.rows):
        style = look.cell.in_bold() if number in table.totals or len(row) == 1 else look.cell
        cells = widths if len(row) > 1 else [width]
        height = _row_height(surface, cells, row, style, look)
        if look.stripe and number % 2 and len(row) > 1:
            rectangle(surface, Frame(x, y, width, height), look.stripe)
        if number in table.totals:
            rule(surface, x, y, x + width, look.cell.colour, 0.7)
        _cells(surface, x, y, cells, row, style, look, aligns)
        y += height
        _lines(surface, Frame(x, y - height, width, height), cells, look)
    return y


def _header(
    surface: Surface,
    x: float,
    y: float,
    widths: list[float],
    table: Table,
    look: TableLook,
    aligns: Sequence[Align],
) -> float:
    height = _row_height(surface, widths, table.header, look.header, look)
    if look.header_fill:
        rectangle(surface, Frame(x, y, sum(widths), height), look.header_fill)
    if look.header_line:
        rule(surface, x, y + height, x + sum(widths), look.header_line, 0.9)
    _cells(surface, x, y, widths, table.header, look.header, look, aligns)
    return y + height


def _row_height(
    surface: Surface, widths: Sequence[float], row: Sequence[str], style: Style, look: TableLook
) -> float:
    lines = [
        line_count(surface, text, style, width - 2 * look.padding)
        for text, width in zip(row, widths, strict=True)
    ]
    return max(lines) * style.line_height + look.padding


def _cells(
    surface: Surface,
    x: float,
    y: float,
    widths: Sequence[float],
    row: Sequence[str],
    style: Style,
    look: TableLook,
    aligns: Sequence[Align],
) -> None:
    for text, width, align in zip(row, widths, aligns, strict=False):
        inside = (x + look.padding, y + look.padding / 2, width - 2 * look.padding)
        paragraph(surface, *inside, text, style, align)
        x += width


def _lines(surface: Surface, row: Frame, widths: Sequence[float], look: TableLook) -> None:
    if look.line and not look.grid:
        rule(surface, row.x, row.bottom, row.right, look.line, 0.4)
    x = row.x
    for width in widths if look.grid else ():
        rectangle(surface, Frame(x, row.y, width, row.height), None, look.grid, 0.5)
        x += width
