"""The cover and the statements, computed from a few lists of figures."""

from collections.abc import Mapping, Sequence

from samples.documents.quarterly_filing.look import (
    BODY,
    HEADING,
    LOOK,
    PERIODS,
    Figures,
    dollar_row,
    opened,
    set_figures,
    summed,
)
from samples.page_design import Evidence, Sheet, ask, page
from training.drawing.shapes import rule
from training.drawing.surface import BLACK, Frame, Style
from training.drawing.table_typesetting import Table, draw_table, set_table
from training.drawing.typesetting import write

INDEX = (
    ("Item 1. Financial statements (unaudited): operations", "2"),
    ("Financial position", "3"),
    ("Cash flows", "4"),
    ("Note 4. Segments and regions", "5"),
    ("Item 2. Discussion of results by management", "6"),
    ("Item 3. Market risk, and legal proceedings", "7"),
)


@page(
    ask("How many shares of Orrin Pacific Freight were outstanding in October 2025?", "48,213,907"),
    ask(
        "On which exchange would the common stock of the freight corporation be listed?",
        "Port Cassel Exchange",
    ),
)
def _cover(sheet: Sheet) -> None:
    centre = 306.0
    write(
        sheet.ink,
        centre,
        70,
        "SECURITIES REGISTRY OF THE FREE PORTS",
        Style("serif", 13, BLACK, bold=True),
        "center",
    )
    write(sheet.ink, centre, 88, "Port Cassel", Style("serif", 10, BLACK), "center")
    rule(sheet.ink, 200, 104, 412, BLACK, 0.6)
    write(sheet.ink, centre, 132, "FORM Q-3", Style("serif", 22, BLACK, bold=True), "center")
    write(sheet.ink, centre, 156, "QUARTERLY REPORT", Style("serif", 12, BLACK, bold=True), "center")
    write(
        sheet.ink,
        centre,
        172,
        "for the quarterly period ended September 30, 2025",
        Style("serif", 10, BLACK),
        "center",
    )
    write(
        sheet.ink,
        centre,
        214,
        "ORRIN PACIFIC FREIGHT CORPORATION",
        Style("serif", 17, BLACK, bold=True),
        "center",
    )
    write(sheet.ink, centre, 230, "(Exact name of the registrant as in its charter)", BODY.sized(8), "center")
    table = Table(
        ("Title of each class", "Symbol", "Name of exchange"),
        (
            ("Common stock, par value $0.01", "OPFC", "Port Cassel Exchange"),
            ("5.25 % notes due 2031", "OPFC31", "Port Cassel Exchange"),
        ),
        (2, 1, 2),
        aligns=("left",) * 3,
    )
    y = draw_table(sheet.ink, 90, 262, 432, table, LOOK)
    column = sheet.column(Frame(54, y + 24, 504, 400), BODY, "justify")
    column.paragraphs(
        "Indicate by check mark whether the registrant (1) has filed all reports required in the preceding 12"
        " months and (2) has been subject to such requirements for the past 90 days.   Yes [X]   No"
        " [\N{NO-BREAK SPACE}]",
        "Indicate by check mark whether the registrant is a large filer, a small filer, or a new filer.  "
        " Large [X]   Small [\N{NO-BREAK SPACE}]   New [\N{NO-BREAK SPACE}]",
        "Indicate by check mark whether the registrant owns any ship older than 25 years.   Yes"
        " [\N{NO-BREAK SPACE}]   No [X]",
        "As of October 24, 2025, there were 48,213,907 shares of common stock outstanding.",
    )
    column.heading("INDEX", HEADING, before=14)
    set_table(column, Table(("", ""), INDEX, (6, 1)), LOOK)


REVENUE: Mapping[str, Figures] = {
    "Ocean freight": (214_806, 198_341, 622_917, 571_208),
    "Rail and trucking": (97_452, 101_130, 288_604, 297_785),
    "Warehousing": (41_377, 36_902, 119_840, 104_615),
    "Customs services": (12_618, 11_954, 36_991, 34_470),
}
COSTS: Mapping[str, Figures] = {
    "Purchased transportation": (-152_930, -149_766, -449_281, -441_370),
    "Fuel": (-48_115, -55_208, -147_902, -161_344),
    "Wages and benefits": (-71_264, -66_850, -209_733, -195_871),
    "Rent of terminals": (-19_882, -18_640, -58_914, -55_602),
    "Depreciation": (-16_705, -15_930, -49_518, -47_166),
    "Restructuring": (-3_240, 0, -7_915, 0),
}
INTEREST: Figures = (-6_118, -6_804, -18_977, -20_395)
TAX: Figures = (-11_204, -8_260, -31_026, -20_882)


@page(
    ask("How much did Orrin Pacific spend on fuel in the third quarter of 2025?", "(48,115)", Evidence.TABLE),
    ask(
        "What were the restructuring charges of the freight company over the nine months of 2025?",
        "(7,915)",
        Evidence.TABLE,
    ),
)
def _operations(sheet: Sheet) -> None:
    column = opened(sheet, 2, "CONSOLIDATED STATEMENTS OF OPERATIONS (unaudited, thousands of dollars)")
    total, spent = summed(*REVENUE.values()), summed(*COSTS.values())
    operating = summed(total, spent)
    before_tax = summed(operating, INTEREST)
    net = summed(before_tax, TAX)
    rows = [
        ("Revenue",),
        *[dollar_row(name, figures) for name, figures in REVENUE.items()],
        dollar_row("Total revenue", total),
        ("Operating expenses",),
        *[dollar_row(name, figures) for name, figures in COSTS.items()],
        dollar_row("Total operating expenses", spent),
        dollar_row("Operating income", operating),
        dollar_row("Interest expense, net", INTEREST),
        dollar_row("Income before tax", before_tax),
        dollar_row("Income tax", TAX),
        dollar_row("Net income", net),
        ("Net income a share, basic, dollars", *(f"{figure / 48_213:.2f}" for figure in net)),
    ]
    set_figures(column, ("", *PERIODS), rows, {5, 13, 14, 16, 18})
    column.paragraphs(
        "See the accompanying notes. Amounts may not add because they have not been rounded to please.",
        "In the opinion of management all adjustments needed for a fair statement have been made. They are of"
        " a normal and recurring kind, but for the restructuring of the trucking depots at Anselm and Lower"
        " Quay, which is set out in Item 2. Results of a quarter do not foretell those of the year: the third"
        " quarter is as a rule the strongest, since toys travel by sea in August.",
    )
    column.heading("Comprehensive income", HEADING)
    set_figures(
        column,
        ("", *PERIODS),
        [
            dollar_row("Net income", net),
            dollar_row("Translation of foreign currencies", (1_806, -2_417, 3_950, -4_088)),
            dollar_row("Hedges of fuel prices", (-2_264, 1_190, -1_037, 2_655)),
            dollar_row(
                "Comprehensive income",
                summed(net, (1_806, -2_417, 3_950, -4_088), (-2_264, 1_190, -1_037, 2_655)),
            ),
        ],
        {3},
    )


Position = tuple[str, tuple[int, int]]

ASSETS: Sequence[Position] = (
    ("Cash and equivalents", (118_406, 114_361)),
    ("Receivables, less allowance of $4,118 and $3,902", (187_955, 174_912)),
    ("Prepaid fuel and supplies", (23_114, 21_567)),
    ("Ships and containers", (812_390, 779_452)),
    ("Terminals and land", (344_871, 339_106)),
    ("Right-of-use assets", (156_220, 163_905)),
    ("Goodwill", (91_300, 91_300)),
)
LIABILITIES: Sequence[Position] = (
    ("Payables and accruals", (164_702, 158_219)),
    ("Notes due within a year", (25_000, 40_000)),
    ("Notes due later", (410_000, 425_000)),
    ("Lease liabilities", (159_884, 166_710)),
    ("Deferred tax", (88_137, 84_926)),
)


@page(
    ask("What goodwill does Orrin Pacific Freight carry?", "91,300", Evidence.TABLE),
    ask(
        "How large are the lease liabilities of the freight company at the end of September 2025?",
        "159,884",
        Evidence.TABLE,
    ),
)
def _position(sheet: Sheet) -> None:
    column = opened(
        sheet, 3, "CONSOLIDATED STATEMENTS OF FINANCIAL POSITION (unaudited, thousands of dollars)"
    )
    assets = [sum(both) for both in zip(*(figures for _, figures in ASSETS), strict=True)]
    owed = [sum(both) for both in zip(*(figures for _, figures in LIABILITIES), strict=True)]
    rows = [
        ("Assets",),
        *[dollar_row(name, figures) for name, figures in ASSETS],
        dollar_row("Total assets", assets),
        ("Liabilities and equity",),
        *[dollar_row(name, figures) for name, figures in LIABILITIES],
        dollar_row("Total liabilities", owed),
        dollar_row("Equity", [have - owe for have, owe in zip(assets, owed, strict=True)]),
        dollar_row("Total liabilities and equity", assets),
    ]
    set_figures(column, ("", "September 30, 2025", "December 31, 2024"), rows, {8, 15, 17})
    column.heading("Note 1. Basis", HEADING)
    column.paragraph(
        "The statements include the company and the eleven companies that it controls. Dealings among them"
        " have been left out. They should be read together with those of the annual report."
    )
    column.heading("Note 2. Ships", HEADING)
    column.paragraph(
        "Ships are written off over 25 years to their value as scrap, which is put at $380 a light ton. In"
        " August the company took delivery of the _Orrin Constance_, of 3,400 containers, at a cost of $51.7"
        " million, of which $36.0 million was paid on delivery. She replaces the _Orrin Verity_, sold in May"
        " at a gain of $0.9 million that is contained in ocean freight revenue."
    )
    column.heading("Note 3. Notes payable", HEADING)
    column.paragraph(
        "The 5.25 per cent notes fall due in 2031 and the bank loans in steps until 2029. The loans ask for a"
        " ratio of debt to earnings below 3.5; at the end of the quarter it stood at 1.7. There was no breach"
        " in either year."
    )


@page(
    ask(
        "How much did the freight corporation spend on ships and containers in nine months of 2025?",
        "(84,610)",
        Evidence.TABLE,
    ),
    ask("What dividends did Orrin Pacific pay in the first nine months of 2024?", "(19,285)", Evidence.TABLE),
)
def _cash_flows(sheet: Sheet) -> None:
    column = opened(sheet, 4, "CONSOLIDATED STATEMENTS OF CASH FLOWS (unaudited, thousands of dollars)")
    net = summed(*REVENUE.values(), *COSTS.values(), INTEREST, TAX)[2:]
    operating = [net[0] + 49_518 + 3_211 - 5_192, net[1] + 47_166 + 2_874 + 3_847]
    investing = [-84_610 - 12_904 + 10_150, -61_377 - 9_480 + 2_016]
    financing = [-30_000 - 21_214, -35_000 - 19_285]
    rows = [
        ("Operations",),
        dollar_row("Net income", net),
        dollar_row("Depreciation", (49_518, 47_166)),
        dollar_row("Deferred tax", (3_211, 2_874)),
        dollar_row("Change in receivables and payables", (-5_192, 3_847)),
        dollar_row("Cash from operations", operating),
        ("Investment",),
        dollar_row("Ships and containers", (-84_610, -61_377)),
        dollar_row("Terminals", (-12_904, -9_480)),
        dollar_row("Sale of ships", (10_150, 2_016)),
        dollar_row("Cash used in investment", investing),
        ("Financing",),
        dollar_row("Notes repaid", (-30_000, -35_000)),
        dollar_row("Dividends", (-21_214, -19_285)),
        dollar_row("Cash used in financing", financing),
        dollar_row(
            "Change in cash", [sum(flows) for flows in zip(operating, investing, financing, strict=True)]
        ),
    ]
    set_figures(column, ("Nine months ended September 30", "2025", "2024"), rows, {5, 10, 14, 15})
    column.heading("Cash paid for", HEADING)
    set_figures(
        column,
        ("Nine months ended September 30", "2025", "2024"),
        [
            dollar_row("Interest", (19_340, 20_772)),
            dollar_row("Income tax", (26_918, 17_405)),
            dollar_row("Canal dues", (8_466, 7_912)),
        ],
        set(),
    )
    column.paragraph(
        "Part of the fall in working capital comes from a customer of the toy trade that paid in September"
        " what was due in October. Management does not count on its doing so again."
    )


PAGES = (_cover, _operations, _position, _cash_flows)
