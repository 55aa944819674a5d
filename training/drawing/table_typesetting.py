"""Tables: rows of words and numbers under a heading, in a look."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.drawing.shapes import rectangle, rule
from training.drawing.surface import GRAY, INK, PALE, Frame, Paint, Style, Surface
from training.drawing.typesetting import Align, Column, line_count, paragraph


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
    """How a table is drawn; without a colour, no fill, stripe, grid or line is drawn."""

    cell: Style = field(default_factory=lambda: Style("sans", 8.5))
    header: Style = field(default_factory=lambda: Style("sans", 8, INK, bold=True))
    header_fill: Paint = None
    header_line: Paint = GRAY
    stripe: Paint = None
    grid: Paint = None
    line: Paint = PALE
    padding: float = 4.0


def set_table(column: Column, table: Table, look: TableLook, before: float = 0.0, after: float = 0.0) -> None:
    """Set a table across a column."""
    frame, y = column.frame, column.y + before
    column.y = draw_table(column.surface, frame.x, y, frame.width, table, look) + after


def draw_table(surface: Surface, x: float, y: float, width: float, table: Table, look: TableLook) -> float:
    """Draw the table from its top left corner; returns the `y` below it."""
    widths = [width * share / sum(table.widths) for share in table.widths]
    numbers: list[Align] = ["right"] * (len(widths) - 1)
    aligns: Sequence[Align] = table.aligns or ["left", *numbers]
    if any(table.header):
        y = _draw_header(surface, x, y, _Row(table.header, widths, aligns, look.header, look.padding), look)
    for number, cells in enumerate(table.rows):
        is_subheading, is_total = len(cells) == 1, number in table.totals
        style = look.cell.in_bold() if is_total or is_subheading else look.cell
        row = _Row(cells, [width] if is_subheading else widths, aligns, style, look.padding)
        frame = row.frame(surface, x, y)
        if look.stripe and number % 2 and not is_subheading:
            rectangle(surface, frame, look.stripe)
        if is_total:
            rule(surface, x, y, frame.right, look.cell.colour, 0.7)
        row.write(surface, x, y)
        _draw_lines(surface, frame, row.widths, look)
        y = frame.bottom
    return y


@dataclass(frozen=True, slots=True)
class _Row:
    cells: Sequence[str]
    widths: Sequence[float]
    aligns: Sequence[Align]
    style: Style
    padding: float

    def frame(self, surface: Surface, x: float, y: float) -> Frame:
        lines = [
            line_count(surface, text, self.style, width - 2 * self.padding)
            for text, width in zip(self.cells, self.widths, strict=True)
        ]
        return Frame(x, y, sum(self.widths), max(lines) * self.style.line_height + self.padding)

    def write(self, surface: Surface, x: float, y: float) -> None:
        for text, width, align in zip(self.cells, self.widths, self.aligns, strict=False):
            inside = (x + self.padding, y + self.padding / 2, width - 2 * self.padding)
            paragraph(surface, *inside, text, self.style, align)
            x += width


def _draw_header(surface: Surface, x: float, y: float, row: _Row, look: TableLook) -> float:
    frame = row.frame(surface, x, y)
    if look.header_fill:
        rectangle(surface, frame, look.header_fill)
    if look.header_line:
        rule(surface, x, frame.bottom, frame.right, look.header_line, 0.9)
    row.write(surface, x, y)
    return frame.bottom


def _draw_lines(surface: Surface, row: Frame, widths: Sequence[float], look: TableLook) -> None:
    if look.line and not look.grid:
        rule(surface, row.x, row.bottom, row.right, look.line, 0.4)
    x = row.x
    for width in widths if look.grid else ():
        rectangle(surface, Frame(x, row.y, width, row.height), None, look.grid, 0.5)
        x += width
