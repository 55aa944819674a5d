"""A railway timetable: broad tables on landscape pages, a network plan that is a picture, and fares."""

from collections.abc import Sequence

from samples.landscapes import MIST, NOON, mountains
from samples.page_design import LANDSCAPE, DocumentDesign, Evidence, Sheet, ask, page
from training.drawing.shapes import circle, rectangle
from training.drawing.surface import GRAY, INK, WHITE, Colour, Frame, Style, Surface, colour
from training.drawing.table_typesetting import Table, TableLook, set_table
from training.drawing.typesetting import Column, write

RED = colour("#b3202c")
GREEN = colour("#2c7a4b")
BLUE = colour("#27518f")
CREAM = colour("#faf6ec")
BODY = Style("sans", 12, leading=1.45)
SMALL = Style("sans", 8.5, GRAY)


def _opened(sheet: Sheet, number: int, title: str, shade: Colour) -> Column:
    rectangle(sheet.ink, sheet.frame, CREAM)
    rectangle(sheet.ink, Frame(0, 0, sheet.width, 64), shade)
    write(sheet.ink, 40, 42, title, Style("sans", 22, WHITE, bold=True))
    write(sheet.ink, sheet.width - 40, 42, "Vale & Moor Railway", Style("sans", 13, WHITE), "right")
    write(sheet.ink, 40, sheet.height - 20, "Valid from 14 December 2025 to 12 December 2026", SMALL)
    write(sheet.ink, sheet.width - 40, sheet.height - 20, str(number), SMALL, "right")
    return sheet.column(Frame(40, 84, sheet.width - 80, sheet.height - 120), BODY)


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24}.{minutes % 60:02d}"


def _times(stops: Sequence[tuple[str, int]], starts: Sequence[int]) -> list[tuple[str, ...]]:
    """A row a stop, a column a train; `stops` gives the minutes from the first one."""
    return [(name, *(_clock(start + minutes) for start in starts)) for name, minutes in stops]


def _look(shade: Colour) -> TableLook:
    stripe = Colour(*shade[:3], 0.09)
    return TableLook(
        Style("sans", 11.6, leading=1.62), Style("sans", 10, shade, bold=True), stripe=stripe, padding=4
    )


def _timetable(
    sheet: Sheet, column: Column, rows: Sequence[Sequence[str]], trains: Sequence[str], shade: Colour
) -> None:
    table = Table(("", *trains), rows, (2.2, *[1.0] * len(trains)))
    set_table(column, table, _look(shade), after=14)


STATIONS = {
    "Marlow Cross": (70, 230, RED),
    "Tern Lane": (190, 230, RED),
    "Abbot's Ford": (300, 230, RED),
    "Heddle Junction": (430, 230, RED),
    "Cold Spring": (530, 170, RED),
    "Moorend": (640, 110, RED),
    "Quarry Halt": (430, 130, GREEN),
    "Larkrise": (430, 50, GREEN),
    "Saltgate": (530, 290, BLUE),
    "Saltmere Quay": (640, 340, BLUE),
}


def _plan(surface: Surface) -> None:
    lines = (
        (RED, [(70, 230), (430, 230), (530, 170), (640, 110)]),
        (GREEN, [(430, 230), (430, 50)]),
        (BLUE, [(430, 230), (530, 290), (640, 340)]),
    )
    for shade, points in lines:
        surface.polyline(points, shade, 7)
    for name, (x, y, shade) in STATIONS.items():
        circle(surface, (x, y), 8, WHITE, shade, 3)
        below = name in {"Cold Spring", "Moorend"}
        at = (x - 8, y + 26) if name == "Heddle Junction" else (x + 12, y + 20 if below else y - 12)
        write(surface, *at, name, Style("sans", 11.5, INK, bold=True), "right" if at[0] < x else "left")
    for text, x, y, shade in (
        ("Line 1", 62, 276, RED),
        ("Line 2", 366, 96, GREEN),
        ("Line 3", 560, 348, BLUE),
    ):
        rectangle(surface, Frame(x - 6, y - 16, 52, 22), shade, radius=4)
        write(surface, x + 20, y, text, Style("sans", 11, WHITE, bold=True), "center")
    write(
        surface,
        40,
        345,
        "Lifts to all platforms: Marlow Cross, Heddle Junction, Moorend",
        Style("sans", 11, GRAY),
    )


@page(
    ask(
        "Where does line 3 end, according to the plan of the railway network?",
        "Saltmere Quay",
        Evidence.FIGURE,
    ),
    ask(
        "Which stations on the railway map have lifts to all platforms?",
        "Lifts to all platforms",
        Evidence.FIGURE,
    ),
)
def _network(sheet: Sheet) -> None:
    column = _opened(sheet, 1, "The network", INK)
    column.paragraph(
        "Three lines, ten stations, one ticket. Bicycles travel on all trains but those before nine."
    )
    with sheet.figure(column, 376, before=4, after=12) as art:
        _plan(art)
    column.paragraph("Trains stop at the smaller halts when somebody waves.", SMALL)


MAIN_LINE = (
    ("Marlow Cross", 0),
    ("Tern Lane", 7),
    ("Abbot's Ford", 15),
    ("Heddle Junction", 26),
    ("Cold Spring", 38),
    ("Moorend", 51),
)
MAIN_STARTS = (312, 352, 392, 432, 492, 552, 672, 792, 912, 972, 1032, 1152)
SUNDAY_STARTS = (432, 552, 672, 792, 912, 1032, 1152)


@page(
    ask("When does the 6.32 train from Marlow Cross arrive in Moorend?", "7.23", Evidence.TABLE),
    ask("Which train on line 1 waits for the theatre bus?", "Train 123"),
)
def _line_one(sheet: Sheet) -> None:
    column = _opened(sheet, 2, "Line 1   Marlow Cross - Moorend", RED)
    column.heading("Monday to Saturday", Style("sans", 13, RED, bold=True), before=0)
    _timetable(sheet, column, _times(MAIN_LINE, MAIN_STARTS), [f"{101 + 2 * n}" for n in range(12)], RED)
    column.heading("Sundays and holidays", Style("sans", 13, RED, bold=True))
    _timetable(sheet, column, _times(MAIN_LINE, SUNDAY_STARTS), [f"{501 + 2 * n}" for n in range(7)], RED)
    column.paragraph(
        "Train 105 carries school classes and a tea trolley. Train 123 waits at Heddle Junction for the"
        " theatre bus, up to ten minutes."
    )


@page(
    ask("When does the last train from Larkrise to Heddle Junction leave?", "20.10", Evidence.TABLE),
    ask("Why does line 2 not run in the last week of March?", "toads"),
)
def _line_two(sheet: Sheet) -> None:
    column = _opened(sheet, 3, "Line 2   Heddle Junction - Larkrise", GREEN)
    column.heading("Up, daily", Style("sans", 13, GREEN, bold=True), before=0)
    up = (("Heddle Junction", 0), ("Quarry Halt", 11), ("Larkrise", 24))
    down = (("Larkrise", 0), ("Quarry Halt", 12), ("Heddle Junction", 23))
    starts = (420, 520, 640, 760, 880, 1000, 1090, 1170)
    _timetable(sheet, column, _times(up, starts), [f"{201 + 2 * n}" for n in range(8)], GREEN)
    column.heading("Down, daily", Style("sans", 13, GREEN, bold=True))
    _timetable(
        sheet,
        column,
        _times(down, [start + 40 for start in starts]),
        [f"{202 + 2 * n}" for n in range(8)],
        GREEN,
    )
    column.paragraph(
        "In the last week of March buses run instead of trains from dusk to dawn: the toads cross the line at"
        " Quarry Halt on their way to the pond, and there are too many of them to carry."
    )
    sheet.ink.image(Frame(40, 404, 762, 150), mountains((1524, 300), MIST, sheet.rng))


@page(
    ask(
        "What does a monthly ticket for three zones cost on the Vale & Moor Railway?", "96.00", Evidence.TABLE
    ),
    ask("What is the fine for travelling on the railway without a ticket?", "fine of 45"),
)
def _fares(sheet: Sheet) -> None:
    column = _opened(sheet, 4, "Fares", BLUE)
    rows = (
        ("One zone", "2.40", "4.40", "15.50", "52.00", "480.00"),
        ("Two zones", "3.90", "7.20", "24.00", "78.00", "720.00"),
        ("Three zones", "5.20", "9.60", "30.00", "96.00", "890.00"),
        ("All zones", "6.80", "12.40", "36.50", "112.00", "1,030.00"),
        ("Bicycle", "1.50", "2.50", "-", "18.00", "160.00"),
    )
    table = Table(("", "Single", "Return", "Week", "Month", "Year"), rows, (2, 1, 1, 1, 1, 1))
    set_table(column, table, _look(BLUE), after=18)
    column.items(
        "Children under six travel free; up to sixteen they pay half.",
        "Tickets are sold at machines, by the driver, and at the bakery in Larkrise. Passengers"
        " without a ticket pay a fine of 45.",
        "A return is valid for three days. A week begins on the day on which you first use it.",
        "If a train is more than half an hour late, half the fare is returned. Ask for the form; it"
        " has four lines.",
        "Dogs pay nothing and sit on the floor. Hens pay as bicycles do.",
    )
    sheet.ink.image(Frame(40, 404, 762, 150), mountains((1524, 300), NOON, sheet.rng))


DOCUMENT = DocumentDesign(
    "vale-moor-timetable.pdf",
    "Timetable",
    "Timetable 2026",
    "Vale & Moor Railway",
    (_network, _line_one, _line_two, _fares),
    LANDSCAPE,
)
