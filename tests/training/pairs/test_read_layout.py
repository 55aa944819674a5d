"""The layout that poppler tells of real PDFs, and what is made of its odd output."""

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.fixtures import pdfs
from tests.fixtures.hanging import is_gone, write_hanging
from tests.training.pairs.parts import write_filing
from training.pairs.read_layout import Shown, parse_layout, read_layout, shown_parts
from vdr.errors import MissingProgram, PageTimeout
from vdr.settings import IngestSettings

SETTINGS = IngestSettings()


def test_sizes_and_weights_come_from_the_pdf(tmp_path):
    page = read_layout(write_filing(tmp_path / "a.pdf", "Acme", ["steel"]), range(1, 2), SETTINGS)[0]
    title, body = page.rows[0][0], page.rows[1][0]
    assert title.text == "Steel of Acme" and title.is_bold and title.size > 1.4 * body.size
    assert body.text.startswith("Acme spent $17 million") and not body.is_bold
    assert [cell.text for cell in page.rows[4]] == ["Steel revenue", "1,751", "1,639"]


def test_only_the_pages_asked_for_are_read(tmp_path):
    pages = read_layout(pdfs.write_report(tmp_path / "r.pdf", 5), range(2, 4), SETTINGS)
    assert [page.page_number for page in pages] == [2, 3]
    assert "report page 2" in pages[0].text


def test_a_page_that_is_not_there_is_absent(tmp_path):
    pages = read_layout(pdfs.write_with_missing_page(tmp_path / "m.pdf"), range(1, 4), SETTINGS)
    assert {page.page_number for page in pages} <= {1, 2, 3}
    assert any("hello" in page.text for page in pages)


def test_a_pdftohtml_that_hangs_is_killed_with_what_it_started(tmp_path, monkeypatch):
    write_hanging(tmp_path / "pdftohtml", tmp_path / "child")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(PageTimeout, match=r"page 1 took longer than 2"):
        read_layout(pdfs.write_report(tmp_path / "r.pdf", 1), range(1, 2), IngestSettings(page_timeout_s=2))
    assert is_gone(tmp_path / "child")


def test_without_poppler_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="pdftohtml"):
        read_layout(pdfs.write_report(tmp_path / "r.pdf", 1), range(1, 2), SETTINGS)


def test_bold_within_a_line_is_a_fragment_of_its_own():
    lines = [
        ' link to page 3 <page number="7" position="absolute" top="0" left="0" height="1188" width="918">',
        '\t<fontspec id="0" size="12" family="Arial" color="#000000"/>',
        '<text top="10" left="20" width="100" height="14" font="0"><b>Dose.</b> Five &amp; ten</text>',
        "something else",
        "</page>",
    ]
    page = next(parse_layout(lines))
    bold, plain = page.rows[0][0].fragments
    assert (page.page_number, bold.text, bold.is_bold) == (7, "Dose.", True)
    assert (plain.text, plain.is_bold, plain.right) == ("Five & ten", False, 120)
    assert bold.left == 20 and bold.right < plain.left


def test_an_unknown_font_is_as_large_as_its_line():
    lines = [
        '<page number="1"',
        '<text top="1" left="2" width="30" height="9" font="5">word</text>',
        "</page>",
    ]
    assert next(parse_layout(lines)).rows[0][0].size == 9


def test_links_and_strange_characters_leave_only_their_words():
    inner = '<a href="x.html#3">Part\u00a0I</a>\x07'
    lines = [
        '<page number="1"',
        f'<text top="1" left="2" width="30" height="9" font="5">{inner}</text>',
        "</page>",
    ]
    assert next(parse_layout(lines)).text == "Part I"


def write_turned(path):
    """Pages turned each way, that show the same upright text, and one below that their crop box cuts off."""
    canvas = Canvas(str(path), pagesize=(400, 600))
    for turn, place in ((0, (0, 0)), (90, (400, 0)), (180, (400, 600)), (270, (0, 600))):
        height = 600 if turn % 180 == 0 else 400
        canvas.translate(*place)
        canvas.rotate(turn)
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(100, height - 60, "Title of the page")
        canvas.setFont("Helvetica", 10)
        for x, text in ((60, "Revenue"), (250, "1,234")):
            canvas.drawString(x, height - 120, text)
        canvas.drawString(60, 20, "printer's marks")
        canvas.showPage()
    canvas.save()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for page, turn in zip(pdf.pages, (0, 90, 180, 270), strict=True):
            page.Rotate = turn
            # 40 points off what is shown below, 10 above, 20 on the left, 30 on the right
            shown = {0: (20, 40, 370, 590), 90: (10, 20, 360, 570)}
            shown |= {180: (30, 10, 380, 560), 270: (40, 30, 390, 580)}
            page.CropBox = list(shown[turn])
        pdf.save(path)
    return path


def test_what_the_crop_box_cuts_off_is_not_on_the_page_however_it_is_turned(tmp_path):
    pages = read_layout(write_turned(tmp_path / "t.pdf"), range(1, 5), SETTINGS)
    assert [page.text for page in pages] == ["Title of the page\nRevenue 1,234"] * 4


def test_the_edges_of_what_is_shown_turn_with_the_page(tmp_path):
    told = "Page    1 rot: {turn}\nPage    1 MediaBox: 0 0 400 600\nPage    1 CropBox: {crop}\n"
    for turn, crop in ((0, "20 40 370 590"), (180, "30 10 380 560")):
        assert shown_parts(told.format(turn=turn, crop=crop)) == {1: Shown(30, 15, 555, 840)}
    for turn, crop in ((90, "10 20 360 570"), (270, "40 30 390 580")):
        assert shown_parts(told.format(turn=turn, crop=crop)) == {1: Shown(30, 15, 855, 540)}
