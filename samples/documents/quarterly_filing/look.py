"""What the pages of the filing share: type, and tables of dollars."""

from collections.abc import Sequence

from samples.page_design import Sheet
from training.drawing.shapes import rule
from training.drawing.surface import BLACK, WHITE, Frame, Style, colour
from training.drawing.table_typesetting import Table, TableLook, set_table
from training.drawing.typesetting import Column, write

BODY = Style("serif", 10.8, BLACK, leading=1.3)
HEADING = Style("serif", 11.5, BLACK, bold=True)
LOOK = TableLook(
    Style("serif", 9.6, BLACK, leading=1.4),
    Style("serif", 8, BLACK, bold=True),
    stripe=colour("#d9ecf3"),
    line=WHITE,
    padding=3,
)
PERIODS = ("3 months 2025", "3 months 2024", "9 months 2025", "9 months 2024")
Figures = tuple[int, int, int, int]


def opened(sheet: Sheet, number: int, title: str = "") -> Column:
    """A page with its lines at head and foot, and the column below."""
    write(sheet.ink, 54, 40, "ORRIN PACIFIC FREIGHT CORPORATION", BODY.sized(8).in_bold())
    write(sheet.ink, 558, 40, "Form Q-3, period ended September 30, 2025", BODY.sized(8), "right")
    rule(sheet.ink, 54, 45, 558, BLACK, 0.5)
    write(sheet.ink, 306, 768, str(number), BODY, "center")
    column = sheet.column(Frame(54, 58, 504, 694), BODY, "justify")
    if title:
        column.heading(title, HEADING, before=0, after=6)
    return column


def _usd(amount: int) -> str:
    return f"({-amount:,})" if amount < 0 else f"{amount:,}"


def dollar_row(name: str, figures: Sequence[int]) -> tuple[str, ...]:
    """A row of dollars, losses in brackets."""
    return (name, *(_usd(figure) for figure in figures))


def summed(*rows: Sequence[int]) -> Figures:
    """Each column's sum."""
    first, second, third, fourth = (sum(column) for column in zip(*rows, strict=True))
    return first, second, third, fourth


def set_figures(
    column: Column, header: Sequence[str], rows: Sequence[Sequence[str]], totals: set[int]
) -> None:
    """Set a table with a broad first column at the foot of the column."""
    widths = (3.2, *[1.0] * (len(header) - 1))
    set_table(column, Table(header, rows, widths, frozenset(totals)), LOOK, after=10)
