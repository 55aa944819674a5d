"""A product manual: parts with call-outs, warnings, steps, error codes and a wiring diagram."""

from samples.page_design import DocumentDesign, Evidence, Sheet, ask, page
from training.drawing.shapes import call_out, circle, double_arrow, ellipse, rectangle, rule, smooth
from training.drawing.surface import GRAY, INK, PALE, WHITE, Colour, Frame, Style, Surface, colour
from training.drawing.table_typesetting import Table, TableLook, set_table
from training.drawing.typesetting import Column, write

RED = colour("#c62f2f")
AMBER = colour("#e79a1c")
STEEL = colour("#aeb7c0")
DARK = colour("#30363d")
WATER = colour("#9cc9e6")
COPPER = colour("#b06a3b")
SIZE = (420.0, 595.0)

BODY = Style("narrow", 12, leading=1.38)
TITLE = Style("sans", 19, INK, bold=True, leading=1.2)
SECTION = Style("sans", 11.5, RED, bold=True)
SMALL = Style("sans", 7, GRAY)
BADGE = Style("sans", 8, WHITE, bold=True)
LOOK = TableLook(
    Style("narrow", 11.6, leading=1.5),
    Style("sans", 8.5, WHITE, bold=True),
    DARK,
    header_line=None,
    grid=PALE,
    padding=5,
)


def _opened(sheet: Sheet, number: int, title: str) -> Column:
    rectangle(sheet.ink, Frame(0, 0, SIZE[0], 26), DARK)
    write(sheet.ink, 36, 17, "KETTLEWRIGHT  Brew 4", Style("sans", 8, WHITE, bold=True))
    write(sheet.ink, SIZE[0] - 36, 17, "User manual", Style("sans", 8, WHITE), "right")
    rule(sheet.ink, 36, 568, SIZE[0] - 36, PALE)
    write(sheet.ink, 36, 580, "KW-B4-EN rev. C", SMALL)
    write(sheet.ink, SIZE[0] - 36, 580, f"{number} / 8", SMALL, "right")
    column = sheet.column(Frame(36, 44, SIZE[0] - 72, 518), BODY)
    column.heading(title, TITLE, before=0, after=8)
    return column


def _notice(sheet: Sheet, column: Column, word: str, text: str, shade: Colour, height: float = 70) -> None:
    box = Frame(36, column.y, SIZE[0] - 72, height)
    rectangle(sheet.ink, box, colour("#fdf4ee"), shade, 1.2, radius=4)
    sheet.ink.polygon([(54, box.y + 36), (80, box.y + 36), (67, box.y + 14)], shade)
    write(sheet.ink, 67, box.y + 33, "!", Style("sans", 15, WHITE, bold=True), "center")
    inside = sheet.column(Frame(94, box.y + 8, box.width - 70, height - 12), BODY.sized(11.4))
    inside.paragraph(word, Style("sans", 9.5, shade, bold=True), after=1)
    inside.paragraph(text)
    column.gap(height + 10)


def _machine(surface: Surface, x: float, y: float) -> None:
    """The coffee machine seen from the side, in a field of 200 by 240 points."""
    rectangle(surface, Frame(x + 20, y + 222, 170, 14), DARK, radius=5)
    rectangle(surface, Frame(x + 120, y + 30, 60, 195), STEEL, DARK, 1.2, radius=8)
    rectangle(surface, Frame(x + 128, y + 60, 44, 130), WATER, DARK, 0.8, radius=4)
    rectangle(surface, Frame(x + 20, y + 20, 160, 46), STEEL, DARK, 1.2, radius=10)
    rectangle(surface, Frame(x + 34, y + 66, 52, 16), DARK, radius=3)
    rectangle(surface, Frame(x + 4, y + 84, 90, 12), COPPER, DARK, 0.8, radius=4)
    surface.polygon([(x + 52, y + 96), (x + 68, y + 96), (x + 64, y + 110), (x + 56, y + 110)], DARK)
    surface.polygon(
        [(x + 38, y + 168), (x + 82, y + 168), (x + 76, y + 212), (x + 44, y + 212)], WHITE, DARK, 1.2
    )
    surface.polyline(
        smooth([(x + 82, y + 176), (x + 98, y + 182), (x + 92, y + 200), (x + 78, y + 202)]), DARK, 2
    )
    rectangle(surface, Frame(x + 24, y + 212, 84, 10), GRAY, DARK, 0.8)
    circle(surface, (x + 140, y + 43), 12, WHITE, DARK, 1.2)
    surface.polyline([(x + 140, y + 43), (x + 147, y + 36)], RED, 1.4)
    ellipse(surface, Frame(x + 40, y + 6, 70, 18), DARK)
    surface.polyline(
        smooth([(x + 112, y + 66), (x + 108, y + 110), (x + 114, y + 150), (x + 108, y + 170)]), DARK, 3.5
    )


@page(ask("What should I read before I plug in the Kettlewright machine?", "pages 2 and 3"))
def _cover(sheet: Sheet) -> None:
    rectangle(sheet.ink, sheet.frame, colour("#f2efe9"))
    rectangle(sheet.ink, Frame(0, 0, SIZE[0], 150), RED)
    write(sheet.ink, 36, 70, "KETTLEWRIGHT", Style("sans", 28, WHITE, bold=True))
    write(sheet.ink, 36, 104, "Brew 4 espresso machine", Style("sans", 16, WHITE))
    _machine(sheet.ink, 110, 210)
    write(sheet.ink, 36, 520, "User manual", Style("sans", 20, INK, bold=True))
    write(sheet.ink, 36, 542, "Keep this booklet. Read pages 2 and 3 before you plug in the machine.", BODY)


@page(
    ask("Who must not use the espresso machine alone?", "Children under eight"),
    ask("Why should you wait before opening the lid of the coffee boiler?", "steam can burn"),
)
def _safety(sheet: Sheet) -> None:
    column = _opened(sheet, 2, "For your safety")
    _notice(
        sheet,
        column,
        "DANGER",
        "Never put the machine or its plug in water. Pull the plug before you clean it.",
        RED,
    )
    _notice(
        sheet,
        column,
        "WARNING",
        "Wait ten minutes before you open the boiler lid: the steam can burn your hands.",
        RED,
    )
    _notice(
        sheet,
        column,
        "CAUTION",
        "Fill in cold drinking water only. Milk or soda water destroys the pump.",
        AMBER,
    )
    column.heading("Who may use it", SECTION, before=2)
    column.paragraph("Children under eight must not use the machine alone. Keep the cord out of their reach.")
    column.heading("Where to place it", SECTION, before=2)
    column.items(
        "On a flat, dry top that bears 12 kg.",
        "At least 15 cm away from walls, so that steam can leave.",
        "Never in a cupboard, a caravan on the move, or frost.",
    )


PARTS = (
    ("A", "Cup warmer", (75, 15), (30, -14)),
    ("B", "Pressure gauge", (140, 43), (225, 10)),
    ("C", "Brew group", (50, 74), (-30, 50)),
    ("D", "Filter holder", (16, 90), (-30, 100)),
    ("E", "Water tank, 1.8 litres", (150, 130), (225, 120)),
    ("F", "Steam wand", (110, 140), (225, 180)),
    ("G", "Drip tray", (60, 217), (-30, 200)),
)


@page(
    ask("What is the part labelled F in the drawing of the espresso machine?", "Steam wand", Evidence.FIGURE),
    ask("How many litres does the water tank in the parts drawing hold?", "1.8 litres", Evidence.FIGURE),
)
def _parts(sheet: Sheet) -> None:
    column = _opened(sheet, 3, "What is what")
    column.paragraph(
        "Unpack everything and compare it with the drawing. Keep the carton: it is made for sending the"
        " machine."
    )
    with sheet.figure(column, 390, after=8) as art:
        _machine(art, 66, 30)
        for letter, _, at, label in PARTS:
            call_out(art, (66 + at[0], 30 + at[1]), (66 + label[0], 30 + label[1]), letter, BADGE, RED)
        for number, (letter, name, _, _) in enumerate(PARTS):
            x, y = 30 + 170 * (number % 2), 305 + 22 * (number // 2)
            write(art, x, y, letter, Style("sans", 11, RED, bold=True))
            write(art, x + 18, y, name, Style("sans", 11))
    column.paragraph("The plate with the serial number is underneath. You will need it when you call us.")


@page(
    ask("How long does the Brew 4 take to heat up the first time?", "about four minutes"),
    ask("How do I use the espresso machine for the very first time?", "two tanks of water"),
)
def _first_use(sheet: Sheet) -> None:
    column = _opened(sheet, 4, "Before the first cup")
    column.steps(
        "Rinse the tank and fill it to the line marked MAX.",
        "Plug in the machine and press the round button. The lamp blinks while the water heats: about"
        " four minutes.",
        "Place an empty jug under the brew group and run two tanks of water through it. This washes"
        " out what is left from the making.",
        "Turn the steam knob for ten seconds, over a cloth.",
        "Measure the hardness of your water with the strip in the bag and set it as shown below.",
    )
    table = Table(
        ("Strip shows", "Water is", "Set", "Descale every"),
        (
            ("1 bar", "soft", "H1", "6 months"),
            ("2 bars", "medium", "H2", "3 months"),
            ("3 bars", "hard", "H3", "6 weeks"),
        ),
        (1, 1, 0.7, 1),
        aligns=("left",) * 4,
    )
    set_table(column, table, LOOK, before=4, after=14)
    _notice(
        sheet,
        column,
        "NOTE",
        "Very soft water tastes flat. A pinch of mineral salt in the tank mends that.",
        AMBER,
    )


@page(
    ask("How many grams of coffee does a double espresso need in the Brew 4?", "17 g", Evidence.TABLE),
    ask("For how many seconds should a ristretto run?", "15 to 18 s", Evidence.TABLE),
)
def _making_coffee(sheet: Sheet) -> None:
    column = _opened(sheet, 5, "Making coffee")
    column.steps(
        "Fill the filter with ground coffee, level it and press it down with about 15 kg.",
        "Wipe the rim. Lock the holder by turning it to the right until it points at you.",
        "Put a warm cup below and press one or two cups. The pump stops by itself.",
    )
    column.gap(4)
    table = Table(
        ("Drink", "Coffee", "In the cup", "Time"),
        (
            ("Ristretto", "9 g", "18 ml", "15 to 18 s"),
            ("Espresso", "9 g", "30 ml", "25 to 28 s"),
            ("Double espresso", "17 g", "60 ml", "26 to 30 s"),
            ("Lungo", "9 g", "55 ml", "35 to 40 s"),
        ),
        (1.5, 1, 1, 1.1),
    )
    set_table(column, table, LOOK, after=12)
    column.heading("If it tastes wrong", SECTION, before=0)
    column.items(
        "**Sour and thin:** grind finer, or press harder.",
        "**Bitter and black:** grind coarser, or use less.",
    )
    column.heading("Frothing milk", SECTION, before=0)
    column.paragraph(
        "Fill a cold jug to one third. Hold the tip of the wand just below the surface until the jug feels"
        " warm, then deeper until you can barely touch it: about 62 °C. Wipe the wand at once and let it hiss"
        " for two seconds."
    )


CODES = (
    ("E1", "Tank empty or not seated", "Fill it and push it in until it clicks."),
    ("E2", "Boiler too hot", "Switch off and wait twenty minutes."),
    ("E3", "Pump runs dry", "Open the steam knob and press the button for ten seconds."),
    ("E4", "Scale in the brew group", "Descale, see page 7."),
    ("E5", "Heater broken", "Stop using the machine and call us."),
    ("E6", "Drip tray full", "Empty it and dry the two pins behind it."),
    ("E7", "Clock lost", "Set the time; change the cell if it happens again."),
)


@page(
    ask("What does error code E3 on the Kettlewright coffee machine mean?", "Pump runs dry", Evidence.TABLE),
    ask("The display says E6. What should I do?", "dry the two pins behind it", Evidence.TABLE),
)
def _error_codes(sheet: Sheet) -> None:
    column = _opened(sheet, 6, "When something is wrong")
    column.paragraph("The display shows a letter and a figure. Most of these you can put right yourself.")
    table = Table(("Code", "What it means", "What to do"), CODES, (0.5, 1.5, 2.2), aligns=("left",) * 3)
    set_table(column, table, LOOK, before=2, after=12)
    column.heading("No code, but ...", SECTION, before=0)
    column.items(
        "**Coffee drips slowly:** the grind is too fine or the sieve is blocked. Brush the sieve.",
        "**A puddle below:** the seal of the brew group is worn. Order part 4471 and change it in a minute.",
        "**It is loud:** air in the pump. Run half a tank of water.",
    )


@page(
    ask("How often should the brew group be cleaned?", "every Sunday"),
    ask("How do I descale the Brew 4, and with how much citric acid?", "40 g of citric acid"),
)
def _care(sheet: Sheet) -> None:
    column = _opened(sheet, 7, "Care")
    column.heading("Every day", SECTION, before=0)
    column.paragraph(
        "Empty the tray, rinse the holder, wipe the wand. Do not use soap on the sieve: you would taste it"
        " for a week."
    )
    column.heading("Every week", SECTION, before=2)
    column.paragraph(
        "Brush the brew group every Sunday, or whenever you have made fifty cups, and let 200 ml of water run"
        " through."
    )
    column.heading("Descaling", SECTION, before=2)
    column.steps(
        "Dissolve 40 g of citric acid in one litre of lukewarm water and fill the tank.",
        "Hold both cup buttons for five seconds. The lamp turns orange.",
        "The machine works for 25 minutes and rests in between. Leave it alone.",
        "Rinse the tank, fill it and press once. When the lamp is white, all is done.",
    )
    _notice(
        sheet,
        column,
        "CAUTION",
        "Vinegar eats the seals. Damage done by vinegar is not covered by the guarantee.",
        AMBER,
    )
    column.heading("Guarantee", SECTION, before=0)
    column.paragraph("Three years on everything, ten on the boiler. Send us the serial number and the bill.")


def _wiring(surface: Surface) -> None:
    boxes = (
        ("Mains 230 V", 10, 20),
        ("Fuse 10 A", 130, 20),
        ("Switch", 250, 20),
        ("Heater 1,350 W", 250, 105),
        ("Pump 48 W", 130, 105),
        ("Control board", 10, 105),
    )
    for name, x, y in boxes:
        rectangle(surface, Frame(x, y, 88, 40), WHITE, INK, 1.2, radius=3)
        write(surface, x + 44, y + 24, name, Style("sans", 8.6, INK, bold=True), "center")
    surface.polyline([(98, 40), (130, 40)], RED, 2)
    surface.polyline([(218, 40), (250, 40)], RED, 2)
    surface.polyline([(294, 60), (294, 105)], RED, 2)
    surface.polyline([(250, 125), (218, 125)], colour("#2b62b8"), 2)
    surface.polyline([(130, 125), (98, 125)], colour("#2b62b8"), 2)
    write(surface, 300, 86, "live", SMALL)
    write(surface, 224, 120, "neutral", SMALL)


@page(
    ask("Which fuse does the wiring diagram of the espresso machine show?", "Fuse 10 A", Evidence.FIGURE),
    ask("How many watts does the heater of the Brew 4 draw?", "1,350 W", Evidence.FIGURE),
    ask("How heavy is the Kettlewright Brew 4?", "9.4 kg", Evidence.TABLE),
)
def _technical(sheet: Sheet) -> None:
    column = _opened(sheet, 8, "Technical data")
    column.heading("Wiring", SECTION, before=0)
    with sheet.figure(column, 160, colour("#f6f6f4"), after=10) as art:
        _wiring(art)
    table = Table(
        ("", ""),
        (
            ("Width x depth x height", "26 x 34 x 38 cm"),
            ("Weight, empty", "9.4 kg"),
            ("Pump", "15 bar, rotary"),
            ("Boiler", "brass, 0.6 litres"),
            ("Noise at one metre", "58 dB(A)"),
            ("Cord", "1.2 m"),
            ("Standby", "0.4 W"),
        ),
        (1.2, 1),
    )
    set_table(column, table, LOOK, after=14)
    double_arrow(sheet.ink, (36, column.y), (156, column.y), GRAY)
    write(sheet.ink, 96, column.y + 12, "room to leave behind: 15 cm", SMALL, "center")
    column.gap(22)
    column.paragraph(
        "Do not throw the machine in the bin. Every shop that sells it takes it back, and so do we."
    )


DOCUMENT = DocumentDesign(
    "brew-4-manual.pdf",
    "Product manual",
    "Brew 4 user manual",
    "Kettlewright Appliances",
    (_cover, _safety, _parts, _first_use, _making_coffee, _error_codes, _care, _technical),
    SIZE,
)
