"""A data sheet of a sensor: drawing with dimensions, curves that are pictures, and a page turned sideways."""

from samples.charts import ChartLook, Series, line_chart
from samples.page_design import LANDSCAPE, DocumentDesign, Evidence, Sheet, ask, page
from training.drawing.shapes import circle, dashed, double_arrow, rectangle, rule
from training.drawing.surface import GRAY, INK, PALE, WHITE, Frame, Style, Surface, colour
from training.drawing.table_typesetting import Table, TableLook, set_table
from training.drawing.typesetting import Align, Column, write

BLUE = colour("#0b4f8a")
PALE_BLUE = colour("#e8f0f8")
METAL = colour("#c9d0d8")
BODY = Style("sans", 10.6, leading=1.45)
SECTION = Style("sans", 13, BLUE, bold=True)
SMALL = Style("sans", 8, GRAY)
LOOK = TableLook(
    Style("sans", 10, leading=1.6),
    Style("sans", 9, WHITE, bold=True),
    header_fill=BLUE,
    header_line=None,
    grid=PALE,
    padding=6,
)


def _opened(sheet: Sheet, number: int) -> Column:
    rectangle(sheet.ink, Frame(0, 0, sheet.width, 46), BLUE)
    write(sheet.ink, 48, 29, "TALLOW MICRO", Style("sans", 13, WHITE, bold=True))
    write(
        sheet.ink,
        sheet.width - 48,
        29,
        "TM-340 pressure and temperature sensor",
        Style("sans", 10, WHITE),
        "right",
    )
    rule(sheet.ink, 48, sheet.height - 38, sheet.width - 48, BLUE)
    write(sheet.ink, 48, sheet.height - 24, "DS-TM340 rev. 1.3, June 2025", SMALL)
    write(sheet.ink, sheet.width - 48, sheet.height - 24, f"{number} of 5", SMALL, "right")
    return sheet.column(sheet.frame.inset(48, 66, 48, 50), BODY)


@page(
    ask("For what uses is the TM-340 pressure sensor made?", "weather balloons"),
    ask("How much current does the TM-340 draw while it sleeps?", "0.3 µA"),
)
def _overview(sheet: Sheet) -> None:
    column = _opened(sheet, 1)
    column.heading("TM-340", Style("sans", 30, INK, bold=True), before=0, after=2)
    column.paragraph(
        "Barometric pressure and temperature in a package of 3 x 3 mm", Style("sans", 14, GRAY), after=14
    )
    rectangle(sheet.ink, Frame(48, column.y, 240, 204), PALE_BLUE, radius=6)
    rectangle(sheet.ink, Frame(306, column.y, 241, 204), PALE_BLUE, radius=6)
    left = sheet.column(Frame(62, column.y + 10, 214, 186), BODY)
    left.heading("Features", SECTION, before=0)
    left.items(
        "Range 260 to 1,260 hPa, -40 to 85 °C",
        "Noise 0.6 Pa: feels a step of five centimetres",
        "Sleeps on 0.3 µA, measures on 4.8 µA once a second",
        "I2C up to 1 MHz, or SPI up to 8 MHz",
        "Store for 64 readings, so that the host may sleep too",
        "Gel filled: survives a swim of 10 metres",
    )
    right = sheet.column(Frame(320, column.y + 10, 214, 186), BODY)
    right.heading("Uses", SECTION, before=0)
    right.items(
        "Altitude in watches, drones and weather balloons",
        "Floor detection for emergency calls",
        "Leak tests of sealed housings",
        "Vents and filters: when is it time to change?",
        "Blood pressure cuffs (not for life support)",
    )
    column.gap(222)
    column.heading("Description", SECTION, before=0)
    column.paragraphs(
        "A membrane of silicon, four micrometres thick, bends under the weight of the air. Four resistors in"
        " its rim feel the bending; a second bridge that cannot bend feels only the temperature. The"
        " converter has 24 bits, of which 21 mean something.",
        "Each part is calibrated at nine points and carries its own numbers in memory. The host applies them"
        " with the formula on page 4. No trimming is needed on the board, but soldering shifts the zero by up"
        " to 0.8 hPa. The shift heals by half within two days.",
    )
    column.heading("Ordering", SECTION)
    table = Table(
        ("Part", "Interface", "Packing", "Pieces"),
        (
            ("TM-340-C", "I2C", "cut tape", "100"),
            ("TM-340-R", "I2C", "reel", "5,000"),
            ("TM-340S-R", "SPI", "reel", "5,000"),
            ("TM-340-EV", "board with USB", "box", "1"),
        ),
        (1.2, 1.2, 1, 1),
        aligns=("left", "left", "left", "right"),
    )
    set_table(column, table, LOOK, before=2)


CHARACTERISTICS = (
    ("Supply voltage", "VDD", "1.7", "1.8", "3.6", "V"),
    ("Supply current, one reading a second", "IDD", "", "4.8", "6.5", "µA"),
    ("Peak current while converting", "IPK", "", "720", "900", "µA"),
    ("Pressure range", "P", "260", "", "1,260", "hPa"),
    ("Absolute accuracy, 0 to 65 °C", "AP", "-0.8", "± 0.4", "0.8", "hPa"),
    ("Relative accuracy over 10 hPa", "RP", "", "± 0.06", "0.12", "hPa"),
    ("Noise at high resolution", "NP", "", "0.6", "0.9", "Pa"),
    ("Temperature accuracy at 25 °C", "AT", "-0.5", "± 0.2", "0.5", "°C"),
    ("Long-term drift, per year", "DP", "", "± 0.15", "", "hPa"),
    ("Time to start", "TS", "", "2.0", "3.5", "ms"),
    ("Conversion time, high resolution", "TC", "", "27.5", "31.0", "ms"),
)


@page(
    ask("How long does a conversion at high resolution take at most on the TM-340?", "31.0", Evidence.TABLE),
    ask("What voltage destroys the pressure sensor?", "above 4.2 V"),
)
def _characteristics(sheet: Sheet) -> None:
    column = _opened(sheet, 2)
    column.heading("Electrical and metrological characteristics", SECTION, before=0, after=6)
    aligns: tuple[Align, ...] = ("left", "left", "right", "right", "right", "left")
    table = Table(
        ("Parameter", "Symbol", "Min", "Typical", "Max", "Unit"),
        CHARACTERISTICS,
        (3.2, 0.8, 0.8, 0.9, 0.8, 0.6),
        aligns=aligns,
    )
    set_table(column, table, LOOK, before=2, after=12)
    column.paragraph(
        "At VDD = 1.8 V and 25 °C unless said otherwise. Typical values are the mean of three lots.",
        SMALL.sized(9),
    )
    column.heading("Absolute maximum ratings", SECTION)
    column.paragraph(
        "Stress beyond these ratings may destroy the part. A supply above 4.2 V does so at once. Pressure"
        " above 20,000 hPa tears the membrane; suction does not. Do not exceed 260 °C for ten seconds when"
        " soldering, and do it once."
    )
    column.heading("Pins", SECTION)
    pins = Table(
        ("Pin", "Name", "What it does"),
        (
            ("1", "VDD", "Supply. Place 100 nF within two millimetres."),
            ("2", "SCL", "Clock of the bus."),
            ("3", "GND", "Ground; both pads must be soldered."),
            ("4", "SDA", "Data of the bus."),
            ("5", "ADR", "Address: low 0x5C, high 0x5D. Never leave it open."),
            ("6", "INT", "Goes low when the store is full or a limit is passed."),
        ),
        (0.4, 0.7, 4),
        aligns=("left", "left", "left"),
    )
    set_table(column, pins, LOOK, before=2)


@page(
    ask(
        "How large is the error of the sensor at minus 40 degrees in the temperature curve?",
        "1.4 hPa",
        Evidence.CHART,
    ),
    ask(
        "How much current does the sensor need at twenty-five readings a second, according to its curve?",
        "118 µA",
        Evidence.CHART,
    ),
)
def _curves(sheet: Sheet) -> None:
    column = _opened(sheet, 3)
    column.heading("Typical curves", SECTION, before=0)
    column.paragraph("Measured on twelve parts of one lot; the curve of the median part is shown.", after=8)
    with sheet.figure(column, 270, after=20) as art:
        look = ChartLook(
            "Error of pressure over temperature",
            "",
            (BLUE,),
            Style("sans", 11),
            lambda error: f"{error:.1f} hPa",
        )
        names = ("-40 °C", "-20 °C", "0 °C", "25 °C", "65 °C", "85 °C")
        line_chart(art, Frame(6, 4, 486, 258), names, (Series("", (1.4, 0.9, 0.5, 0.2, 0.6, 1.1)),), look)
    with sheet.figure(column, 270, after=16) as art:
        look = ChartLook(
            "Supply current over readings a second",
            "",
            (colour("#d5622b"),),
            Style("sans", 11),
            lambda current: f"{current:g} µA",
        )
        line_chart(
            art,
            Frame(6, 4, 486, 258),
            ("1", "2", "5", "10", "25"),
            (Series("", (4.8, 9.5, 23.6, 47, 118)),),
            look,
        )
    column.paragraph(
        "Below zero the gel stiffens and the error grows. Where this matters, the second-order correction of"
        " page 4 halves it. Current is proportional to the rate, since nearly all of it is used while"
        " converting."
    )


def _package(surface: Surface) -> None:
    rectangle(surface, Frame(60, 40, 150, 150), METAL, INK, 1.4, radius=6)
    circle(surface, (135, 100), 18, colour("#8d97a3"), INK, 1)
    circle(surface, (76, 56), 4, INK)
    write(surface, 135, 165, "TM-340", Style("mono", 12, INK, bold=True), "center")
    double_arrow(surface, (60, 212), (210, 212))
    write(surface, 135, 228, "3.00", Style("sans", 11), "center")
    double_arrow(surface, (234, 40), (234, 190))
    write(surface, 240, 119, "3.00", Style("sans", 11))
    rectangle(surface, Frame(310, 110, 150, 40), METAL, INK, 1.4)
    for x in (322, 376, 430):
        rectangle(surface, Frame(x, 150, 18, 5), colour("#b98b2f"), INK, 0.8)
    dashed(surface, (385, 90), (385, 170), GRAY)
    double_arrow(surface, (478, 110), (478, 155))
    write(surface, 472, 100, "0.88 max", Style("sans", 11), "center")
    write(surface, 385, 82, "vent hole 0.40", Style("sans", 11), "center")
    write(surface, 135, 26, "from above", SMALL.sized(10), "center")
    write(surface, 385, 26, "from the side", SMALL.sized(10), "center")


@page(
    ask("How high is the package of the TM-340 in its drawing?", "0.88 max", Evidence.FIGURE),
    ask("What is the diameter of the vent hole?", "vent hole 0.40", Evidence.FIGURE),
    ask("Which formula turns the raw reading of the sensor into a pressure?", "P = c0"),
)
def _mechanics(sheet: Sheet) -> None:
    column = _opened(sheet, 4)
    column.heading("Package", SECTION, before=0)
    with sheet.figure(column, 240, PALE_BLUE, before=4, after=8) as art:
        _package(art)
    column.paragraph("All lengths in millimetres.", SMALL.sized(9), after=10)
    column.heading("From raw numbers to pressure", SECTION)
    column.paragraph(
        "With the calibration numbers c0 to c4, read once from memory, and the raw readings R of pressure and"
        " T of temperature:"
    )
    column.paragraph("P = c0 + c1 R + c2 T + c3 R T + c4 T T", Style("mono", 12, INK, bold=True), after=8)
    column.paragraphs(
        "Use integers of 64 bits or floating point of 32. With floats of 16 bits the result is a random"
        " number with the right unit.",
        "To find a height h above sea level in metres from the pressure, the usual formula is good to a metre"
        " up to the clouds:",
    )
    column.paragraph("h = 44,330 (1 - (P / 1013.25)^0.1903)", Style("mono", 12, INK, bold=True), after=8)
    column.heading("Handling", SECTION)
    column.items(
        "Never wash the board after assembly: the vent would drink it.",
        "Keep the hole 5 mm away from fans, and out of the light. Silicon sees.",
        "Store in the sealed bag below 40 °C; once opened, solder within a week.",
    )


CENTRED: tuple[Align, ...] = ("center",) * 8
REGISTERS = (
    "0x00 ID R 0x4B 0 1 0 0 1 0 1 1 | Who am I",
    "0x01 CONF RW 0x00 RST - - OSR2 OSR1 OSR0 MODE1 MODE0 | Resolution and mode",
    "0x02 RATE RW 0x01 - - - - R3 R2 R1 R0 | Readings a second",
    "0x03 STAT R 0x00 - - FULL HALF OVR LIM TRDY PRDY | State",
    "0x04 INTC RW 0x00 POL OD - - FULLE HALFE LIME RDYE | What pulls the pin INT",
    "0x05 LIMH RW 0xFF L7 L6 L5 L4 L3 L2 L1 L0 | Upper limit, 4 hPa a step",
    "0x06 LIML RW 0x00 L7 L6 L5 L4 L3 L2 L1 L0 | Lower limit, 4 hPa a step",
    "0x07 PRSH R 0x80 P23 P22 P21 P20 P19 P18 P17 P16 | Pressure, high byte",
    "0x08 PRSM R 0x00 P15 P14 P13 P12 P11 P10 P9 P8 | Pressure, middle byte",
    "0x09 PRSL R 0x00 P7 P6 P5 P4 P3 P2 P1 P0 | Pressure, low byte",
    "0x0A TMPH R 0x80 T15 T14 T13 T12 T11 T10 T9 T8 | Temperature, high byte",
    "0x0B TMPL R 0x00 T7 T6 T5 T4 T3 T2 T1 T0 | Temperature, low byte",
)


def _register(line: str) -> list[str]:
    fields, meaning = line.split(" | ")
    return [*fields.split(), meaning]


@page(
    ask("At which register address can the lower limit of the sensor be set?", "0x06", Evidence.TABLE),
    ask("What identifier does the who-am-I register of the sensor return?", "0x4B", Evidence.TABLE),
    size=LANDSCAPE,
    turned=True,
)
def _registers(sheet: Sheet) -> None:
    column = _opened(sheet, 5)
    column.heading("Registers", SECTION, before=0)
    header = ("Address", "Name", "R/W", "Reset", *(f"Bit {bit}" for bit in range(7, -1, -1)), "Meaning")
    look = TableLook(
        Style("mono", 8.4, leading=1.7),
        Style("sans", 8.2, WHITE, bold=True),
        header_fill=BLUE,
        header_line=None,
        grid=PALE,
        stripe=PALE_BLUE,
        padding=5,
    )
    aligns: tuple[Align, ...] = ("left", "left", "left", "left", *CENTRED, "left")
    table = Table(
        header, [_register(line) for line in REGISTERS], (1, 0.9, 0.7, 0.9, *[0.9] * 8, 3.3), aligns=aligns
    )
    set_table(column, table, look, before=2, after=14)
    column.paragraphs(
        "A bit shown as a dash reads as zero and must be written as zero. The three bytes of the pressure are"
        " latched when the high byte is read, so read them in one go.",
        "After a reset (bit 7 of CONF) wait 3.5 ms before you speak to the part again.",
    )


DOCUMENT = DocumentDesign(
    "tm-340-datasheet.pdf",
    "Data sheet",
    "TM-340 pressure and temperature sensor",
    "Tallow Micro",
    (_overview, _characteristics, _curves, _mechanics, _registers),
)
