"""A set of invoices to one customer: every page another seller with another layout."""

from dataclasses import dataclass

from samples.page_design import DocumentDesign, Evidence, Sheet, ask, page
from training.drawing.shapes import circle, rectangle, rule
from training.drawing.surface import GRAY, INK, PALE, WHITE, Frame, Style, colour
from training.drawing.table_typesetting import Table, TableLook, draw_table
from training.drawing.typesetting import Align, write

CUSTOMER = ("Juniper & Hale Bookshop", "12 Lantern Street", "Eastwick EW3 4QT")
ITEM_WIDTHS = (3.4, 0.7, 1, 1)
ITEM_HEADER = ("Description", "Qty", "Unit price", "Amount")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an invoice, its price in pence."""

    name: str
    count: int
    price: int

    @property
    def amount(self) -> int:
        """Pence for the whole line."""
        return self.count * self.price


@dataclass(frozen=True, slots=True)
class Bill:
    """What is charged, and the rate of value added tax in per cent."""

    items: tuple[Item, ...]
    tax_rate: int

    @property
    def net(self) -> int:
        """Pence before tax."""
        return sum(item.amount for item in self.items)

    @property
    def tax(self) -> int:
        """Pence of tax."""
        return round(self.net * self.tax_rate / 100)

    @property
    def total(self) -> int:
        """Pence to pay."""
        return self.net + self.tax

    def table(self) -> Table:
        """The lines with net, tax and total below them."""
        lines = [(i.name, str(i.count), _money(i.price), _money(i.amount)) for i in self.items]
        sums = [("Net", "", "", _money(self.net)), (f"VAT {self.tax_rate} %", "", "", _money(self.tax))]
        total = ("Total due", "", "", f"£{_money(self.total)}")
        return Table(
            ITEM_HEADER, (*lines, *sums, total), ITEM_WIDTHS, totals=frozenset({len(lines), len(lines) + 2})
        )


def _money(pence: int) -> str:
    return f"{pence / 100:,.2f}"


def _lines(
    sheet: Sheet, x: float, y: float, lines: tuple[str, ...], style: Style, align: Align = "left"
) -> None:
    for number, line in enumerate(lines):
        write(sheet.ink, x, y + style.line_height * number, line, style, align)


PAPER_BILL = Bill(
    (
        Item("Wrapping paper, blue stripe, roll of 50 m", 6, 1450),
        Item("Wrapping paper, plain kraft, roll of 100 m", 4, 1825),
        Item("Paper bags, medium, box of 500", 3, 3990),
        Item("Gummed labels, printed, per thousand", 2, 2675),
    ),
    20,
)


@page(
    ask(
        "How much is the invoice from Pellworth Paper in total?",
        f"£{_money(PAPER_BILL.total)}",
        Evidence.TABLE,
    ),
    ask("When did the bookshop receive wrapping paper, and by which carrier?", "Dove Couriers"),
)
def _paper(sheet: Sheet) -> None:
    green = colour("#2f6b4f")
    rectangle(sheet.ink, Frame(0, 0, sheet.width, 110), green)
    write(sheet.ink, 54, 62, "PELLWORTH PAPER", Style("sans", 26, WHITE, bold=True))
    write(
        sheet.ink, 54, 84, "Mill Yard, Ottersby - paper, board and bags since 1904", Style("sans", 10, WHITE)
    )
    write(sheet.ink, 541, 62, "INVOICE", Style("sans", 18, WHITE), "right")
    _lines(sheet, 54, 150, CUSTOMER, Style("sans", 11))
    _lines(sheet, 400, 150, ("Invoice no.", "Date", "Due"), Style("sans", 10, GRAY))
    _lines(
        sheet,
        541,
        150,
        ("PP-20771", "4 September 2024", "4 October 2024"),
        Style("sans", 10, INK, bold=True),
        "right",
    )
    look = TableLook(Style("sans", 10.5, leading=1.6), Style("sans", 9.5, green, bold=True), padding=6)
    y = draw_table(sheet.ink, 54, 240, 487, PAPER_BILL.table(), look)
    column = sheet.column(Frame(54, y + 40, 487, 220), Style("sans", 10.5))
    column.paragraphs(
        "Delivered on 2 September 2024 by Dove Couriers, four parcels, signed for by H. Hale.",
        "Please pay to Pellworth Paper, account 40 118 2204 at the Ottersby Savings Bank. Goods remain ours"
        " until paid.",
        "Rolls that are still sealed may be returned within sixty days.",
    )
    rule(sheet.ink, 54, 780, 541, green, 2)
    write(
        sheet.ink,
        54,
        798,
        "Pellworth Paper Ltd, registered in Ottersby, VAT no. 118 4471 02",
        Style("sans", 8, GRAY),
    )


ELECTRIC_BILL = Bill(
    (
        Item("Replace fuse board, 12 ways, with labels", 1, 48600),
        Item("LED panel, 40 W, fitted", 9, 7250),
        Item("Socket, double, fitted in the cellar", 4, 5400),
        Item("Hours, electrician", 14, 5200),
        Item("Hours, apprentice", 14, 2400),
    ),
    20,
)


@page(
    ask(
        "How many LED panels did the electrician fit in the bookshop?",
        "LED panel, 40 W, fitted 9",
        Evidence.TABLE,
    ),
    ask("Until when does the guarantee of the new fuse board last?", "until August 2034"),
)
def _electrician(sheet: Sheet) -> None:
    amber = colour("#f0b429")
    circle(sheet.ink, (86, 88), 32, amber)
    sheet.ink.polygon([(90, 62), (72, 92), (84, 92), (80, 114), (101, 82), (88, 82)], INK)
    write(sheet.ink, 134, 84, "Volt & Daughter", Style("wide", 22, INK, bold=True))
    write(sheet.ink, 134, 104, "Electricians, 3 Canal Walk, Eastwick", Style("wide", 10, GRAY))
    rectangle(sheet.ink, Frame(54, 146, 487, 74), colour("#fff6df"), radius=6)
    _lines(sheet, 70, 168, ("Bill to", *CUSTOMER[:2], CUSTOMER[2]), Style("wide", 9.5))
    _lines(
        sheet,
        330,
        168,
        (
            "Invoice 2024-0318",
            "Work done 12 - 15 August 2024",
            "Invoice date 19 August 2024",
            "Pay within 14 days",
        ),
        Style("wide", 9.5),
    )
    look = TableLook(
        Style("wide", 9.5, leading=1.6),
        Style("wide", 9, INK, bold=True),
        header_fill=amber,
        header_line=None,
        grid=PALE,
        padding=6,
    )
    y = draw_table(sheet.ink, 54, 246, 487, ELECTRIC_BILL.table(), look)
    column = sheet.column(Frame(54, y + 30, 487, 260), Style("wide", 10))
    column.heading("What we found", Style("wide", 12, INK, bold=True), before=0)
    column.items(
        "The old board had two circuits on one fuse. They are now apart: shop window, and kettle.",
        "The cable to the attic is from 1961. It is safe today. Plan to replace it within five years.",
        "We tested every socket; the certificate is in the envelope behind the new board.",
    )
    column.paragraph("Our guarantee on the board lasts until August 2034, on lamps until August 2027.")


BOOKS_BILL = Bill(
    (
        Item("Birds of Imaginary Islands, hardback", 25, 1340),
        Item("The Slow Cook's Almanac", 40, 920),
        Item("A Short History of Buttons", 12, 780),
        Item("Letters to a Lighthouse, paperback", 60, 540),
        Item("Sums for Sailors, revised edition", 8, 1115),
        Item("Carriage", 1, 1890),
    ),
    0,
)


@page(
    ask("How many copies of 'Letters to a Lighthouse' did the bookshop order?", "60", Evidence.TABLE),
    ask("What discount does the book wholesaler give on the list price?", "42 per cent"),
)
def _books(sheet: Sheet) -> None:
    write(sheet.ink, 297, 84, "Marchbanks & Vole", Style("slab", 28, INK, bold=True), "center")
    write(sheet.ink, 297, 106, "WHOLESALE BOOKSELLERS", Style("slab", 10, GRAY), "center")
    rule(sheet.ink, 54, 122, 541, INK, 2)
    rule(sheet.ink, 54, 126, 541, INK, 0.6)
    write(sheet.ink, 54, 158, "Invoice 88/4102", Style("slab", 14, INK, bold=True))
    write(sheet.ink, 541, 158, "21 October 2024", Style("slab", 11), "right")
    _lines(sheet, 54, 184, ("Sold to", *CUSTOMER), Style("slab", 10))
    _lines(
        sheet,
        541,
        184,
        ("Your order: JH-551", "Our van: Tuesday", "Terms: 30 days", "Account: 2218"),
        Style("slab", 10),
        "right",
    )
    look = TableLook(Style("slab", 10, leading=1.7), Style("slab", 9.5, INK, bold=True), line=INK, padding=5)
    y = draw_table(sheet.ink, 54, 262, 487, BOOKS_BILL.table(), look)
    column = sheet.column(Frame(110, y + 44, 375, 200), Style("slab", 10, INK, italic=True), "center")
    column.paragraphs(
        "Prices are net of your discount of 42 per cent on the list price. Books bear no value added tax.",
        "Unsold copies of titles marked hardback may come back between three and twelve months from today, in"
        " a state in which you would buy them yourself.",
        "Reading is a kind of travelling for which one need not pack.",
        after=10,
    )


WATER_BILL = Bill(
    (
        Item("Standing charge, per day", 92, 21),
        Item("Water, per cubic metre", 17, 214),
        Item("Waste water, per cubic metre", 16, 298),
    ),
    0,
)


@page(
    ask("What was the reading of the bookshop's water meter at the end of the quarter?", "1,482"),
    ask("How much does the water company charge for a cubic metre of waste water?", "2.98", Evidence.TABLE),
)
def _water(sheet: Sheet) -> None:
    blue = colour("#1673b1")
    for radius in (150, 120, 90):
        circle(sheet.ink, (560, 30), radius, colour("#1673b1", 0.16))
    write(sheet.ink, 54, 74, "eastwick water", Style("sans", 24, blue, bold=True))
    write(sheet.ink, 54, 94, "Your bill for July to September 2024", Style("sans", 12, GRAY))
    _lines(sheet, 54, 140, CUSTOMER, Style("sans", 11))
    rectangle(sheet.ink, Frame(330, 190, 211, 96), blue, radius=10)
    write(sheet.ink, 348, 220, "Amount to pay", Style("sans", 12, WHITE))
    write(sheet.ink, 348, 264, f"£{_money(WATER_BILL.total)}", Style("sans", 36, WHITE, bold=True))
    _lines(
        sheet,
        54,
        212,
        (
            "Account 7700 3391 5",
            "Meter KF-20418",
            "Bill date 3 October 2024",
            "Taken from your bank on 17 October",
        ),
        Style("sans", 11),
    )
    look = TableLook(Style("sans", 11, leading=1.7), Style("sans", 10, blue, bold=True), padding=6)
    y = draw_table(sheet.ink, 54, 316, 487, WATER_BILL.table(), look)
    column = sheet.column(Frame(54, y + 30, 487, 260), Style("sans", 11, leading=1.5))
    column.heading("Your meter", Style("sans", 14, blue, bold=True), before=0)
    column.paragraph(
        "On 30 June your meter read 1,465. On 30 September it read 1,482. You used 17 cubic metres, three"
        " less than in the same months of last year: about 185 litres a day."
    )
    column.heading("A drip is a bath", Style("sans", 14, blue, bold=True))
    column.paragraph(
        "A tap that drips once a second wastes a bathtub of water in eight days. A washer costs forty pence."
    )


CAKE_BILL = Bill(
    (
        Item("Layer cake, lemon, serves 40", 1, 11800),
        Item("Shortbread, tray of 60", 3, 2950),
        Item("Coffee urn, hire", 2, 1800),
    ),
    20,
)


@page(
    ask("Which flavour of layer cake was ordered for the bookshop's anniversary?", "lemon", Evidence.TABLE),
    ask("By what day must the coffee urns be brought back to the bakery?", "Monday, 2 December"),
)
def _bakery(sheet: Sheet) -> None:
    pink = colour("#d9698a")
    rectangle(sheet.ink, Frame(0, 0, 150, sheet.height), colour("#fbe6ec"))
    write(sheet.ink, 75, 96, "Crumb", Style("serif", 34, pink, bold=True, italic=True), "center")
    write(sheet.ink, 75, 118, "bakery and cakes", Style("serif", 12, pink, italic=True), "center")
    side = sheet.column(Frame(20, 180, 115, 500), Style("serif", 11, INK))
    side.paragraph("To", Style("serif", 11, pink, bold=True), after=2)
    side.paragraphs(*CUSTOMER, after=1)
    for title, value in (
        ("Invoice", "C-0092"),
        ("Date", "25 November 2024"),
        ("For", "Saturday, 30 November, ten o'clock"),
        ("Pay by", "9 December 2024"),
    ):
        side.paragraph(title, Style("serif", 11, pink, bold=True), after=2)
        side.paragraph(value, after=10)
    write(sheet.ink, 180, 96, "Invoice", Style("serif", 30, INK))
    look = TableLook(
        Style("serif", 12, leading=1.7),
        Style("serif", 11, WHITE, bold=True),
        header_fill=pink,
        header_line=None,
        stripe=colour("#fdf3f6"),
        padding=5,
    )
    y = draw_table(sheet.ink, 180, 130, 375, CAKE_BILL.table(), look)
    column = sheet.column(Frame(180, y + 34, 375, 300), Style("serif", 12.5, INK, leading=1.5))
    column.paragraphs(
        "Happy anniversary! Thirty years of selling stories deserve three layers.",
        "The cake must stand cool but not cold. Take it out an hour before you cut it.",
        "Please bring the urns back by Monday, 2 December, rinsed. We shall know if they were not.",
        "The cake contains wheat, eggs, milk and a good deal of butter. The shortbread contains nothing"
        " else.",
        after=10,
    )


DOCUMENT = DocumentDesign(
    "bookshop-invoices-2024.pdf",
    "Invoices",
    "Invoices of 2024",
    "Juniper & Hale Bookshop",
    (_paper, _electrician, _books, _water, _bakery),
)
