"""An annual report: photographs, key figures, tables, charts in ink and charts that are pictures."""

from samples.documents.annual_report import accounts, story
from samples.page_design import DocumentDesign

DOCUMENT = DocumentDesign(
    "tarnbeck-annual-report.pdf",
    "Annual report",
    "Annual Report 2024",
    "Tarnbeck Energy plc",
    (*story.PAGES, *accounts.PAGES),
)
