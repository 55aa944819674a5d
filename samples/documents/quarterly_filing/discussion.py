"""Segments, the discussion by management, risks and signatures."""

from samples.documents.quarterly_filing.look import BODY, HEADING, PERIODS, dollar_row, opened, set_figures
from samples.page_design import Evidence, Sheet, ask, page
from training.drawing.shapes import rule
from training.drawing.surface import BLACK
from training.drawing.typesetting import write


@page(
    ask(
        "How many containers did Orrin Pacific move on the South Pacific lanes in the quarter?",
        "58,310",
        Evidence.TABLE,
    ),
    ask("How many days did a container stay in the terminal at Anselm on average?", "5.1", Evidence.TABLE),
)
def _segments(sheet: Sheet) -> None:
    column = opened(sheet, 5, "Note 4. SEGMENTS AND REGIONS (unaudited)")
    column.paragraph(
        "Operating income of the segments, before costs of the head office, in thousands of dollars:"
    )
    set_figures(
        column,
        ("", *PERIODS),
        [
            dollar_row("Ocean freight", (36_650, 24_114, 92_301, 54_907)),
            dollar_row("Rail and trucking", (6_218, 8_733, 18_040, 24_955)),
            dollar_row("Warehousing", (9_904, 7_866, 27_713, 21_480)),
            dollar_row("Customs services", (3_475, 3_120, 10_018, 9_131)),
        ],
        set(),
    )
    column.paragraph("Volume and price of a container on the ocean lanes in the third quarter:")
    set_figures(
        column,
        ("Lane", "Containers 2025", "Containers 2024", "Price 2025, $", "Price 2024, $"),
        [
            ("North Pacific", "71,904", "66,120", "1,644", "1,643"),
            ("South Pacific", "58,310", "57,402", "1,102", "1,081"),
            ("Island feeder", "22,615", "21,887", "894", "872"),
            ("Through the canal", "7,048", "5,310", "1,676", "1,610"),
        ],
        set(),
    )
    column.paragraph("How long containers stayed, and how many trucks called a day, by terminal:")
    set_figures(
        column,
        ("Terminal", "Days 2025", "Days 2024", "Trucks 2025", "Trucks 2024"),
        [
            ("Port Cassel, east basin", "3.2", "3.6", "1,180", "1,094"),
            ("Port Cassel, west basin", "2.9", "3.0", "865", "871"),
            ("Anselm", "5.1", "4.4", "342", "410"),
            ("Lower Quay", "4.7", "4.9", "207", "266"),
            ("Saint Brannock", "3.8", "3.5", "512", "488"),
        ],
        set(),
    )
    column.paragraphs(
        "No customer accounted for more than 8 per cent of revenue. Revenue from the ten largest was 37 per"
        " cent of the whole (2024: 39 per cent). Assets are not reported by segment, because containers do"
        " not know to which segment they belong.",
        "Five hundred and four refrigerated containers were leased to others at the end of the quarter.",
    )


@page(
    ask("Why did fuel costs of Orrin Pacific fall although its ships sailed farther?", "slower steaming"),
    ask("How many jobs are lost by closing the trucking depots at Anselm and Lower Quay?", "126 positions"),
)
def _discussion(sheet: Sheet) -> None:
    column = opened(sheet, 6, "ITEM 2. DISCUSSION OF RESULTS BY MANAGEMENT")
    column.paragraphs(
        "**Overview.** The quarter was a good one at sea and a poor one on land. Ocean freight grew on more"
        " containers at slightly higher prices. Trucking shrank as two customers built depots of their own."
        " Warehouses were full from July onwards.",
        "**Revenue.** Ocean freight revenue rose by 8.3 per cent in the quarter. Of this, 6.1 points were"
        " volume, 1.4 points price, and the rest the effect of the dollar. Rail and trucking fell by 3.6 per"
        " cent. Warehousing rose by 12.1 per cent, helped by the hall at Saint Brannock that was opened in"
        " March and was let before it had a roof.",
        "**Purchased transportation** rose by 2.1 per cent, less than volume, because we chartered two ships"
        " fewer.",
        "**Fuel.** Fuel cost 12.8 per cent less, although our ships sailed 4 per cent farther. Two thirds of"
        " the saving came from lower prices, and one third from slower steaming: the North Pacific service"
        " now takes thirteen days instead of twelve, and no customer has asked for the day back.",
        "**Wages** rose by 6.6 per cent. The agreement with the dockers' union runs until March 2027 and"
        " provides for a rise of 3.5 per cent in each year. The remainder is overtime at Port Cassel.",
        "**Restructuring.** In May the board resolved to close the trucking depots at Anselm and Lower Quay"
        " by the end of the year. The closure affects 126 positions, of which 71 have been moved to the"
        " terminals. The whole cost is put at $11.5 million, of which $7.9 million has been charged. We"
        " expect to save $6 million a year from 2026.",
        "**Tax.** Over nine months the rate was higher than last year because a loss carried forward in the"
        " Free Ports has been used up.",
        "**Liquidity.** Cash and unused credit lines stood at $268.4 million. We plan to spend $32 million on"
        " containers in the fourth quarter and nothing on ships. The board has declared a dividend of 15"
        " cents a share, payable on December 12 to holders of record on November 21.",
        "**Outlook.** We expect revenue of the whole year between $1.42 and $1.44 billion. The estimate"
        " assumes that the canal stays open, that fuel stays below $640 a ton, and that children go on"
        " wanting toys.",
        after=7,
    )


@page(
    ask("By how much would income fall if fuel became ten per cent dearer?", "$3.4 million"),
    ask("What is the lawsuit about the piano against the freight company claiming?", "concert grand piano"),
)
def _risk(sheet: Sheet) -> None:
    column = opened(sheet, 7, "ITEM 3. MARKET RISK")
    column.paragraphs(
        "**Fuel.** We buy about 290,000 tons a year. Clauses in our contracts pass on some three quarters of"
        " any change in its price, with a delay of a month. A rise of ten per cent that lasted for a year"
        " would lower income before tax by $3.4 million after those clauses and the hedges in force.",
        "**Interest.** Of our notes $85 million bear a floating rate. One percentage point costs $0.85"
        " million a year.",
        "**Currencies.** Revenue is mostly in dollars; 31 per cent of costs are not. A dollar weaker by five"
        " per cent against all other currencies would cost $7.2 million a year before hedges and $2.6 million"
        " after them.",
    )
    column.heading("ITEM 4. CONTROLS", HEADING)
    column.paragraph(
        "The chief executive and the chief financial officer have judged the controls over reporting to be"
        " effective. During the quarter the ledger of the Island feeder was moved to the system that the rest"
        " of the group uses."
    )
    column.heading("PART II. ITEM 1. LEGAL PROCEEDINGS", HEADING)
    column.paragraphs(
        "_Halloran against Orrin._ The plaintiff claims $412,000 for a concert grand piano that was delivered"
        " to Saint Brannock in November 2023 in good order but in the wrong hemisphere. The trial is set for"
        " February. We believe that we shall succeed in part.",
        "_Port Cassel Harbour Trust._ The trust demands that the east basin be dredged at the cost of its"
        " users. Our part, should the demand stand, would be about $2.1 million. Nothing has been set aside.",
    )
    column.heading("ITEM 6. EXHIBITS", HEADING)
    column.items(
        "31.1  Certificate of the chief executive",
        "31.2  Certificate of the chief financial officer",
        "99.1  List of ships by age",
    )
    column.heading("SIGNATURES", HEADING)
    column.paragraph(
        "The registrant has caused this report to be signed on its behalf, at Port Cassel, on November 5,"
        " 2025."
    )
    for x, name, role in (
        (54, "Augusta Penhallow", "Chief Executive Officer"),
        (320, "Teodor Vance", "Chief Financial Officer"),
    ):
        rule(sheet.ink, x, column.y + 44, x + 200, BLACK, 0.6)
        write(sheet.ink, x, column.y + 38, f"/s/ {name}", BODY.in_italic())
        write(sheet.ink, x, column.y + 58, f"{name}, {role}", BODY)


PAGES = (_segments, _discussion, _risk)
