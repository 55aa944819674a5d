"""One module per kind of document; each page is declared together with the questions it answers.

Imports what `samples` draws with.
Begin with `timetable.py`: one of the shortest.
"""

from samples.documents import (
    annual_report,
    brochure,
    datasheet,
    invoices,
    minutes,
    product_manual,
    quarterly_filing,
    scanned_letters,
    scientific_paper,
    slides,
    timetable,
)

DOCUMENTS = (
    annual_report.DOCUMENT,
    slides.DOCUMENT,
    product_manual.DOCUMENT,
    scanned_letters.DOCUMENT,
    scientific_paper.DOCUMENT,
    invoices.DOCUMENT,
    brochure.DOCUMENT,
    quarterly_filing.DOCUMENT,
    minutes.DOCUMENT,
    datasheet.DOCUMENT,
    timetable.DOCUMENT,
)
