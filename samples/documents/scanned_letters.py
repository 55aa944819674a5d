"""A scanned folder: typed letters and filled-in forms of a harbour office, with no text layer at all."""

from collections.abc import Sequence

from samples.page_design import DocumentDesign, Evidence, Question, Sheet, ask, page
from training.drawing.scanning import ScanLook
from training.drawing.shapes import circle, rectangle, rule, smooth
from training.drawing.surface import INK, Frame, Style, Surface, colour
from training.drawing.table_typesetting import Table, TableLook, draw_table
from training.drawing.typesetting import write

TYPED = Style("mono", 11.2, INK, leading=1.5)
PRINTED = Style("sans", 10, INK)
PEN = colour("#27336b")
HAND = Style("serif", 15, PEN, italic=True)
STAMP = colour("#8a3030")
GRID = TableLook(Style("mono", 10), Style("sans", 9, INK, bold=True), grid=INK, padding=6)


def _asked(text: str, answer: str, *, demo: bool = False) -> Question:
    return ask(text, answer, Evidence.SCAN, demo=demo)


def _letterhead(paper: Surface, name: str, lines: Sequence[str]) -> None:
    write(paper, 297, 66, name, Style("slab", 17, INK, bold=True), "center")
    for number, line in enumerate(lines):
        write(paper, 297, 84 + 12 * number, line, Style("slab", 8.5), "center")
    rule(paper, 70, 92 + 12 * len(lines), 525, INK, 1.2)


def _signature(paper: Surface, x: float, y: float, name: str, title: str) -> None:
    stroke = smooth(
        [
            (x, y),
            (x + 14, y - 24),
            (x + 20, y + 4),
            (x + 36, y - 12),
            (x + 48, y + 2),
            (x + 70, y - 14),
            (x + 96, y - 2),
            (x + 130, y - 8),
        ]
    )
    paper.polyline(stroke, PEN, 1.3)
    write(paper, x, y + 24, name, TYPED)
    write(paper, x, y + 40, title, TYPED)


def _stamped(paper: Surface, x: float, y: float, words: str, date: str) -> None:
    rectangle(paper, Frame(x, y, 132, 46), None, STAMP, 2, radius=5)
    write(paper, x + 66, y + 20, words, Style("sans", 13, STAMP, bold=True), "center")
    write(paper, x + 66, y + 37, date, Style("mono", 11, STAMP), "center")


def _letter(sheet: Sheet, paper: Surface, address: Sequence[str], date: str, texts: Sequence[str]) -> float:
    """The typed part of a letter; returns the `y` below it."""
    for number, line in enumerate(address):
        write(paper, 80, 160 + 16 * number, line, TYPED)
    write(paper, 515, 160, date, TYPED, "right")
    column = sheet.column(Frame(80, 176 + 16 * len(address) + 16, 435, 560), TYPED, on=paper)
    column.paragraphs(*texts, after=13)
    return column.y


HARBOUR = ("Harbour Office, Quay Street 4, Saltmere", "Telephone Saltmere 218")


@page(
    _asked(
        "How much does Captain Aldous Finch have to pay for the broken mooring post?", "£186.40", demo=True
    ),
    _asked("Which boat hit mooring post number 14?", "GREY HERON"),
)
def _mooring_post(sheet: Sheet) -> None:
    with sheet.scan(ScanLook(turn=0.7)) as paper:
        _letterhead(paper, "SALTMERE HARBOUR COMMISSIONERS", HARBOUR)
        texts = (
            "Dear Captain Finch,",
            (
                "On the night of 3 March your boat GREY HERON came alongside in a fresh westerly and struck"
                " mooring post number 14. The post was old but it was upright. It is now neither."
            ),
            (
                "Our carpenter has looked at the damage. A new post of greenheart, with the labour of two men"
                " for a day and the hire of the pile barge, comes to £186.40. I enclose his account."
            ),
            (
                "The Commissioners ask you to settle the sum by the end of April. If you would rather pay in"
                " three parts, call at the office and we shall arrange it without fuss."
            ),
            "I am glad to hear that nobody was hurt and that the dog has been found.",
            "Yours sincerely,",
        )
        y = _letter(
            sheet, paper, ("Captain Aldous Finch", "7 Chandlers Row", "Saltmere"), "11 March 1987", texts
        )
        _signature(paper, 80, y + 40, "M. Tregarth", "Harbour Master")
        _stamped(paper, 360, y + 20, "COPY", "11 MAR 1987")


@page(
    _asked("Why did the lighthouse lamp go dark for two hours in November?", "a family of starlings"),
    _asked("Who was the assistant keeper on duty when the light failed?", "Owen Pascoe"),
)
def _lighthouse(sheet: Sheet) -> None:
    with sheet.scan(ScanLook(turn=-0.9, noise=8, paper=210, blur=0.7)) as paper:
        _letterhead(paper, "GANNET POINT LIGHT", ("Keeper's report to the Commissioners", "Form K.2"))
        texts = (
            "Gentlemen,",
            (
                "I have to report that the light was out from ten minutes past nine until a quarter past"
                " eleven in the evening of 19 November. Assistant keeper Owen Pascoe had the watch."
            ),
            (
                "The cause was a family of starlings which had come down the vent and built on top of the"
                " fuel valve. When the weather turned cold the straw drew damp and the valve stuck."
            ),
            (
                "Mr Pascoe sounded the horn by hand, once a minute, for the whole of that time. Three vessels"
                " passed and all of them answered. I should like his conduct noted."
            ),
            (
                "The vent now has a wire guard, at a cost of eleven shillings' worth of mesh from my own"
                " shed, for which I make no claim."
            ),
            "Your obedient servant,",
        )
        y = _letter(sheet, paper, ("The Harbour Commissioners", "Saltmere"), "22 November 1986", texts)
        _signature(paper, 80, y + 40, "J. Hallam", "Principal Keeper")


FISH = (
    ("Mackerel", "412", "0.38", "156.56"),
    ("Herring", "1,090", "0.21", "228.90"),
    ("Plaice", "137", "1.15", "157.55"),
    ("Lobster", "46", "5.40", "248.40"),
    ("Whiting", "205", "0.33", "67.65"),
)


@page(
    _asked("What price per kilo did lobster fetch at the Saltmere fish auction?", "5.40"),
    _asked("What was the total of the fish auction sheet of 14 June?", "859.06"),
)
def _auction(sheet: Sheet) -> None:
    with sheet.scan(ScanLook(turn=0.4, paper=228, quality=38)) as paper:
        _letterhead(paper, "FISH MARKET, SALTMERE", ("Auction sheet", "Every boat one sheet"))
        fields = (
            ("Boat", "Marigold  SM 61"),
            ("Skipper", "Hedley Roach"),
            ("Date", "14 June 1988"),
            ("Clerk", "B. Quill"),
        )
        for number, (name, value) in enumerate(fields):
            x, y = 80 + 230 * (number % 2), 160 + 34 * (number // 2)
            write(paper, x, y, name, PRINTED)
            write(paper, x + 52, y - 1, value, HAND)
            rule(paper, x + 48, y + 4, x + 205, INK, 0.5)
        rows = (*FISH, ("Total", "1,890", "", "859.06"))
        table = Table(("Kind", "Kilos", "£ per kilo", "£"), rows, (2, 1, 1, 1), totals=frozenset({5}))
        below = draw_table(paper, 80, 226, 435, table, GRID)
        write(paper, 80, below + 40, "Less market dues of 3 %: 25.77.  Paid to skipper: 833.29", TYPED)
        write(paper, 80, below + 84, "Received with thanks", PRINTED)
        write(paper, 205, below + 84, "Hedley Roach", HAND.sized(19))
        rule(paper, 195, below + 90, 380, INK, 0.5)
        _stamped(paper, 390, below + 110, "PAID", "15 JUN 1988")


CHECKS = (
    ("Lifebelts at every ladder", "yes", "two new ropes fitted"),
    ("Ladders free of weed", "no", "ladder 6 slippery, scrape"),
    ("Fire buckets full", "yes", ""),
    ("Crane brake tested", "yes", "holds 2.5 tonnes"),
    ("Lamps on the breakwater", "no", "third lamp broken by hail"),
    ("Fuel store locked", "yes", "key with Mrs Penrose"),
)


@page(
    _asked("Which ladder did the quay inspection find slippery?", "ladder 6 slippery"),
    _asked("Who keeps the key of the fuel store on the quay?", "Mrs Penrose"),
)
def _inspection(sheet: Sheet) -> None:
    with sheet.scan(ScanLook(turn=-0.5, noise=7, paper=216)) as paper:
        _letterhead(
            paper, "INSPECTION OF THE QUAY", ("to be filled in on the first Monday of each month", "Form H.9")
        )
        write(paper, 80, 156, "Inspector", PRINTED)
        write(paper, 135, 155, "T. Bellweather", HAND)
        write(paper, 360, 156, "Month", PRINTED)
        write(paper, 400, 155, "February 1989", HAND)
        for number, (check, answer, remark) in enumerate(CHECKS):
            _check_row(paper, 200 + 52 * number, check, answer, remark)
        write(paper, 80, 540, "General state of the quay (1 bad - 5 good)", PRINTED)
        for mark in range(1, 6):
            write(paper, 290 + 34 * mark, 540, str(mark), PRINTED, "center")
        circle(paper, (290 + 34 * 4, 536), 11, None, PEN, 1.6)
        write(paper, 80, 590, "Remarks", PRINTED)
        for number, line in enumerate(
            ("The seal on the slipway is not ill, only idle.", "Leave it be. Children informed.")
        ):
            write(paper, 140, 588 + 28 * number, line, HAND)
            rule(paper, 135, 593 + 28 * number, 515, INK, 0.5)
        _signature(paper, 330, 700, "T. Bellweather", "")


def _check_row(paper: Surface, y: float, check: str, answer: str, remark: str) -> None:
    rectangle(paper, Frame(80, y, 435, 44), None, INK, 0.8)
    write(paper, 90, y + 26, check, PRINTED)
    for number, choice in enumerate(("yes", "no")):
        box = Frame(252 + 46 * number, y + 15, 13, 13)
        rectangle(paper, box, None, INK, 1)
        write(paper, box.right + 5, y + 26, choice, PRINTED)
        if choice == answer:
            paper.polyline([(box.x, box.y + 5), (box.x + 6, box.bottom), (box.right + 4, box.y - 5)], PEN, 2)
    write(paper, 350, y + 27, remark, HAND.sized(13.5))


@page(
    _asked("When does the ferry committee want the new timetable to begin?", "on the first Sunday in May"),
    _asked("How many passengers used the early ferry on an average day?", "nineteen passengers"),
)
def _memorandum(sheet: Sheet) -> None:
    with sheet.scan(ScanLook(turn=1.1, paper=205, noise=8, blur=0.75)) as paper:
        write(paper, 80, 90, "MEMORANDUM", Style("mono", 18, INK, bold=True))
        fields = (
            ("From", "Secretary, Ferry Committee"),
            ("To", "All masters and piermen"),
            ("Date", "2 April 1990"),
            ("About", "The early boat"),
        )
        for number, (name, value) in enumerate(fields):
            write(paper, 80, 126 + 18 * number, f"{name}:", TYPED)
            write(paper, 150, 126 + 18 * number, value, TYPED)
        rule(paper, 80, 192, 515, INK, 1)
        column = sheet.column(Frame(80, 212, 435, 540), TYPED, on=paper)
        column.paragraphs(
            "1. We have counted. In the winter months the boat at 5.50 carried nineteen passengers on an"
            " average day, of whom eleven were bakers. The boat at 6.40 carried sixty-two.",
            "2. The committee has decided to merge the two into one boat at 6.15. The bakers have been asked"
            " and do not mind; the bread will be no later, since the van will meet the boat.",
            "3. The new timetable shall begin on the first Sunday in May. New boards will be painted by Mr"
            " Orchard, who asks that nobody leans on them for two days.",
            "4. Masters will please sound one long blast at 6.10 during the first week. After that, anybody"
            " who is late is late.",
            "5. Bicycles travel free until further notice.",
            after=15,
        )
        write(paper, 80, column.y + 30, "E. Lovelace-Dunn", TYPED)
        write(paper, 330, column.y + 70, "noted, pin up at pier 2", HAND)


ANSWERS = (
    ("Name of applicant", "Clementine Oduya"),
    ("Address", "The Net Loft, Tide Lane, Saltmere"),
    ("Name of vessel", "Second Thoughts"),
    ("Length over all", "7.3 metres"),
    ("Draught", "1.1 metres"),
    ("Berth wished for", "C 27, near the water tap"),
    ("From", "1 May 1991"),
    ("Insured with", "Mutual of Saltmere, policy 40-1187"),
)


@page(
    _asked("Which berth does Clementine Oduya wish for?", "C 27"),
    _asked("How long is the vessel Second Thoughts?", "7.3 metres"),
)
def _berth_form(sheet: Sheet) -> None:
    with sheet.scan(ScanLook(turn=-0.3, paper=232, quality=40)) as paper:
        _letterhead(paper, "APPLICATION FOR A BERTH", ("Write clearly. One vessel, one form.", "Form B.1"))
        for number, (name, value) in enumerate(ANSWERS):
            y = 150 + 46 * number
            rectangle(paper, Frame(80, y, 435, 46), None, INK, 0.8)
            write(paper, 86, y + 12, name, PRINTED.sized(8))
            write(paper, 100, y + 35, value, HAND.sized(17))
        column = sheet.column(Frame(80, 530, 435, 100), PRINTED, on=paper)
        column.paragraph(
            "I have read the rules of the harbour. I shall pay the dues on the first of each quarter, keep my"
            " ropes in order, and move my vessel when the Harbour Master asks me to, at any hour."
        )
        _signature(paper, 80, 640, "", "")
        write(paper, 80, 662, "Signature", PRINTED.sized(8))
        rectangle(paper, Frame(300, 590, 215, 120), None, INK, 1.4)
        write(paper, 310, 606, "For the office only", PRINTED.in_bold())
        write(paper, 310, 634, "Dues each quarter", PRINTED)
        write(paper, 410, 634, "£54.00", HAND)
        write(paper, 310, 664, "Berth given", PRINTED)
        write(paper, 410, 664, "C 29  (27 taken)", HAND)
        write(paper, 310, 694, "Clerk", PRINTED)
        write(paper, 410, 694, "Quill", HAND)


@page(
    _asked("At which depth did the divers find the lost anchor?", "eleven fathoms"),
    _asked("What did the divers' invoice for lifting the anchor come to?", "£312.75"),
)
def _divers(sheet: Sheet) -> None:
    with sheet.scan(ScanLook(turn=0.9, paper=219)) as paper:
        _letterhead(
            paper,
            "NANCARROW & DAUGHTERS, DIVERS",
            ("Underwater work of every kind", "The Old Slip, Porthgwidden"),
        )
        texts = (
            "Dear Mr Tregarth,",
            (
                "We found your anchor on Thursday, at the third attempt, in eleven fathoms and about forty"
                " yards north of where the chart had it. It lay under a fishing net, and the net under a"
                " bicycle."
            ),
            (
                "The fluke is bent but the shank is sound, and I would not hesitate to hang a dredger from"
                " it. The bicycle is beyond repair. We have put it out for the scrap man."
            ),
            (
                "Three days for two divers, the launch, and air: £312.75. We have charged nothing for the"
                " first attempt, when we went down in the wrong bay."
            ),
            (
                "If you are thinking of the old chain as well, do so before September. After that the weed"
                " comes up and one cannot see one's own hand."
            ),
            "With kind regards,",
        )
        y = _letter(sheet, paper, ("The Harbour Master", "Saltmere"), "30 July 1989", texts)
        _signature(paper, 80, y + 40, "Loveday Nancarrow", "")
        _stamped(paper, 370, y + 24, "RECEIVED", "1 AUG 1989")


READINGS = (
    ("Mon", "1013", "SW 4", "11.2", "0.0"),
    ("Tue", "1009", "SW 6", "11.9", "3.4"),
    ("Wed", "998", "W 8", "10.1", "14.8"),
    ("Thu", "987", "NW 9", "8.3", "21.5"),
    ("Fri", "1001", "NW 5", "8.8", "2.2"),
    ("Sat", "1016", "N 3", "9.0", "0.0"),
    ("Sun", "1021", "calm", "9.7", "0.0"),
)


@page(
    _asked("What was the lowest barometer reading in the harbour's weather log of October 1987?", "987"),
    _asked("How much rain fell on the Wednesday of the harbour weather log?", "14.8"),
)
def _weather_log(sheet: Sheet) -> None:
    with sheet.scan(ScanLook(turn=-1.2, paper=208, noise=9, blur=0.7, specks=140)) as paper:
        _letterhead(
            paper, "WEATHER LOG", ("Harbour Office, read each morning at seven", "Week of 12 October 1987")
        )
        header = ("Day", "Barometer, hPa", "Wind", "Air, °C", "Rain, mm")
        y = draw_table(paper, 80, 160, 435, Table(header, READINGS, (1, 1.5, 1.2, 1, 1)), GRID)
        notes = (
            "Thursday: tied down everything that can be tied and some",
            "things that cannot. Barometer fell 11 in a night.",
            "Friday: roof of the net store is in the churchyard.",
            "Sunday: sea like a plate. Nobody believes us.",
        )
        for number, line in enumerate(notes):
            write(paper, 84, y + 50 + 30 * number, line, HAND.sized(16))
            rule(paper, 80, y + 56 + 30 * number, 515, INK, 0.4)
        write(paper, 400, y + 200, "B. Quill", HAND.sized(18))


DOCUMENT = DocumentDesign(
    "saltmere-harbour-scans.pdf",
    "Scanned letters and forms",
    "Harbour office, folder 7",
    "Saltmere Harbour Commissioners",
    (_mooring_post, _lighthouse, _auction, _inspection, _memorandum, _berth_form, _divers, _weather_log),
)
