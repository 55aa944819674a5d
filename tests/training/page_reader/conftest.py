from pathlib import Path

import pytest

from training.drawing.fonts import reading_fonts
from training.page_reader.prepare import prepare_pdfs
from training.page_reader.render import PageRenderer
from training.page_reader.texts import TextSource

LINES = [
    ["Net", "sales", "rose", "by", "3.5", "percent", "in", "2019"],
    ["The", "committee", "met", "twice", "and", "approved", "the", "annual", "report"],
    ["Fixed", "price", "contracts", "and", "warranty", "obligations"],
]


@pytest.fixture(scope="session")
def renderer():
    fonts = reading_fonts()
    if not fonts:
        pytest.skip("no fonts installed")
    return PageRenderer(TextSource.of(LINES), fonts[:20], long_side=640)


@pytest.fixture(scope="session")
def pdf(tmp_path_factory) -> Path:
    """Three pages: a line of two words far apart, running text, and an empty page."""
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path_factory.mktemp("pdfs") / "three.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792), invariant=1)
    canvas.setFont("Helvetica", 12)
    canvas.drawString(72, 700, "Total assets")
    canvas.drawString(400, 700, "1,234.5")
    canvas.drawString(72, 660, "of the company and its subsidiaries")
    canvas.showPage()
    canvas.setFont("Times-Roman", 11)
    for row in range(20):
        canvas.drawString(72, 720 - 16 * row, f"Paragraph {row} tells of wings, engines and weather")
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    return path


@pytest.fixture(scope="session")
def prepared(pdf, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("prepared")
    prepare_pdfs([pdf], out, workers=1)
    return out
