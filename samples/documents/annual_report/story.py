"""The pages about the year: words, photographs and charts."""

from samples.charts import ChartLook, Series, bar_chart, pie_chart, row_chart, stacked_chart
from samples.documents.annual_report.look import (
    BODY,
    DIVIDEND,
    LOOK,
    NAVY,
    PALETTE,
    SAND,
    SECTION,
    SMALL,
    TEAL,
    opened,
)
from samples.landscapes import DAWN, NOON, coast, darkened, mountains
from samples.page_design import Evidence, Sheet, ask, page
from training.drawing.shapes import rectangle
from training.drawing.surface import WHITE, Frame, Style
from training.drawing.table_typesetting import Table, set_table
from training.drawing.typesetting import write


@page(ask("What is the slogan on the cover of the energy company's annual report?", "Power that stays."))
def _cover(sheet: Sheet) -> None:
    picture = darkened(mountains((1190, 1684), DAWN, sheet.rng), 0.55)
    sheet.ink.image(sheet.frame, picture)
    write(sheet.ink, 54, 84, "TARNBECK", Style("sans", 15, WHITE, bold=True))
    write(sheet.ink, 54, 102, "ENERGY", Style("sans", 15, WHITE))
    rectangle(sheet.ink, Frame(54, 596, 64, 5), PALETTE[2])
    write(sheet.ink, 54, 650, "Power that", Style("sans", 46, WHITE, bold=True))
    write(sheet.ink, 54, 698, "stays.", Style("sans", 46, WHITE, bold=True))
    write(sheet.ink, 54, 742, "Annual Report 2024", Style("sans", 17, WHITE))
    write(sheet.ink, 54, 780, "for the year that ended on 31 December 2024", Style("sans", 9.5, WHITE))


TILES = (
    ("£942.0m", "revenue", "2023: £878.5m"),
    ("2.57 TWh", "electricity generated", "2023: 2.41 TWh"),
    ("1,164", "people employed", "2023: 1,098"),
    ("31.4p", "dividend for each share", "2023: 29.0p"),
    ("0.42", "lost-time injuries per million hours", "2023: 0.61"),
    ("97.3 %", "availability of the wind fleet", "2023: 96.8 %"),
)


@page(DIVIDEND, ask("How available was the wind fleet of the energy company over the year?", "97.3 %"))
def _at_a_glance(sheet: Sheet) -> None:
    column = opened(sheet, 2, "At a glance", "The year at a glance")
    column.paragraph(
        "Tarnbeck Energy makes electricity and heat from wind, water and sun, and sells both to 418,000 homes"
        " and 9,300 businesses. We own what we operate, from the turbine to the meter, in three countries."
    )
    for number, (figure, words, before) in enumerate(TILES):
        box = Frame(54 + (number % 2) * 248, column.y + 8 + (number // 2) * 120, 239, 110)
        rectangle(sheet.ink, box, SAND, radius=8)
        rectangle(sheet.ink, Frame(box.x, box.y + 18, 4, 74), PALETTE[number % 4])
        write(sheet.ink, box.x + 20, box.y + 52, figure, Style("sans", 33, NAVY, bold=True))
        write(sheet.ink, box.x + 20, box.y + 74, words, BODY)
        write(sheet.ink, box.x + 20, box.y + 92, before, SMALL)
    column.gap(380)
    column.heading("What we did", SECTION)
    column.items(
        "We finished the second tunnel at our oldest dam in August, six weeks early and £4 million"
        " under budget.",
        "We joined 23,000 more homes to our heat networks, most of them in streets that had burnt oil.",
        "We sold the last gas peaker in October: since then everything we generate is renewable.",
    )


@page(
    ask("Why did the chair say that hydro revenue fell?", "driest spring in our records", demo=True),
    ask("Who chairs Tarnbeck Energy and signed the letter to shareholders?", "Ingrid Mallory"),
)
def _letter(sheet: Sheet) -> None:
    column = opened(sheet, 3, "Letter from the chair", "Patience, and then speed")
    column.paragraph("To our shareholders", BODY.in_bold(), after=8)
    column.paragraphs(
        "Some years ask for patience and some for speed. 2024 asked for both. The spring was the driest"
        " spring in our records, which begin in 1931, and for eleven weeks our reservoirs stood below the"
        " level at which we allow ourselves to run the large machines. Hydro revenue fell by £13.4 million as"
        " a result. It would have been easy to draw the lakes down further. We did not, because a lake that"
        " is emptied in May is missed in December.",
        "When the wind came in autumn it came all at once. Our crews had used the quiet months to change the"
        " main bearings on forty-one turbines, and the fleet was ready. November was the best month we have"
        " had, and wind more than made good what the dry spring had cost.",
        "The board spent much of the year on one question: whether to build the storage lake above Oxmere. We"
        " have decided to do so. The lake will hold nine hours of the full output of the station below it, it"
        " will cost £310 million over five years, and it will earn its keep on the days when there is wind at"
        " night and none at supper. We shall pay for two thirds of it from cash flow and borrow the rest at"
        " fixed rates.",
        "Two colleagues leave the board at the annual meeting. Pál Erdei has been our voice of caution for"
        " nine years, and Ruth Okafor-Lind led the audit committee through three changes of accounting"
        " standard without once raising her voice. We thank them both. Thea Brandvold, who ran a port before"
        " she ran a railway, will join us in May.",
        "We propose a dividend that grows by a little more than eight per cent. It is covered 2.3 times by"
        " earnings.",
        after=9,
    )
    column.gap(14)
    column.paragraph("Ingrid Mallory", Style("serif", 19, NAVY, italic=True), after=2)
    column.paragraph("Chair of the board, 27 February 2025", SMALL.sized(9))


@page(
    ask("What revenue did the heat networks segment bring in 2024?", "143.9", Evidence.TABLE),
    ask(
        "By what percentage did Tarnbeck's hydro revenue change between 2023 and 2024?",
        "-4.4 %",
        Evidence.TABLE,
    ),
)
def _segments(sheet: Sheet) -> None:
    column = opened(sheet, 4, "Review of the business", "Four ways to earn")
    column.paragraph(
        "Wind earns most and grows with each site that we connect. Solar is small and quick; heat is steady."
        " Water is the oldest of our four businesses and the one that depends most on the weather."
    )
    column.gap(6)
    table = Table(
        ("Revenue, £ million", "2024", "2023", "Change", "Share of 2024"),
        (
            ("Wind", "412.6", "371.2", "+11.2 %", "43.8 %"),
            ("Hydro", "288.1", "301.5", "-4.4 %", "30.6 %"),
            ("Heat networks", "143.9", "131.0", "+9.8 %", "15.3 %"),
            ("Solar", "97.4", "74.8", "+30.2 %", "10.3 %"),
            ("Total", "942.0", "878.5", "+7.2 %", "100.0 %"),
        ),
        (2.2, 1, 1, 1, 1.2),
        totals=frozenset({4}),
    )
    set_table(column, table, LOOK, after=24)
    look = ChartLook(
        "Revenue by segment", "£ million", PALETTE, Style("sans", 9.5), lambda value: f"{value:.1f}"
    )
    series = (Series("2023", (371.2, 301.5, 131.0, 74.8)), Series("2024", (412.6, 288.1, 143.9, 97.4)))
    bar_chart(
        sheet.ink, Frame(54, column.y, 487, 250), ("Wind", "Hydro", "Heat networks", "Solar"), series, look
    )
    column.gap(272)
    column.heading("Outlook", SECTION, before=0)
    column.paragraph(
        "For 2025 we expect wind to pass £440 million with the first full year of our newest site, and hydro"
        " to return to its long-run mean of about £300 million if rain and snow do the same."
    )


SITES = (
    ("Skellan Bank", 812.0),
    ("Corrie Dam", 640.0),
    ("Marrow Hill", 377.0),
    ("Whinfell Weir", 291.0),
    ("Dunlin Moor", 268.0),
    ("Petrel Sands", 184.0),
)


@page(
    ask(
        "Which site of Tarnbeck Energy generated the most electricity, and how much?",
        "812 GWh",
        Evidence.CHART,
        demo=True,
    ),
    ask("How much electricity came from Dunlin Moor?", "268 GWh", Evidence.CHART),
)
def _sites(sheet: Sheet) -> None:
    column = opened(sheet, 5, "Review of the business", "Where the power comes from")
    column.paragraph(
        "Six sites make nearly all of our electricity. The largest stands in the sea, forty kilometres from"
        " land, and sends its power ashore through a single cable as thick as a man's thigh."
    )
    look = ChartLook(
        "Electricity generated in 2024, by site", "", (TEAL,), Style("sans", 11), lambda v: f"{v:.0f} GWh"
    )
    with sheet.figure(column, 270, before=8, after=18) as art:
        row_chart(art, Frame(6, 6, 475, 256), SITES, look)
    column.heading("At sea", SECTION, before=0)
    column.paragraph(
        "Seventy-two machines turned for 8,412 hours of the year's 8,784. The one long halt was our own"
        " doing: in June we took the export cable out of service for nine days to move it away from a"
        " sandbank that had wandered."
    )
    picture = coast((1000, 340), NOON, sheet.rng)
    sheet.ink.image(Frame(54, column.y + 6, 487, 165), picture)
    column.gap(178)
    column.paragraph("The headland from which the export cable is watched.", SMALL.in_italic())


@page(
    ask(
        "What share of every pound went to maintenance, according to the ring chart?",
        "Maintenance 23p",
        Evidence.CHART,
    ),
    ask("Is the money for turning turbine tracks back into pasture checked by anyone?", "audited each year"),
)
def _every_pound(sheet: Sheet) -> None:
    column = opened(sheet, 6, "Finance", "Where every pound went")
    column.paragraph(
        "The ring shows how each pound that customers paid us was used. Three years ago interest took the"
        " largest part of it; since we repaid the bonds of 2016 the machines themselves do."
    )
    slices = (
        ("Maintenance", 23.0),
        ("New plant", 21.0),
        ("Wages", 19.0),
        ("Grid charges", 15.0),
        ("Taxes", 12.0),
        ("Dividends", 10.0),
    )
    look = ChartLook("One pound of revenue", "", PALETTE, Style("sans", 13), lambda value: f"{value:.0f}p")
    with sheet.figure(column, 285, SAND, before=8, after=19) as art:
        pie_chart(art, Frame(26, 20, 440, 248), slices, look, hole=0.55)
    column.heading("Borrowing", SECTION, before=0)
    column.paragraphs(
        "Net debt fell from £1,020 million to £906 million, or 2.2 times earnings before interest, tax and"
        " depreciation. The average rate we pay is 3.9 per cent, fixed for the next six years on four fifths"
        " of the sum.",
        "We hold £61 million in a fund of its own so that every turbine can be taken down and every track"
        " turned back into pasture when its time is over. The fund is audited each year and cannot be used"
        " for anything else.",
    )
    column.heading("Tax", SECTION)
    column.paragraph(
        "We paid £38.2 million of corporation tax, all of it in the three countries in which we work, and"
        " have no company in any other."
    )


@page(
    ask("How many people does Tarnbeck Energy employ in Norway?", "212", Evidence.TABLE),
    ask(
        "How many apprentices finished their training at the energy company in 2024?",
        "thirty-seven apprentices",
    ),
)
def _people(sheet: Sheet) -> None:
    column = opened(sheet, 7, "People", "The people who climb")
    column.paragraph(
        "A turbine tower has 312 rungs. Each of our technicians climbs about 190 towers a year, which is"
        " Mount Everest twice over. In 2024 thirty-seven apprentices finished their training, the most so"
        " far, and all but two stayed."
    )
    column.gap(6)
    table = Table(
        ("People at year end", "Operations", "Engineering", "Offices", "Total"),
        (
            ("United Kingdom", "498", "187", "156", "841"),
            ("Norway", "131", "58", "23", "212"),
            ("Ireland", "69", "24", "18", "111"),
            ("All countries", "698", "269", "197", "1,164"),
        ),
        (2, 1, 1, 1, 1),
        totals=frozenset({3}),
    )
    set_table(column, table, LOOK, after=24)
    series = (
        Series("Operations", (601, 628, 655, 671, 698)),
        Series("Engineering", (214, 229, 240, 251, 269)),
        Series("Offices", (183, 180, 178, 176, 197)),
    )
    look = ChartLook(
        "People employed", "at the end of each year", PALETTE, Style("sans", 9.5), lambda v: f"{v:,.0f}"
    )
    stacked_chart(
        sheet.ink, Frame(54, column.y, 487, 230), ("2020", "2021", "2022", "2023", "2024"), series, look
    )
    column.gap(250)
    column.heading("Safety", SECTION, before=0)
    column.paragraph(
        "Nobody was gravely hurt. There were four injuries that cost a day or more of work, two of them on"
        " icy car parks rather than at height. We have bought grit and, for once, expect a quick return."
    )


RISKS = (
    (
        "Drought",
        "Two dry years in a row would lower hydro revenue by up to £70m.",
        "Higher lake levels kept in spring.",
    ),
    (
        "Power price",
        "A fall of £10 per MWh costs £17m a year.",
        "Two thirds of output sold three years ahead.",
    ),
    (
        "Export cable",
        "A break offshore would take ten weeks to mend.",
        "A repair ship under contract; insurance.",
    ),
    ("Cyber attack", "Control rooms could lose sight of plant.", "Networks kept apart; drills twice a year."),
    ("Interest rates", "One point more costs £1.8m a year.", "Four fifths of debt at fixed rates."),
    (
        "Skilled people",
        "Too few high-voltage engineers leave college.",
        "Our own school since 2019; housing at sites.",
    ),
)


@page(
    ask(
        "How long would it take to repair a broken offshore export cable?",
        "ten weeks to mend",
        Evidence.TABLE,
    ),
    ask(
        "How does Tarnbeck protect its control rooms from cyber attacks?",
        "drills twice a year",
        Evidence.TABLE,
    ),
)
def _risks(sheet: Sheet) -> None:
    column = opened(sheet, 8, "Governance", "What could go wrong")
    column.paragraph(
        "The board looks at this list in every second meeting and asks of each line what has changed. A risk"
        " leaves the list only when the people closest to it say so. One has left it this year: the gas"
        " peaker is sold."
    )
    column.gap(6)
    table = Table(
        ("Risk", "What it could cost", "What we do about it"), RISKS, (1, 2, 2), aligns=("left",) * 3
    )
    set_table(column, table, LOOK, after=18)
    column.heading("Climate scenarios", SECTION)
    column.paragraphs(
        "We tested our plans against a world that is warmer by two and by three degrees in 2080. In both,"
        " winters are wetter and summers drier: hydro earns about as much over a year but at other times of"
        " it, which is one more reason to store. Wind changes little. Above three degrees the greatest harm"
        " is to roads and lines, not plant.",
        "We assume no subsidy that is not already law, and a price of carbon that rises by four per cent a"
        " year.",
    )
    column.heading("Internal control", SECTION)
    column.paragraph(
        "The audit committee met six times. It found two weaknesses, both in how small purchases are approved"
        " at distant sites, and saw both put right before the year ended. The auditor had no remark on the"
        " accounts."
    )


PAGES = (_cover, _at_a_glance, _letter, _segments, _sites, _every_pound, _people, _risks)
