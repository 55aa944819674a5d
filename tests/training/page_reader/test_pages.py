from shutil import copytree

import numpy as np
import pytest

from training.page_reader.degrade import scan
from training.page_reader.pages import (
    LINES_FILE,
    LineWord,
    PageLines,
    PageWriter,
    PixelBox,
    TextLine,
    read_pages,
)
from training.page_reader.pdf_pages import pdf_pages
from training.page_reader.prepare import prepare_pdfs, prepare_rendered
from training.page_reader.train import training_pages

LINE = TextLine((LineWord("net", 10, 30), LineWord("sales", 34, 70)), 20, 21, 12)
TEXT = PageLines((LINE,), (LINE, LINE), (PixelBox(1, 2, 3, 4),))
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


def test_a_scanned_page_is_turned_and_its_lines_with_it():
    image = np.full((800, 600), 255, np.uint8)
    image[100:104, 50:550] = 0
    line = TextLine((LineWord("a", 50, 300), LineWord("b", 310, 550)), 102, 102, 20)
    scanned, text = scan(image, PageLines((line,)), np.random.default_rng(3))
    (turned,) = text.lines
    assert turned.y0 != turned.y1
    assert len(np.unique(scanned)) > 2
    for x, y in ((60, turned.y0), (540, turned.y1)):
        column = scanned[:200, x].astype(int)
        assert abs(int(column.argmin()) - y) < 6
