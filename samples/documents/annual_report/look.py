"""What the pages of the annual report share: colours, type, and the lines at head and foot."""

from samples.page_design import Evidence, Sheet, ask
from training.drawing.shapes import rule
from training.drawing.surface import GRAY, WHITE, Style, colour
from training.drawing.table_typesetting import TableLook
from training.drawing.typesetting import Column, write

NAVY = colour("#12324f")
TEAL = colour("#1b8a8f")
SAND = colour("#f3f0e8")
PALETTE = (NAVY, TEAL, colour("#e0a83c"), colour("#c65b4b"), colour("#7c93a6"), colour("#8fbf9f"))

BODY = Style("sans", 11, leading=1.45)
TITLE = Style("sans", 25, NAVY, bold=True, leading=1.15)
SECTION = Style("sans", 14, TEAL, bold=True)
SMALL = Style("sans", 7.5, GRAY)
LOOK = TableLook(
    Style("sans", 10.2, leading=1.5),
    Style("sans", 9.6, WHITE, bold=True),
    header_fill=NAVY,
    header_line=None,
    stripe=SAND,
    padding=6,
)

# The dividend stands on two pages.
DIVIDEND = ask(
    "What dividend did Tarnbeck Energy pay for each share in 2024?", "31.4", Evidence.TEXT, Evidence.TABLE
)


def _furniture(sheet: Sheet, number: int, section: str) -> None:
    write(sheet.ink, 54, 36, "Tarnbeck Energy plc", SMALL.in_bold())
    write(sheet.ink, sheet.width - 54, 36, section, SMALL, "right")
    rule(sheet.ink, 54, 42, sheet.width - 54, TEAL, 1)
    write(sheet.ink, 54, sheet.height - 28, "Annual Report 2024", SMALL)
    write(sheet.ink, sheet.width - 54, sheet.height - 28, str(number), SMALL.in_bold(), "right")


def opened(sheet: Sheet, number: int, section: str, title: str) -> Column:
    """A page with its title set, and the column below it."""
    _furniture(sheet, number, section)
    column = sheet.column(sheet.frame.inset(54, 62, 54, 50), BODY)
    column.heading(title, TITLE, before=0, after=12)
    return column
