"""A talk in widescreen slides: big type on coloured grounds, drawn figures and charts that are pictures."""

from samples.charts import ChartLook, Series, bar_chart, row_chart
from samples.landscapes import NIGHT, darkened, night_sky
from samples.page_design import WIDESCREEN, DocumentDesign, Evidence, Sheet, ask, page
from training.drawing.shapes import arc, arrow, circle, dashed, rectangle
from training.drawing.surface import BLACK, WHITE, Colour, Frame, Style, Surface, colour
from training.drawing.table_typesetting import Table, TableLook, set_table
from training.drawing.typesetting import Column, write

MIDNIGHT = colour("#0e1430")
INDIGO = colour("#27307a")
GOLD = colour("#f4c04e")
CREAM = colour("#fbf6ea")
CORAL = colour("#e8604c")
SKY = colour("#6fb7e0")
SLATE = colour("#3a4163")

TITLE = Style("wide", 34, MIDNIGHT, bold=True, leading=1.15)
BODY = Style("wide", 21, SLATE, leading=1.45)
TINY = Style("wide", 10, SLATE)


def _slide(sheet: Sheet, number: int, title: str, ground: Colour = CREAM, ink: Colour = MIDNIGHT) -> Column:
    rectangle(sheet.ink, sheet.frame, ground)
    rectangle(sheet.ink, Frame(0, 0, 14, sheet.height), GOLD)
    write(sheet.ink, 60, 516, "Lanternfield Observatory - public evening", TINY.coloured(ink))
    write(sheet.ink, 910, 516, str(number), TINY.coloured(ink), "right")
    column = sheet.column(Frame(60, 44, 840, 450), BODY.coloured(ink))
    column.heading(title, TITLE.coloured(ink), before=0, after=18)
    return column


@page(ask("On which evening was the talk 'Our neighbours in the dark' given?", "17 October 2025"))
def _title(sheet: Sheet) -> None:
    sheet.ink.image(sheet.frame, darkened(night_sky((1600, 900), NIGHT, sheet.rng), 0.3))
    write(sheet.ink, 70, 220, "Our neighbours", Style("wide", 54, WHITE, bold=True))
    write(sheet.ink, 70, 284, "in the dark", Style("wide", 54, GOLD, bold=True))
    write(sheet.ink, 70, 340, "The solar system in ten slides", Style("wide", 22, WHITE))
    write(
        sheet.ink,
        70,
        470,
        "Lanternfield Observatory, public evening of 17 October 2025",
        Style("wide", 14, WHITE),
    )


@page(
    ask(
        "How long does sunlight take to reach the Earth, according to the observatory's slides?",
        "8 minutes 19 seconds",
    ),
    ask("Which unit of length do astronomers use inside the solar system?", "astronomical unit"),
)
def _how_far(sheet: Sheet) -> None:
    column = _slide(sheet, 2, "How far is far?", MIDNIGHT, CREAM)
    column.items(
        "One **astronomical unit** is the mean distance from the Earth to the Sun: 149.6 million kilometres.",
        "Sunlight needs **8 minutes 19 seconds** for it.",
        "The Moon is only 1.3 light seconds away.",
        "Neptune is 30 units out: four hours at the speed of light.",
        after=12,
    )
    for share, name in (
        (0.0, "Sun"),
        (0.033, "Earth"),
        (0.173, "Jupiter"),
        (0.319, "Saturn"),
        (0.64, "Uranus"),
        (1.0, "Neptune"),
    ):
        circle(sheet.ink, (90 + 780 * share, 452), 7 if share else 15, GOLD if not share else SKY)
        write(sheet.ink, 90 + 780 * share, 484, name, TINY.coloured(CREAM), "center")


PLANETS = (
    ("Mercury", "4,879", "0.39", "88 days", "59 days"),
    ("Venus", "12,104", "0.72", "225 days", "243 days"),
    ("Earth", "12,756", "1.00", "365 days", "23.9 hours"),
    ("Mars", "6,792", "1.52", "687 days", "24.6 hours"),
    ("Jupiter", "142,984", "5.20", "11.9 years", "9.9 hours"),
    ("Saturn", "120,536", "9.58", "29.4 years", "10.7 hours"),
    ("Uranus", "51,118", "19.2", "84 years", "17.2 hours"),
    ("Neptune", "49,528", "30.1", "165 years", "16.1 hours"),
)


@page(
    ask("What is the diameter of Mars in kilometres?", "6,792", Evidence.TABLE, demo=True),
    ask("Which planet turns once around itself in 9.9 hours?", "9.9 hours", Evidence.TABLE),
)
def _planets(sheet: Sheet) -> None:
    column = _slide(sheet, 3, "Eight planets in one table")
    look = TableLook(
        Style("wide", 17, MIDNIGHT, leading=1.6),
        Style("wide", 14, WHITE, bold=True),
        INDIGO,
        header_line=None,
        stripe=colour("#f0e7d2"),
        padding=10,
    )
    header = ("Planet", "Diameter, km", "Distance, au", "Its year", "One turn")
    set_table(column, Table(header, PLANETS, (1.2, 1, 1, 1, 1)), look, before=-4)


@page(
    ask(
        "How many Earth masses does Jupiter have in the bar chart of the giant planets?",
        "318 Earths",
        Evidence.CHART,
    ),
    ask("Which giant planet weighs as much as 95 Earths?", "95 Earths", Evidence.CHART),
)
def _giants(sheet: Sheet) -> None:
    column = _slide(sheet, 4, "Four giants on the scales")
    rows = (("Jupiter", 318.0), ("Saturn", 95.0), ("Neptune", 17.0), ("Uranus", 14.5))
    look = ChartLook(
        "", "", (CORAL, GOLD, SKY, INDIGO), Style("wide", 17, MIDNIGHT), lambda mass: f"{mass:g} Earths"
    )
    with sheet.figure(column, 270, CREAM, after=16) as art:
        row_chart(art, Frame(4, 4, 832, 262), rows, look)
    column.paragraph("All the other planets together would not make up the lightest of them.", BODY)


def _moon(surface: Surface, x: float, y: float, phase: float) -> None:
    """A moon lit from the right; `phase` runs from 0 (new) over 0.5 (full) to 1."""
    radius = 34.0
    circle(surface, (x, y), radius, colour("#2c3155"))
    waxing = phase <= 0.5
    limb = arc((x, y), radius, 0, 180 if waxing else -180)
    bulge = 1 - 4 * phase if waxing else 4 * phase - 3
    side = 1 if waxing else -1
    edge = [(x + side * bulge * abs(px - x), py) for px, py in reversed(limb)]
    surface.polygon([*limb, *edge], colour("#f6eccb"))


PHASES = (
    "New",
    "Waxing crescent",
    "First quarter",
    "Waxing gibbous",
    "Full",
    "Waning gibbous",
    "Last quarter",
    "Waning crescent",
)


@page(
    ask("What does a waxing gibbous moon look like?", "Waxing gibbous", Evidence.FIGURE, demo=True),
    ask("How many days pass from one new moon to the next?", "29.5 days"),
)
def _moon_phases(sheet: Sheet) -> None:
    column = _slide(sheet, 5, "Why the Moon changes its face", MIDNIGHT, CREAM)
    column.paragraph(
        "One half is always lit. From **new** to new takes 29.5 days, and we see the lit half from a new side"
        " each night."
    )
    with sheet.picture(Frame(60, 220, 840, 270), MIDNIGHT) as art:
        for number, name in enumerate(PHASES):
            x, y = 105 + (number % 4) * 210, 48 + (number // 4) * 134
            _moon(art, x, y, number / 8)
            write(art, x, y + 62, name, Style("wide", 14, CREAM), "center")


@page(
    ask("When will a total solar eclipse cross Spain and Iceland?", "12 August 2026"),
    ask(
        "What is the darkest, inner part of the Moon's shadow called in the eclipse drawing?",
        "umbra",
        Evidence.FIGURE,
    ),
)
def _eclipse(sheet: Sheet) -> None:
    column = _slide(sheet, 6, "When the Moon gets in the way")
    column.paragraph(
        "The Sun is 400 times as wide as the Moon and 400 times as far away. That is chance, and it is why"
        " eclipses fit."
    )
    with sheet.picture(Frame(60, 200, 840, 210), CREAM) as art:
        circle(art, (100, 105), 88, GOLD)
        art.polygon([(430, 83), (430, 127), (712, 107), (712, 103)], SLATE)
        art.polygon([(430, 83), (712, 62), (712, 148), (430, 127)], Colour(*SLATE[:3], 0.25))
        circle(art, (430, 105), 22, BLACK)
        circle(art, (745, 105), 46, SKY)
        for name, x, y in (
            ("Sun", 100, 110),
            ("Moon", 430, 160),
            ("Earth", 745, 172),
            ("umbra", 500, 110),
            ("penumbra", 560, 40),
        ):
            write(
                art,
                x,
                y,
                name,
                Style("wide", 15, WHITE if name == "umbra" else MIDNIGHT, bold=True),
                "center",
            )
        arrow(art, (560, 46), (580, 82), MIDNIGHT)
    column.y = 430
    column.paragraph("Next in Europe: **12 August 2026**, over Greenland, Iceland and Spain.")


@page(
    ask("What is the surface temperature of Rigel in the chart of star colours?", "12,100 K", Evidence.CHART),
    ask("Which of the stars in the temperature chart is the coolest?", "Betelgeuse", Evidence.CHART),
)
def _star_colours(sheet: Sheet) -> None:
    column = _slide(sheet, 7, "Blue is hot, red is cool", INDIGO, CREAM)
    shades = (colour("#9fc3ff"), colour("#dfe8ff"), colour("#fff1b8"), colour("#ffbf73"), colour("#ff7d5a"))
    values = Series("", (12100, 9940, 5772, 4290, 3600))
    names = ("Rigel", "Sirius", "Sun", "Arcturus", "Betelgeuse")
    with sheet.picture(Frame(60, column.y, 840, 330), INDIGO) as art:
        rows = tuple(zip(names, values.values, strict=True))
        look = ChartLook("", "", shades, Style("wide", 18, CREAM), lambda kelvin: f"{kelvin:,.0f} K")
        row_chart(art, Frame(6, 6, 828, 318), rows, look)
    column.y = 452
    column.paragraph("Look for the three of them that you can see tonight.", BODY.coloured(GOLD))


@page(
    ask(
        "What does the observatory recommend to see after twenty minutes of getting used to the dark?",
        "Andromeda galaxy",
    ),
    ask("How far away is the Andromeda galaxy?", "2.5 million light years"),
)
def _tonight(sheet: Sheet) -> None:
    column = _slide(sheet, 8, "What to look for tonight")
    column.steps(
        "**Saturn**, low in the south-east: the bright one that does not twinkle. Its rings are thin"
        " this year.",
        "**The double cluster** in Perseus: two heaps of stars, best in binoculars.",
        "After twenty minutes in the dark, the **Andromeda galaxy**: a smudge, 2.5 million light"
        " years away, and the farthest thing that you can see without help.",
        "**The space station** at 20:41, from west to south, for five minutes.",
    )
    rectangle(sheet.ink, Frame(60, 424, 840, 56), GOLD, radius=8)
    write(
        sheet.ink,
        84,
        459,
        "Please: red lamps only, and no telephones on the terrace.",
        BODY.in_bold().coloured(MIDNIGHT),
    )


@page(
    ask(
        "How many meteors an hour can be seen in the best night of the Geminids?",
        "150 an hour",
        Evidence.CHART,
    ),
    ask("What rate do the Perseids reach in the meteor shower chart?", "100 an hour", Evidence.CHART),
)
def _meteors(sheet: Sheet) -> None:
    column = _slide(sheet, 9, "Wishes by the hour")
    column.paragraph("What each shower brings in its best night, under a dark sky with the radiant overhead.")
    look = ChartLook("", "", (CORAL,), Style("wide", 15, MIDNIGHT), lambda rate: f"{rate:.0f} an hour")
    names = ("Quadrantids", "Lyrids", "Eta Aquariids", "Perseids", "Leonids", "Geminids")
    with sheet.picture(Frame(60, column.y + 6, 840, 300), CREAM) as art:
        bar_chart(art, Frame(4, 4, 832, 292), names, (Series("", (110, 18, 50, 100, 15, 150)),), look)


@page(
    ask("What does a year's membership of the observatory cost?", "£28"),
    ask("Where does the observatory's next talk about black holes take place?", "Mill Lane Hall"),
)
def _goodbye(sheet: Sheet) -> None:
    column = _slide(sheet, 10, "Come again", CORAL, WHITE)
    column.items(
        "The dome is open every **Friday** from October to March, clouds or no clouds.",
        "Members (**£28** a year, children free) may bring a guest and borrow the small telescopes.",
        "Next talk: _What black holes do at lunch_, 14 November, in the Mill Lane Hall.",
        after=14,
    )
    for radius in (60, 90, 120):
        dashed(sheet.ink, (880 - radius, 470), (880, 470 - radius), WHITE, 1.5)
    circle(sheet.ink, (850, 440), 26, GOLD)


DOCUMENT = DocumentDesign(
    "night-sky-slides.pdf",
    "Slides",
    "Our neighbours in the dark",
    "Lanternfield Observatory",
    (
        _title,
        _how_far,
        _planets,
        _giants,
        _moon_phases,
        _eclipse,
        _star_colours,
        _tonight,
        _meteors,
        _goodbye,
    ),
    WIDESCREEN,
)
