"""A paper in two columns: equations, figures that are pictures, a table, and references."""

from samples.charts import ChartLook, Series, bar_chart, line_chart, scatter_chart
from samples.page_design import DocumentDesign, Evidence, Sheet, ask, page
from training.drawing.shapes import arrow, circle, dashed, double_arrow, ellipse, rectangle, smooth
from training.drawing.surface import GRAY, INK, WHITE, Frame, Style, Surface, colour
from training.drawing.table_typesetting import Table, TableLook, set_table
from training.drawing.typesetting import Column, write

SIZE = (540.0, 740.0)
MARGIN = 42.0
BODY = Style("serif", 10.8, leading=1.26)
SMALL = BODY.sized(9.2)
SECTION = Style("serif", 11.5, bold=True)
BLUE = colour("#1f4e8c")
RUST = colour("#b5482a")
LOOK = TableLook(Style("serif", 9), Style("serif", 9, bold=True), line=WHITE, padding=3)
CHART = Style("sans", 8.5)
GUTTER = 20.0


def _columns(sheet: Sheet, number: int, top: float = 54) -> tuple[Column, Column]:
    write(sheet.ink, MARGIN, 36, "J. Invented Geophys. 12 (2023) 101 - 105", SMALL.in_italic())
    write(sheet.ink, sheet.width - MARGIN, 36, str(100 + number), SMALL, "right")
    width = (sheet.width - 2 * MARGIN - GUTTER) / 2
    left = sheet.column(Frame(MARGIN, top, width, 710 - top), BODY, "justify")
    return left, sheet.column(Frame(MARGIN + width + GUTTER, top, width, 710 - top), BODY, "justify")


def _equation(column: Column, text: str, number: int) -> None:
    y = column.y + 14
    write(column.surface, column.frame.middle[0], y, text, Style("serif", 11.5, italic=True), "center")
    write(column.surface, column.frame.right, y, f"({number})", BODY, "right")
    column.gap(28)


def _caption(column: Column, text: str) -> None:
    column.paragraph(text, SMALL, after=10)


def _head(sheet: Sheet) -> None:
    """Title, authors and abstract, across both columns."""
    write(sheet.ink, 270, 80, "How much does a beach lean?", Style("serif", 20, bold=True), "center")
    write(
        sheet.ink,
        270,
        103,
        "Tidal loading of Marl Bay measured with water-tube tiltmeters",
        Style("serif", 13),
        "center",
    )
    write(
        sheet.ink,
        270,
        128,
        "Dagny Oyelaran, Tomasz Fairweather and Li-Hua Brandt",
        Style("serif", 11),
        "center",
    )
    write(
        sheet.ink,
        270,
        144,
        "Institute for Quiet Measurements, Marl",
        Style("serif", 9.5, italic=True),
        "center",
    )
    abstract = sheet.column(Frame(80, 160, 380, 110), BODY.sized(10.2), "justify")
    abstract.paragraph(
        "**Abstract.** When the tide comes in, the weight of the water bends the crust below it. We measured"
        " this bending for 412 days with four water-tube tiltmeters, each 48 m long, dug into the dunes of"
        " Marl Bay. At spring tide the ground leans towards the sea by 0.83 microradians, about the angle at"
        " which a hair is seen from a hundred metres. The lean lags the water by 21 minutes. We explain the"
        " lag by water that seeps through the sand, and show that rain of more than 20 mm a day doubles it."
    )


@page(
    ask(
        "What is the main finding in the abstract about tides and the tilt of Marl Bay?", "0.83 microradians"
    ),
    ask("At which institute does Dagny Oyelaran work?", "Institute for Quiet Measurements"),
)
def _abstract(sheet: Sheet) -> None:
    _head(sheet)
    left, right = _columns(sheet, 1, 272)
    left.heading("1. Introduction", SECTION, before=0)
    left.paragraphs(
        "A cubic metre of sea water weighs a little more than a tonne. A tide of four metres over a bay of"
        " twenty square kilometres is therefore a load of eighty million tonnes, put on and taken off twice a"
        " day. The ground below is not rigid and must give way.",
        "That it does so has been known since Darwin's son tried, in 1880, to weigh the Moon with a pendulum"
        " in a cellar and found that the cellar moved more than the pendulum [1]. The load tide of oceans is"
        " well described by models of the whole Earth [2]. Close to the shore, within a few hundred metres,"
        " these models fail: the sea bed is soft, the sand holds water, and the load stands next to the"
        " instrument rather than far from it.",
        "The nearest comparable study used a borehole of 30 m [3]. Boreholes are dear and few.",
    )
    right.paragraphs(
        "Our tubes cost about as much as a used car and can be dug by four people in a week. With them we ask"
        " three questions. How far does a beach lean? When does it lean? And what has rain to do with it?",
        "The reason to care is practical. The sluices of Marl are closed by a laser level that trusts the"
        " ground to stand still. In the winter of 2021 they closed eleven times when there was no need.",
    )
    right.heading("2. The site", SECTION)
    right.paragraphs(
        "Marl Bay opens to the north-west. It is 6.1 km wide at the mouth and dries out over a third of its"
        " surface at low water. Below 3 m of blown sand lies blue clay, and below the clay, at 17 m, chalk."
        " The mean tidal range is 3.4 m at neaps and 5.9 m at springs.",
        "Four trenches were dug at right angles to the shore, at distances of 40, 90, 180 and 350 m from the"
        " line of high water. They are called A to D in what follows. Each was covered with a metre of sand"
        " to keep out the wind and the sun, and each was visited once a month, by bicycle.",
    )


def _instrument(surface: Surface) -> None:
    surface.polygon([(0, 34), (218, 34), (218, 140), (0, 140)], colour("#ead9b0"))
    rectangle(surface, Frame(25, 70, 168, 12), colour("#bcd9ee"), INK, 1)
    for x in (15, 183):
        rectangle(surface, Frame(x, 50, 20, 42), colour("#bcd9ee"), INK, 1)
        ellipse(surface, Frame(x + 4, 58, 12, 6), RUST, INK, 0.7)
        circle(surface, (x + 10, 40), 5, WHITE, INK, 1)
        dashed(surface, (x + 10, 45), (x + 10, 58), RUST)
    double_arrow(surface, (25, 106), (193, 106))
    for text, x, y in (
        ("48 m", 109, 119),
        ("float", 50, 64),
        ("camera", 56, 46),
        ("tube, 60 mm wide", 116, 66),
        ("sand", 20, 130),
    ):
        write(surface, x, y, text, CHART, "center")
    surface.polyline(smooth([(0, 34), (60, 31), (120, 35), (180, 32), (218, 34)]), colour("#9a7b3c"), 1.5)
    write(surface, 109, 22, "surface of the dune", CHART, "center")


@page(
    ask("How wide is the tube of the tiltmeter in the drawing?", "60 mm", Evidence.FIGURE),
    ask(
        "Which equation relates tilt to the height difference at the ends of the tube?",
        "(h1 \N{EN DASH} h2) / L",
    ),
)
def _instruments(sheet: Sheet) -> None:
    left, right = _columns(sheet, 2)
    left.heading("3. Instruments", SECTION, before=0)
    left.paragraphs(
        "A water-tube tiltmeter is a long, level pipe half full of water with a pot at each end (Fig. 1)."
        " When the ground tilts, the water does not; it rises in one pot and falls in the other. A float"
        " carries a mirror, and a small camera looks at the mirror ten times a second.",
        "If the water stands at the heights h1 and h2 in pots at a distance L, the tilt is",
    )
    _equation(left, "θ  =  (h1 - h2) / L", 1)
    left.paragraphs(
        "With floats that are read to 4 nm the resolution is 0.08 nanoradians, far below the noise of the"
        " beach. What matters more is temperature. Water expands by about two parts in ten thousand for each"
        " degree, so that the two pots have to be kept alike to a few hundredths of a degree. The sand does"
        " this for us.",
        "Tides in the bay were taken from the gauge at the pier, which is read every five minutes. Rain and"
        " the pressure of the air came from our own station, and the water table from three standpipes"
        " between A and C.",
    )
    left.heading("3.1 Calibration", SECTION.sized(10.5))
    left.paragraphs(
        "Once a month one pot of each tube was lifted by a screw of known pitch. The response drifted by less"
        " than 0.6 per cent over the campaign. The screw of tube B rusted fast in May and was replaced; data"
        " of that tube between 3 and 19 May are left out."
    )
    with sheet.picture(Frame(right.frame.x, right.y, 218, 148)) as art:
        _instrument(art)
    right.gap(154)
    _caption(
        right,
        "**Fig. 1.** The instrument in its trench. Not to scale: the real one is eight hundred times as long"
        " as wide.",
    )
    right.heading("4. Method", SECTION)
    right.paragraphs(
        "We model the tilt at time t as the answer to the load of the tide η, delayed by a lag τ, with a slow"
        " drift d that stands for everything that seasons do:"
    )
    _equation(right, "θ(t)  =  a · η(t - τ)  +  b · p(t)  +  d(t)", 2)
    right.paragraphs(
        "where p is the pressure of the air. The admittance a and the lag τ were found for each window of 29"
        " days by least squares; b was found once for all. The drift is a cubic spline with a knot every ten"
        " days.",
        "Seepage is governed by diffusion. A load that acts on a layer of thickness H with the hydraulic"
        " diffusivity κ is felt at its base after a time of the order of",
    )
    _equation(right, "τ  ≈  H² / (4 κ)", 3)
    right.paragraphs(
        "For three metres of sand with κ = 0.0018 m²/s this is 1,250 s, or 21 minutes. We stress that κ was"
        " measured in a bucket in our cellar before any tilt had been analysed.",
        "Uncertainties were estimated by leaving out one window after another and are given as one standard"
        " deviation.",
    )


@page(
    ask("What lag in minutes was found for trench D?", "34", Evidence.TABLE),
    ask(
        "How far does the beach lean at a distance of 90 m, in the decay figure?", "0.52 µrad", Evidence.CHART
    ),
    ask("How much does the beach still lean 350 m from the sea?", "0.11 µrad", Evidence.CHART),
)
def _results(sheet: Sheet) -> None:
    left, right = _columns(sheet, 3)
    left.heading("5. Results", SECTION, before=0)
    left.paragraphs(
        "All four tubes lean towards the sea when the water rises and back when it falls. The lean becomes"
        " smaller with distance from the shore, quickly at first (Fig. 2), and the lag becomes longer"
        " (Table 1)."
    )
    look = ChartLook(
        "", "tilt at spring tide, by distance", (BLUE,), CHART.sized(9.5), lambda v: f"{v:.2f} µrad"
    )
    with sheet.picture(Frame(left.frame.x, left.y, 218, 190)) as art:
        names = ("40 m", "90 m", "180 m", "350 m")
        line_chart(art, Frame(4, 4, 210, 182), names, (Series("", (0.83, 0.52, 0.29, 0.11)),), look)
    left.gap(196)
    _caption(
        left,
        "**Fig. 2.** The lean of the beach at spring tide and its decay inland. Errors are smaller than the"
        " dots.",
    )
    left.paragraphs(
        "The decay is steeper than that of a half-space of chalk under the same load, by a factor of 1.7 at"
        " D. A layer of clay with a fifth of the stiffness of chalk, as found in the borehole of the"
        " waterworks, brings the two into agreement. We did not adjust the thickness of the layer.",
        "The admittance at A does not depend on the range of the tide: springs and neaps lie on one straight"
        " line with a correlation of 0.994. The ground is a good spring.",
    )
    table = Table(
        ("Trench", "Distance, m", "a, µrad / m", "Lag, min"),
        (
            ("A", "40", "0.141 ± 0.002", "21"),
            ("B", "90", "0.088 ± 0.002", "24"),
            ("C", "180", "0.049 ± 0.001", "29"),
            ("D", "350", "0.019 ± 0.001", "34"),
        ),
        (1, 1.1, 1.5, 1),
    )
    _caption(right, "**Table 1.** Admittance and lag of the four trenches over 412 days.")
    set_table(right, table, LOOK, before=-4, after=12)
    right.paragraphs(
        "The lag at A, 21 minutes, is what Eq. (3) predicts. Farther inland it grows by about four minutes"
        " for each hundred metres. A wave of pressure that travels sideways through the sand would do this,"
        " and so would a clay that yields slowly. We cannot tell the two apart from tilt alone.",
        "The air matters less. A rise of pressure of ten hectopascals tilts the beach by 0.02 microradians,"
        " away from the sea, because the load on the water is passed on to the sea bed while the load on the"
        " land is carried by the sand.",
        "In the residuals we see the traffic on the coast road (0.004 microradians, from seven in the"
        " morning), the concerts of July, and once, on 6 February, the surface waves of a great earthquake on"
        " the other side of Europe, which went on for more than an hour.",
    )
    right.heading("5.1 Rain", SECTION.sized(10.5))
    right.paragraphs(
        "On dry days the lag at A stays within two minutes of its mean. After heavy rain it is longer, by as"
        " much as 23 minutes, and it takes four days to come back. The next section looks at this."
    )


@page(
    ask("What lag does the bar chart give for days with more than 20 mm of rain?", "43 min", Evidence.CHART),
    ask("How long does the beach need to recover after heavy rain?", "half of it in 31 hours"),
)
def _rain(sheet: Sheet) -> None:
    left, right = _columns(sheet, 4)
    left.heading("6. What rain does", SECTION, before=0)
    left.paragraphs(
        "We sorted the 412 days by the rain of the 24 hours before high water and averaged the lag of each"
        " class (Fig. 3). Up to five millimetres nothing can be seen. Beyond that the lag grows, and in the"
        " wettest class it is twice that of dry days."
    )
    look = ChartLook(
        "", "mean lag at trench A, by class of rain", (RUST,), CHART.sized(9.5), lambda v: f"{v:.0f} min"
    )
    with sheet.picture(Frame(left.frame.x, left.y, 218, 170)) as art:
        names = ("0 - 1 mm", "1 - 5 mm", "5 - 20 mm", "> 20 mm")
        bar_chart(art, Frame(4, 4, 210, 162), names, (Series("", (21, 22, 30, 43)),), look)
    left.gap(176)
    _caption(left, "**Fig. 3.** The lag doubles in the wettest class, which holds only seventeen days.")
    left.paragraphs(
        "The likely reason is air. Dry sand is full of connected pores, through which a change of pressure"
        " travels fast. When rain seals the surface the air below it is shut in and becomes a cushion, and κ"
        " falls. The standpipes support this: after rain the water in them bubbles.",
        "The lag does not stay long. It loses half of it in 31 hours in summer, and more slowly in winter,"
        " when the sand dries only by draining.",
    )
    points_a = [(0.5 + i * 1.1, 20.6 + 0.035 * (i * 1.1) ** 1.95 + (-1) ** i * 0.9) for i in range(24)]
    points_b = [(0.8 + i * 1.6, 28.7 + 0.012 * (i * 1.6) ** 1.9 + (-1) ** i * 0.7) for i in range(17)]
    look = ChartLook("", "lag in minutes", (BLUE, RUST), CHART)
    with sheet.picture(Frame(right.frame.x, right.y, 218, 180)) as art:
        scatter_chart(
            art,
            Frame(4, 4, 210, 172),
            (("A", points_a), ("C", points_b)),
            ("rain in 24 h, mm", (0, 10, 20, 30)),
            look,
        )
    right.gap(186)
    _caption(right, "**Fig. 4.** Single days at the trenches A and C.")
    right.paragraphs(
        "The same is seen at C, though less clearly (Fig. 4). At D, where the dune is planted and the soil is"
        " never dry, there is no effect of rain at all, and this is perhaps the best evidence that the"
        " surface is where it happens.",
        "We looked for an effect of frost and found none; but there were only nine days of it.",
    )
    right.heading("7. Sluices", SECTION)
    right.paragraphs(
        "For the laser level at the sluice, 260 m from the sea, our model gives a lean of 0.19 microradians"
        " at spring tide. Over the 1.4 km of the beam this moves the spot by a quarter of a millimetre, which"
        " is the tolerance of the level. A correction with a fixed lag of half an hour removes nine tenths of"
        " it and could be made by a clockwork."
    )


REFERENCES = (
    (
        "G. H. Darwin and H. Darwin, on an instrument for detecting small changes of the direction of"
        " gravity (1881)."
    ),
    "A. E. H. Love, _Some Problems of Geodynamics_, Cambridge (1911).",
    ("D. Oyelaran, thirty metres down: notes from a wet borehole, _J. Invented Geophys._ **9**, 44 (2020)."),
    "I. Newton, _Philosophiae Naturalis Principia Mathematica_, London (1687).",
    "P. S. Laplace, _Traité de mécanique céleste_, Paris (1799).",
    "K. Terzaghi, _Erdbaumechanik auf bodenphysikalischer Grundlage_, Vienna (1925).",
    "T. Fairweather, why buckets are underrated, _Cellar Physics_ **3**, 7 (2019).",
    "L. Brandt and D. Oyelaran, a float that does not stick, _Instruments Imagined_ **21**, 310 (2021).",
)
CONSTANTS = Table(
    ("Quantity", "Value used"),
    (
        ("Standard gravity", "9.80665 m/s²"),
        ("Density of sea water", "1,025 kg/m³"),
        ("Density of chalk", "2,300 kg/m³"),
        ("Lunar day", "24 h 50 min"),
        ("Period of the M2 tide", "12.42 h"),
        ("Period of the S2 tide", "12.00 h"),
    ),
    (1.2, 1),
)


@page(
    ask("Who paid for the study of the leaning beach?", "Marl Water Board"),
    ask("Which conclusion does the tiltmeter paper draw about frost?", "frost remains an open question"),
    ask("Which work of 1687 do the tiltmeter authors cite?", "Principia Mathematica"),
)
def _conclusions(sheet: Sheet) -> None:
    left, right = _columns(sheet, 5)
    left.heading("8. Discussion", SECTION, before=0)
    left.paragraphs(
        "Our numbers hold for one beach. Its sand is fine and even, its clay is thick, and the bay is of a"
        " shape that makes the load nearly uniform. A shingle beach would drain within seconds and should"
        " show no lag. A salt marsh might show hours. It would be easy to find out, and we offer our"
        " trenching spades to whoever wants to.",
        "It may be asked whether the tubes measure the ground or only the dune. Tube D stands on a different"
        " dune, planted sixty years ago, and falls on the curve of the other three. We take this as a sign"
        " that dunes are carried along by what is below them.",
        "Newton remarked that the whole sea rises to the Moon [4]. He did not remark that the land bows to"
        " the sea. It does so by so little that two centuries passed before somebody's cellar gave it away.",
    )
    left.heading("9. Conclusions", SECTION)
    left.paragraphs(
        "(i) A beach can be weighed with water in a pipe. (ii) At spring tide Marl Bay leans seawards by less"
        " than a microradian, with a lag that seepage explains without free parameters. (iii) Rain lengthens"
        " the lag by shutting air into the sand. (iv) The effect of frost remains an open question. (v)"
        " Levels near the shore should be corrected."
    )
    left.heading("Acknowledgements", SECTION.sized(10.5))
    left.paragraph(
        "The Marl Water Board paid for the pipes and the Parish lent the dunes. We thank the class of Mrs"
        " Ekholm, who dug trench D in one afternoon and asked better questions than the referees.",
        SMALL,
    )
    left.heading("Data", SECTION.sized(10.5))
    left.paragraph(
        "All readings are kept at the institute and are sent to anybody who asks, on paper if need be.", SMALL
    )
    right.heading("References", SECTION, before=0)
    right.items(*REFERENCES, marks=[f"{number}." for number in range(1, 9)], after=4)
    right.heading("Appendix: constants", SECTION)
    set_table(right, CONSTANTS, LOOK, after=8)
    arrow(sheet.ink, (right.frame.x + 90, right.y + 60), (right.frame.x + 140, right.y + 60), GRAY)
    write(
        sheet.ink, right.frame.x + 116, right.y + 76, "to the sea", SMALL.in_italic().coloured(GRAY), "center"
    )


DOCUMENT = DocumentDesign(
    "marl-bay-tilt-paper.pdf",
    "Scientific paper",
    "How much does a beach lean?",
    "D. Oyelaran, T. Fairweather, L.-H. Brandt",
    (_abstract, _instruments, _results, _rain, _conclusions),
    SIZE,
)
