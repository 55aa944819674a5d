"""Minutes of a housing cooperative: plain prose, page after page of much the same kind."""

from samples.page_design import DocumentDesign, Evidence, Sheet, ask, page
from training.drawing.shapes import rule
from training.drawing.surface import INK, PALE, Frame, Style
from training.drawing.table_typesetting import Table, TableLook, set_table
from training.drawing.typesetting import Column, write

BODY = Style("slab", 11.2, leading=1.55)
TITLE = Style("slab", 19, INK, bold=True)
ITEM = Style("slab", 12.5, INK, bold=True)
LOOK = TableLook(Style("slab", 9.6, leading=1.5), Style("slab", 9, INK, bold=True), line=PALE, padding=5)


def _opened(sheet: Sheet, number: int) -> Column:
    write(
        sheet.ink,
        72,
        44,
        "Lantern Street Housing Cooperative - minutes of the meeting of 14 May 2025",
        BODY.sized(8),
    )
    rule(sheet.ink, 72, 50, 523, INK, 0.4)
    write(sheet.ink, 297, 806, f"page {number} of 5", BODY.sized(8), "center")
    return sheet.column(Frame(72, 68, 451, 716), BODY)


def _item(column: Column, title: str, *texts: str, resolved: str = "") -> None:
    column.heading(title, ITEM, before=8, after=4)
    column.paragraphs(*texts, after=6)
    if resolved:
        column.paragraph(f"**Resolved:** {resolved}", after=6)


@page(
    ask("Who took the chair at the Lantern Street cooperative's meeting in May?", "Bertil Asante"),
    ask("How many members were present at the housing cooperative's meeting?", "forty-three of sixty-eight"),
    ask("What correction was made to the minutes of the March meeting?", "the cat was not present"),
)
def _opening(sheet: Sheet) -> None:
    column = _opened(sheet, 1)
    column.heading("Minutes of the ordinary meeting", TITLE, before=6, after=6)
    column.paragraph("held in the laundry of house 3 on 14 May 2025, from 19:00 to 21:50")
    _item(
        column,
        "1. Opening",
        "Bertil Asante took the chair and Noor Lindqvist the minutes. Present were forty-three of"
        " sixty-eight members, eleven of them by a written vote. The chair found that the meeting had"
        " been called in time and could decide.",
        "Apologies had come from the families of flats 12, 31 and 40. The chair welcomed Rosa and"
        " Emil Tran, who moved into flat 8 in April, and thanked them for the plum cake.",
    )
    _item(
        column,
        "2. Minutes of the last meeting",
        "The minutes of 12 March were read. Mrs Okonjo asked that item 7 be corrected: the cat was"
        " not present, it was only spoken of. The secretary regretted the error.",
        resolved="The minutes of 12 March are approved as corrected. No votes against.",
    )
    _item(
        column,
        "3. Report of the board",
        "The board has met four times since March. It has signed the contract for the lifts, ended"
        " that for the vending machine, and answered thirty-one letters, of which nineteen were about"
        " bicycles.",
        "Two flats have changed hands. The waiting list has 204 names; the first of them has waited"
        " since 2016. The board has asked all of them whether they still want a flat, and has heard"
        " from 161.",
        "The caretaker, Mr Dubois, will retire at the end of September after twenty-six years. The"
        " board proposes to celebrate this in the yard on the last Sunday of August and asks for"
        " salads.",
        resolved="The report is noted with thanks.",
    )


@page(
    ask("By how much will the monthly rent of the cooperative's flats rise in January 2026?", "2.5 per cent"),
    ask("How much did the cooperative spend on heating in 2024?", "118,300", Evidence.TABLE),
    ask(
        "Why does the cooperative not replace its old gas boiler this year?",
        "district heating reaches the street",
    ),
)
def _money(sheet: Sheet) -> None:
    column = _opened(sheet, 2)
    _item(
        column,
        "4. Accounts of 2024",
        "The treasurer, Hanneke Roy, presented the accounts. The year ended with a surplus of 21,900"
        " euros, after a loss of 6,200 in the year before. Heating cost less because the winter was"
        " mild, and repairs because the roof has at last been finished.",
    )
    rows = (
        ("Rents", "512,400", "497,800", "525,000"),
        ("Heating", "118,300", "139,600", "125,000"),
        ("Repairs", "146,800", "171,500", "155,000"),
        ("Interest and repayment", "164,200", "165,100", "163,300"),
        ("Wages and insurance", "61,200", "27,800", "64,000"),
        ("Surplus or loss", "21,900", "-6,200", "17,700"),
    )
    table = Table(("Euros", "2024", "2023", "Budget 2025"), rows, (2, 1, 1, 1), totals=frozenset({5}))
    set_table(column, table, LOOK, after=10)
    column.paragraphs(
        "The auditors, Messrs Pfeil and Adeyemi, had counted the cash box and found it to contain four euros"
        " too many. They recommend that the accounts be approved. Mr Sandoval asked why insurance had risen"
        " so much. The treasurer explained that the wage of the caretaker used to be booked under repairs and"
        " now stands where it belongs.",
        "**Resolved:** The accounts are approved and the board is discharged, with two abstentions.",
    )
    _item(
        column,
        "5. Rent",
        "The board proposed to raise the rent by 3.0 per cent from January 2026. Ms Ferreira moved"
        " that it be 2.5 per cent, since there is a surplus. A lively discussion followed, which the"
        " secretary does not attempt to give.",
        resolved="The rent rises by 2.5 per cent on 1 January 2026 (29 votes for, 11 against, 3"
        " abstentions).",
    )
    _item(
        column,
        "6. Boiler",
        "The boiler in house 1 is from 1994 and was due to be replaced. The city has now written that"
        " district heating reaches the street in 2027. A new boiler would serve for two winters only."
        " Mr Dubois is confident that he can keep the old one alive.",
        resolved="The boiler is kept until the street is connected. 9,000 euros are set aside for its moods.",
    )


@page(
    ask("How many solar panels will be put on the roofs of Lantern Street?", "ninety-six panels"),
    ask("What will happen to bicycles in the yard that carry no label after 1 July?", "given to the school"),
    ask("How often must each household sweep the stairs?", "every fifth week"),
)
def _house(sheet: Sheet) -> None:
    column = _opened(sheet, 3)
    _item(
        column,
        "7. Solar roof",
        "The working group (Farouk, Ilse, Wen) presented three offers. All use the south roofs of"
        " houses 2 and 3. The cheapest would not insure the roof itself. The group recommends the"
        " second: ninety-six panels, 41 kilowatts at noon in June, 58,700 euros, with a guarantee of"
        " twenty years by a firm that has existed for thirty.",
        "About a third of the power would be used in the houses and the rest sold. The sum would come"
        " back in about eleven years. Mr Lund asked whether the panels could be seen from the street."
        " They cannot, except from the church tower.",
        resolved=(
            "The board shall sign with the second firm before the end of June (38 votes for, 2 against, 3"
            " abstentions)."
        ),
    )
    _item(
        column,
        "8. Bicycles",
        "There are 140 bicycles in a yard that was made for 80. In the second week of June everyone"
        " will find a paper label in the letter box for each bicycle that has been registered. Those"
        " that carry no label after 1 July will be kept for a month and then given to the school,"
        " which mends and uses them.",
        "Cargo bicycles may stand along the north wall. A cargo bicycle is one that can carry a"
        " washing machine or two children.",
        resolved="So agreed, without a vote.",
    )
    _item(
        column,
        "9. Stairs",
        "The plan for sweeping the stairs hangs in each house. With the new tenants in house 2 each"
        " household there sweeps every fifth week instead of every fourth. Those who cannot may pay"
        " 12 euros into the flower fund, and somebody else's child will do it.",
    )
    _item(
        column,
        "10. Noise",
        "The rules are unchanged: quiet from ten in the evening, and on Sundays until nine. Drums may"
        " be played in the cellar of house 1 on Tuesdays and Thursdays. The trombone counts as a"
        " drum.",
    )


@page(
    ask("Who was elected to the cooperative's board as its new treasurer?", "Cosima Abebe"),
    ask("How much may a guest pay for a night in the guest room?", "18 euros"),
    ask("Which tree in the yard has to be felled, and why?", "honey fungus"),
)
def _garden(sheet: Sheet) -> None:
    column = _opened(sheet, 4)
    _item(
        column,
        "11. The yard",
        "An expert has looked at the trees. The chestnut is sound, although its leaves suffer from"
        " the moth each August. The birch by the gate has honey fungus and must be felled before the"
        " storms of autumn. The walnut needs a strut.",
        "The children's meeting (nine present, two of them asleep) proposed a pond in place of the"
        " birch. Ms Tran, who is a landscape gardener, offered to draw one that is not deep enough to"
        " drown in but deep enough for newts.",
        resolved="The birch is felled in September. Up to 2,400 euros for a pond, if the insurance agrees.",
    )
    _item(
        column,
        "12. Guest room",
        "The guest room in house 3 was used on 173 nights, more than ever. A night costs members 18"
        " euros for a guest; the board had proposed 20, but the treasurer showed that 18 pays for the"
        " sheets. It can be booked for seven nights at most and for three at Christmas. Those who"
        " leave it unswept sweep the stairs.",
        resolved="The price stays as it is.",
    )
    _item(
        column,
        "13. Elections",
        "Hanneke Roy does not stand again as treasurer. There were two candidates. Cosima Abebe"
        " received 24 votes and Piet Sandoval 17, with two papers spoilt by drawings. Bertil Asante"
        " and Noor Lindqvist were confirmed by applause. As auditors the meeting elected Mr Pfeil"
        " again, and in place of Mr Adeyemi, who moves to the sea, Wen Castellano.",
        "The chair thanked Hanneke Roy for nine years in which no bill was paid late. She was given a"
        " fountain pen and a plum tree in a pot, for which she will have to ask the yard committee.",
    )


@page(
    ask("When does the Lantern Street cooperative meet again?", "8 October 2025"),
    ask("Who has to get three offers for the new lift doors, and by when?", "Farouk", Evidence.TABLE),
    ask("What did Mrs Okonjo want to know under any other business?", "who waters the geraniums"),
)
def _closing(sheet: Sheet) -> None:
    column = _opened(sheet, 5)
    _item(
        column,
        "14. Any other business",
        "Mrs Okonjo asked who waters the geraniums on the landing of house 2, since she does not and"
        " they thrive. Nobody came forward. The meeting thanked the person unknown.",
        "Mr Lund has found a key with a green ribbon. It fits nothing that he has tried.",
        "Ms Ferreira reminded members that glass goes into the green bin after eight in the morning"
        " and not before.",
    )
    column.heading("15. Who does what", ITEM, before=8, after=6)
    rows = (
        ("Sign the contract for the solar roof", "Board", "30 June"),
        ("Three offers for the new lift doors", "Farouk", "15 July"),
        ("Labels for bicycles", "Noor Lindqvist", "8 June"),
        ("Drawing of the pond, letter to the insurer", "Rosa Tran", "31 July"),
        ("Party for Mr Dubois", "Ilse, house 1", "31 August"),
        ("Find a new caretaker", "Board", "1 September"),
        ("Fell the birch", "Mr Dubois", "20 September"),
        ("Hand over the books", "Hanneke Roy, Cosima Abebe", "30 June"),
    )
    table = Table(("What", "Who", "Until"), rows, (2.4, 1.6, 1), aligns=("left", "left", "left"))
    set_table(column, table, LOOK, after=10)
    _item(
        column,
        "16. Next meeting",
        "The next meeting is on 8 October 2025 at 19:00, in the laundry of house 3 unless somebody is"
        " washing.",
    )
    column.paragraph("The chair closed the meeting at 21:50.")
    for x, name, role in ((72, "Bertil Asante", "in the chair"), (320, "Noor Lindqvist", "for the minutes")):
        write(sheet.ink, x + 12, column.y + 58, name, Style("serif", 18, INK, italic=True))
        rule(sheet.ink, x, column.y + 66, x + 200, INK, 0.6)
        write(sheet.ink, x, column.y + 80, role, BODY.sized(8.5))


DOCUMENT = DocumentDesign(
    "lantern-street-minutes.pdf",
    "Minutes",
    "Minutes of 14 May 2025",
    "Lantern Street Housing Cooperative",
    (_opening, _money, _house, _garden, _closing),
)
