"""A travel brochure: light words on photographs, on some pages painted into the picture itself."""

from collections.abc import Sequence

from PIL import Image

from samples.landscapes import DAWN, DUSK, MIST, NIGHT, NOON, coast, darkened, mountains, night_sky, town
from samples.page_design import DocumentDesign, Evidence, Sheet, ask, page
from training.drawing.shapes import circle, dashed, rectangle, rule, smooth
from training.drawing.surface import INK, WHITE, Colour, Frame, Style, Surface, colour
from training.drawing.table_typesetting import Table, TableLook, draw_table
from training.drawing.typesetting import write

SIZE = (720.0, 540.0)
PIXELS = (1440, 1080)
SUN = colour("#ffd27d")
DEEP = colour("#10324a")
SEA = colour("#cfe3ea")
LAND = colour("#e9dfc4")

HEADLINE = Style("slab", 38, WHITE, bold=True)
BODY = Style("sans", 13, WHITE, leading=1.5)


def _painted(sheet: Sheet, photograph: Image.Image, headline: str, texts: Sequence[str], top: float) -> None:
    """A page that is one picture: its words are painted into it and stand in no text layer."""
    with sheet.picture(sheet.frame) as art:
        art.image(sheet.frame, photograph)
        write(art, 48, top, headline, HEADLINE)
        rectangle(art, Frame(48, top + 16, 70, 4), SUN)
        column = sheet.column(Frame(48, top + 34, 430, SIZE[1] - top - 60), BODY.sized(14.5), on=art)
        column.paragraphs(*texts, after=8)


@page(
    ask("What do the Skarvoy Isles promise on the cover of the brochure?", "Nine islands, no traffic lights")
)
def _cover(sheet: Sheet) -> None:
    sheet.ink.image(sheet.frame, darkened(coast(PIXELS, DUSK, sheet.rng), 0.55, from_top=True))
    write(sheet.ink, 48, 104, "The Skarvoy Isles", HEADLINE.sized(52))
    write(sheet.ink, 48, 140, "Nine islands, no traffic lights", BODY.sized(20))
    rectangle(sheet.ink, Frame(48, 158, 84, 5), SUN)
    write(sheet.ink, 48, 510, "Visitors' guide for the summer of 2025", BODY)


@page(
    ask(
        "Which animals can be seen from the cliffs of Skarvoy in the month of June?",
        "puffins",
        Evidence.FIGURE,
    ),
    ask("How high is the great sea cliff of the Skarvoy Isles?", "412 metres", Evidence.FIGURE),
)
def _cliffs(sheet: Sheet) -> None:
    photograph = darkened(mountains(PIXELS, NOON, sheet.rng), 0.7)
    texts = (
        (
            "The Hvalknip falls 412 metres straight into the sea. In June two hundred thousand puffins nest"
            " in its grass, and they are not afraid of you."
        ),
        "Walk up from the church in an hour and a half. Lie down for the last two metres.",
    )
    _painted(sheet, photograph, "Where the land ends", texts, 322)


@page(
    ask(
        "On how many nights of winter can the northern lights be seen over the islands?",
        "every third night",
        Evidence.FIGURE,
    ),
    ask("What does the guided evening walk to the northern lights cost?", "240 crowns", Evidence.FIGURE),
)
def _lights(sheet: Sheet) -> None:
    photograph = darkened(night_sky(PIXELS, NIGHT, sheet.rng, aurora=True), 0.3)
    texts = (
        (
            "From October to March the sky turns green on every third night. There is no lamp for forty"
            " kilometres."
        ),
        "Guided evening walk with soup and reindeer skins: 240 crowns, children half. Bring socks.",
    )
    _painted(sheet, photograph, "Lights without a switch", texts, 330)


ISLANDS = (
    ("Storvoy", 0.44, 0.50, 74),
    ("Hestvoy", 0.66, 0.36, 44),
    ("Lamb Holm", 0.25, 0.30, 30),
    ("Kjolvoy", 0.70, 0.68, 36),
    ("The Kettles", 0.20, 0.72, 20),
)


def _island(surface: Surface, x: float, y: float, radius: float, tilt: float) -> None:
    rim = (
        (1.0, 0.1),
        (0.7, 0.75),
        (0.05, 0.62),
        (-0.6, 0.85),
        (-1.05, 0.2),
        (-0.75, -0.55),
        (-0.1, -0.8),
        (0.6, -0.6),
        (1.0, 0.1),
    )
    points = [
        (x + radius * (px + tilt * py * 0.4), y + radius * 0.8 * (py - tilt * px * 0.3)) for px, py in rim
    ]
    surface.polygon(smooth(points), LAND, colour("#a89566"), 1.2)


def _map(surface: Surface, width: float, height: float) -> None:
    for number, (_, x, y, radius) in enumerate(ISLANDS):
        _island(surface, x * width, y * height, radius, (-1) ** number * 0.8)
    for first, second in (
        ((0.44, 0.50), (0.66, 0.36)),
        ((0.44, 0.50), (0.25, 0.30)),
        ((0.44, 0.50), (0.70, 0.68)),
    ):
        dashed(
            surface,
            (first[0] * width, first[1] * height),
            (second[0] * width, second[1] * height),
            DEEP,
            1.3,
            4,
        )
    for name, x, y, _ in ISLANDS:
        circle(surface, (x * width, y * height), 3.4, colour("#c0392b"), WHITE, 1)
        write(surface, x * width + 7, y * height - 6, name, Style("slab", 11, INK, bold=True))
    for text, x, y in (("35 min", 0.535, 0.425), ("50 min", 0.305, 0.43), ("25 min", 0.535, 0.645)):
        write(surface, x * width, y * height - 5, text, Style("sans", 10, DEEP, italic=True), "center")
    write(surface, width - 20, 30, "N", Style("sans", 14, DEEP, bold=True), "right")
    surface.polygon([(width - 25, 36), (width - 31, 54), (width - 19, 54)], DEEP)


@page(
    ask("How long does the ferry from Storvoy to Lamb Holm take on the map?", "50 min", Evidence.FIGURE),
    ask("How do I get to the Skarvoy Isles without flying?", "night ferry from Ulvsund"),
)
def _getting_here(sheet: Sheet) -> None:
    rectangle(sheet.ink, sheet.frame, colour("#f7f3ea"))
    write(sheet.ink, 48, 74, "Getting here, getting around", Style("slab", 28, DEEP, bold=True))
    with sheet.picture(Frame(48, 100, 400, 390), SEA) as art:
        _map(art, 400, 390)
    column = sheet.column(Frame(474, 100, 200, 400), Style("sans", 12, INK, leading=1.5))
    column.heading("By sea", Style("slab", 15, DEEP, bold=True), before=0)
    column.paragraph(
        "The night ferry from Ulvsund leaves at 22.30 and arrives for breakfast. Cabins from 380 crowns."
    )
    column.heading("By air", Style("slab", 15, DEEP, bold=True))
    column.paragraph("Two small aircraft a day land on Storvoy if the sheep have left the runway.")
    column.heading("Between islands", Style("slab", 15, DEEP, bold=True))
    column.paragraph(
        "Dashed lines are boats. A pass for seven days costs 520 crowns and includes your bicycle."
    )
    write(
        sheet.ink,
        48,
        512,
        "Boats sail from 1 May to 30 September; in winter ask at the harbour.",
        Style("sans", 9.5, DEEP),
    )


STAYS = (
    ("Lighthouse, Kjolvoy", "2", "1,450", "no road, no neighbours"),
    ("Old Rectory, Storvoy", "9", "980", "library, peat fire"),
    ("Net Lofts, Hestvoy", "14", "760", "above the harbour"),
    ("Hostel, Storvoy", "32", "290", "kitchen for all"),
    ("Camp ground, Lamb Holm", "40", "110", "wind included"),
)


@page(
    ask("What does a night in the lighthouse on Kjolvoy cost?", "1,450", Evidence.TABLE),
    ask("How many beds or pitches does the hostel on Storvoy have?", "32", Evidence.TABLE),
)
def _where_to_stay(sheet: Sheet) -> None:
    sheet.ink.image(sheet.frame, darkened(town(PIXELS, DUSK, sheet.rng), 0.35))
    rectangle(sheet.ink, Frame(48, 48, 624, 274), Colour(*DEEP[:3], 0.84), radius=10)
    write(sheet.ink, 72, 96, "Where to stay", HEADLINE.sized(30))
    look = TableLook(
        Style("sans", 13, WHITE, leading=1.6),
        Style("sans", 11, SUN, bold=True),
        line=colour("#4d7188"),
        padding=6,
    )
    table = Table(
        ("House", "Beds", "Crowns a night", "Good to know"),
        STAYS,
        (2, 0.7, 1.2, 1.8),
        aligns=("left", "right", "right", "left"),
    )
    y = draw_table(sheet.ink, 66, 118, 588, table, look)
    write(sheet.ink, 72, y + 24, "Breakfast is included everywhere but at the camp ground.", BODY.sized(11.5))


@page(
    ask("When is the herring feast of the islands held?", "last Saturday of August", Evidence.FIGURE),
    ask("What is danced at the herring feast until the sun comes up?", "chain dance", Evidence.FIGURE),
)
def _feast(sheet: Sheet) -> None:
    photograph = darkened(town(PIXELS, DAWN, sheet.rng), 0.62, from_top=True)
    texts = (
        "On the last Saturday of August a table of three hundred metres is laid along the quay.",
        (
            "There is herring in eleven ways, rhubarb in four, and a chain dance that ends when the sun"
            " comes up."
        ),
    )
    _painted(sheet, photograph, "The herring feast", texts, 90)


@page(
    ask("Which number should visitors to the islands call for mountain rescue?", "1515"),
    ask("What should one do on meeting a skua on the moor?", "raise a stick above your head"),
)
def _good_to_know(sheet: Sheet) -> None:
    sheet.ink.image(Frame(0, 0, 250, SIZE[1]), mountains((500, 1080), MIST, sheet.rng))
    write(sheet.ink, 286, 84, "Good to know", Style("slab", 28, DEEP, bold=True))
    rule(sheet.ink, 286, 98, 370, SUN, 4)
    column = sheet.column(Frame(286, 122, 390, 380), Style("sans", 13, INK, leading=1.5))
    column.items(
        "**Weather:** all of it, daily. The mean of July is 12 °C. Trust wool.",
        "**Money:** cards everywhere but in the honesty shops, where a tin and a pencil serve.",
        "**Dogs:** welcome, on a lead, from May to October because of the lambs.",
        "**Skuas** defend their nests by diving at you. Keep calm and raise a stick above your head;"
        " they aim for the highest point.",
        "**Rescue:** call 1515. It is manned by two sisters and a helicopter.",
        "**Sunday:** shops are closed, doors are open.",
        after=8,
    )


DOCUMENT = DocumentDesign(
    "skarvoy-travel-brochure.pdf",
    "Brochure",
    "The Skarvoy Isles",
    "Skarvoy Visitors' Office",
    (_cover, _cliffs, _lights, _getting_here, _where_to_stay, _feast, _good_to_know),
    SIZE,
)
