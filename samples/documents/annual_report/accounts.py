"""The pages of figures: income, balance sheet and five years."""

from samples.charts import ChartLook, Series, line_chart
from samples.documents.annual_report.look import (
    DIVIDEND,
    LOOK,
    PALETTE,
    SECTION,
    opened,
)
from samples.page_design import Evidence, Sheet, ask, page
from training.drawing.surface import Frame, Style
from training.drawing.table_typesetting import Table, set_table

INCOME = (
    ("Revenue", "942.0", "878.5"),
    ("Cost of operation", "(391.7)", "(372.9)"),
    ("Grid and balancing charges", "(141.3)", "(133.0)"),
    ("Other income", "11.6", "9.2"),
    ("Earnings before interest, tax and depreciation", "420.6", "381.8"),
    ("Depreciation", "(162.4)", "(155.1)"),
    ("Impairment", "0.0", "(12.5)"),
    ("Operating profit", "258.2", "214.2"),
    ("Interest paid", "(37.8)", "(44.6)"),
    ("Interest received", "4.1", "2.2"),
    ("Profit before tax", "224.5", "171.8"),
    ("Tax", "(47.9)", "(39.4)"),
    ("Profit for the year", "176.6", "132.4"),
)


@page(
    ask("What was Tarnbeck Energy's operating profit in 2024?", "258.2", Evidence.TABLE),
    ask(
        "How large was the depreciation charge in the 2024 income statement of Tarnbeck?",
        "(162.4)",
        Evidence.TABLE,
    ),
)
def _income(sheet: Sheet) -> None:
    column = opened(sheet, 9, "Financial statements", "Income statement")
    table = Table(("£ million", "2024", "2023"), INCOME, (4, 1, 1), totals=frozenset({4, 7, 10, 12}))
    set_table(column, table, LOOK, after=16)
    column.heading("How to read it", SECTION)
    column.paragraphs(
        "Cost of operation includes wages of £79.3 million (2023: £73.8 million). Grid charges rose because"
        " the price of balancing rose in the windy autumn: part of what we gained by the wind we paid back"
        " here.",
        "The impairment of 2023 was the gas peaker, written down to the price for which it was later sold.",
        "Earnings for each share were 72.2p (2023: 54.1p) on 244.6 million shares, the same number in both"
        " years.",
    )


BALANCE = (
    ("Fixed assets",),
    ("Wind farms", "1,312.4", "1,244.9"),
    ("Dams, tunnels and stations", "974.0", "951.6"),
    ("Heat networks", "406.8", "371.3"),
    ("Solar parks", "208.5", "166.0"),
    ("Current assets",),
    ("Stores and spare parts", "43.7", "39.2"),
    ("Owed by customers", "118.9", "109.4"),
    ("Cash", "152.0", "97.1"),
    ("Total assets", "3,216.3", "2,979.5"),
    ("Owed to others",),
    ("Borrowings", "1,058.0", "1,117.1"),
    ("Owed to suppliers", "131.5", "120.7"),
    ("Deferred tax", "214.6", "203.8"),
    ("Fund for taking plant down", "61.0", "56.5"),
    ("Equity", "1,751.2", "1,481.4"),
    ("Total equity and liabilities", "3,216.3", "2,979.5"),
)


@page(
    ask("How much cash did Tarnbeck hold at the end of 2024?", "152.0", Evidence.TABLE),
    ask("At what value do the solar parks stand in the balance sheet?", "208.5", Evidence.TABLE),
)
def _balance(sheet: Sheet) -> None:
    column = opened(sheet, 10, "Financial statements", "Balance sheet")
    table = Table(
        ("£ million, at 31 December", "2024", "2023"), BALANCE, (4, 1, 1), totals=frozenset({9, 16})
    )
    set_table(column, table, LOOK, after=16)
    column.paragraphs(
        "Fixed assets stand at cost less depreciation. Wind farms are written off over 25 years, solar parks"
        " over 30, heat networks over 50 and dams over 80.",
        "The accounts were approved by the board on 27 February 2025.",
    )


@page(
    ask("What was the carbon intensity of Tarnbeck's electricity in 2020?", "58 g/kWh", Evidence.CHART),
    DIVIDEND,
    ask("By when does the energy company want its ships and vans to burn no fuel?", "by the end of 2029"),
)
def _five_years(sheet: Sheet) -> None:
    column = opened(sheet, 11, "Five-year record", "Cleaner every year")
    column.paragraph(
        "The carbon that our electricity costs the air has fallen each year, and in October it reached zero."
    )
    look = ChartLook(
        "Carbon intensity of our electricity",
        "",
        (PALETTE[3],),
        Style("sans", 11),
        lambda v: f"{v:.0f} g/kWh",
    )
    with sheet.figure(column, 250, before=8, after=18) as art:
        series = (Series("", (58, 49, 33, 21, 12)),)
        line_chart(art, Frame(6, 6, 475, 236), ("2020", "2021", "2022", "2023", "2024"), series, look)
    table = Table(
        ("", "2020", "2021", "2022", "2023", "2024"),
        (
            ("Revenue, £ million", "702.9", "745.3", "851.0", "878.5", "942.0"),
            ("Profit for the year, £ million", "88.1", "97.6", "141.2", "132.4", "176.6"),
            ("Dividend for each share, pence", "22.0", "23.5", "26.4", "29.0", "31.4"),
            ("Homes supplied, thousand", "334", "351", "379", "402", "418"),
        ),
        (2.6, 1, 1, 1, 1, 1),
    )
    set_table(column, table, LOOK, after=16)
    column.heading("What is left", SECTION)
    column.paragraph(
        "Our ships and vans still burn 2.1 million litres of diesel a year. They shall burn none by the end"
        " of 2029. After that the concrete of new foundations is what remains, and we do not yet know how to"
        " be rid of it."
    )


PAGES = (_income, _balance, _five_years)
