from shutil import copy, copytree, which

import numpy as np
import pytest

from tests.fixtures.hanging import write_program
from tests.fixtures.pdfs import write_report
from training.drawing.page_lines import LineWord, PageLines, PixelBox, TextLine
from training.page_reader.pages import LINES_FILE, PageWriter, TrainingPage, read_pages
from training.page_reader.pdf_pages import pdf_pages
from training.page_reader.prepare import prepare_pdfs, prepare_rendered, said_in
from training.page_reader.train import is_held_out, training_pages

LINE = TextLine((LineWord("net", 10, 30), LineWord("sales", 34, 70)), 20, 21, 12)
TEXT = PageLines((LINE,), (LINE, LINE), (PixelBox(1, 2, 3, 4),))
HELD_OUT = next(name for n in range(1_000) if is_held_out(TrainingPage("", name := f"{n}.pdf", PageLines())))
IMAGE = np.full((40, 90), 255, np.uint8)


def test_what_is_written_is_read_again(tmp_path):
    PageWriter(tmp_path).write("0.npy", IMAGE, "a.pdf", TEXT)
    (page,) = read_pages(tmp_path)
    assert page.text == TEXT
    assert page.source == "a.pdf"
    assert np.array_equal(page.image(tmp_path), IMAGE)


def test_a_torn_last_line_is_skipped_and_written_anew(tmp_path):
    PageWriter(tmp_path).write("0.npy", IMAGE, "a.pdf", TEXT)
    with (tmp_path / LINES_FILE).open("a") as file:
        file.write('{"image_file": "1.npy", "sour')
    assert [page.image_file for page in read_pages(tmp_path)] == ["0.npy"]
    writer = PageWriter(tmp_path)
    assert writer.done == {"0.npy"}
    writer.write("1.npy", IMAGE, "a.pdf", TEXT)
    assert [page.image_file for page in read_pages(tmp_path)] == ["0.npy", "1.npy"]


def test_a_pdf_gives_lines_cut_at_wide_gaps_and_no_empty_page(pdf):
    pages = list(pdf_pages(pdf, long_side=792))
    assert [index for index, _, _ in pages] == [0, 1]
    _, image, text = pages[0]
    assert image.shape == (792, 612)
    lines = sorted(text.lines, key=lambda line: (line.y0, line.x0))
    assert [" ".join(word.text for word in line.words) for line in lines] == [
        "Total assets",
        "1,234.5",
        "of the company and its subsidiaries",
    ]
    assert lines[0].x0 == pytest.approx(72, abs=1)
    assert lines[0].y0 == pytest.approx(792 - 700 - 4, abs=4)


def test_ink_stands_where_the_lines_say(pdf):
    _, image, text = next(pdf_pages(pdf, long_side=1_536))
    for line in text.lines:
        inside = image[
            int(line.y0 - line.height / 2) : int(line.y0 + line.height / 2), int(line.x0) : int(line.x1)
        ]
        assert inside.min() < 100
    assert image[:100].min() == 255


def test_preparing_again_changes_nothing(prepared, pdf):
    before = list(training_pages(prepared))
    prepare_pdfs([pdf], prepared, workers=1)
    assert list(training_pages(prepared)) == before
    assert len(before) == 2


def test_rendered_pages_take_their_text_from_the_prepared_pdfs(prepared, tmp_path):
    copytree(prepared, tmp_path / "own")
    prepare_rendered(tmp_path / "own", count=2, workers=1)
    pages = [page for page, _ in training_pages(tmp_path / "own") if page.source == "rendered"]
    assert len(pages) == 2
    said = {word.text.strip("•").lower() for page in pages for line in page.text.lines for word in line.words}
    assert said & {"paragraph", "wings,", "engines", "weather", "subsidiaries", "company"}


def turned_pdf(path, turns):
    """A level line that stands at the same place of each page as it is shown, however it is stored."""
    import pikepdf
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(400, 800))
    for turn in turns:
        _width, height = (400, 800) if turn % 180 == 0 else (800, 400)
        canvas.translate(*{0: (0, 0), 90: (400, 0), 180: (400, 800), 270: (0, 800)}[turn])
        canvas.rotate(turn)
        canvas.setFont("Helvetica", 20)
        canvas.drawString(50, height - 100, "five words on one line")
        canvas.showPage()
    canvas.save()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for page, turn in zip(pdf.pages, turns, strict=True):
            page.Rotate = turn
        pdf.save(path)
    return path


def test_lines_of_turned_pages_stand_where_they_are_shown(tmp_path):
    turns = (0, 90, 180, 270)
    for (_, image, text), turn in zip(
        pdf_pages(turned_pdf(tmp_path / "t.pdf", turns), 800), turns, strict=True
    ):
        assert image.shape == ((800, 400) if turn % 180 == 0 else (400, 800))
        (line,) = text.lines
        assert (line.x0, line.y0) == (pytest.approx(50, abs=2), pytest.approx(93, abs=5)), turn


def test_a_page_that_cannot_be_drawn_does_not_give_its_text_to_the_next(pdf, tmp_path, monkeypatch):
    real = which("pdftoppm")
    write_program(tmp_path / "pdftoppm", f'{real} "$@"; for last; do :; done; rm "$last-1.pgm"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    ((index, _, text),) = pdf_pages(pdf, long_side=792)
    assert index == 1 and text.lines[0].words[0].text == "Paragraph"


def test_pdfs_of_the_same_name_keep_their_pages_apart_and_copies_are_one(pdf, tmp_path):
    names = ("a/r.pdf", "b/r.pdf", "c/r.pdf")
    for name in names:
        (tmp_path / name).parent.mkdir()
    copy(pdf, tmp_path / names[0])
    write_report(tmp_path / names[1], 3)
    copy(tmp_path / names[1], tmp_path / names[2])
    prepare_pdfs([tmp_path / name for name in names], tmp_path / "out", workers=1)
    counts = [len(list(read_pages(folder))) for folder in (tmp_path / "out" / "pdf").iterdir()]
    assert sorted(counts) == [2, 3]


def test_a_pdf_that_cannot_be_read_does_not_end_the_preparation(pdf, tmp_path, capsys):
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing more")
    prepare_pdfs([tmp_path / "bad.pdf", pdf], tmp_path / "out", workers=1)
    assert sorted(capsys.readouterr().out.splitlines()) == ["bad.pdf: cannot be read", "three.pdf: 2 pages"]


def test_what_is_held_out_is_not_said_on_rendered_pages(tmp_path):
    for name in ("learned.pdf", HELD_OUT):
        PageWriter(tmp_path / "pdf" / name).write("0.npy", IMAGE, name, TEXT)
    assert list(said_in(tmp_path)) == [["net", "sales"]]
