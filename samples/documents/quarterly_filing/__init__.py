"""A quarterly filing: dense tables in small print, whose sums are computed so that they agree."""

from samples.documents.quarterly_filing import discussion, statements
from samples.page_design import LETTER, DocumentDesign

DOCUMENT = DocumentDesign(
    "orrin-pacific-q3-filing.pdf",
    "Financial filing",
    "Form Q-3, September 30, 2025",
    "Orrin Pacific Freight Corporation",
    (*statements.PAGES, *discussion.PAGES),
    LETTER,
)
