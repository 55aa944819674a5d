"""Every word stands where the canvas says."""

import numpy as np
from PIL import Image

from training.drawing.canvas import Canvas, Ink
from training.drawing.fonts import REPORTLAB_FONTS, open_font
from training.drawing.page_lines import PixelBox

FONT = REPORTLAB_FONTS / "Vera.ttf"


def test_upright_lines_have_their_ink_on_the_page_turned_clockwise():
    canvas = Canvas(Image.new("L", (640, 900), 255))
    canvas.upright_line(100, 500, ["Net", "sales"], Ink(open_font(FONT, 30), 0))
    (line,) = canvas.upright
    turned = np.asarray(canvas.image.rotate(-90, expand=True))
    top, bottom = int(line.y0 - line.height / 2), int(line.y0 + line.height / 2)
    rows, columns = np.nonzero(turned < 128)
    assert top <= rows.min() and rows.max() <= bottom
    assert line.x0 - 1 <= columns.min() <= line.x0 + 4
    assert line.x1 - 4 <= columns.max() <= line.x1 + 1


def test_labels_keep_away_from_each_other():
    canvas, ink = Canvas(Image.new("L", (640, 900), 255)), Ink(open_font(FONT, 20), 0)
    canvas.label(50, 50, "Total assets", ink)
    canvas.label(60, 55, "Net sales", ink)
    canvas.upright_label(70, 120, "Net sales", ink)
    assert len(canvas.lines) + len(canvas.upright) == 1


def test_level_words_have_their_ink_within_their_boxes():
    canvas = Canvas(Image.new("L", (640, 900), 255))
    end = canvas.line(50, 100, ["Net", "sales"], Ink(open_font(FONT, 30), 0, tracking=4.0))
    (line,) = canvas.page_lines.lines
    rows, columns = np.nonzero(canvas.pixels < 128)
    assert [word.text for word in line.words] == ["Net", "sales"]
    assert line.y0 - line.height / 2 <= rows.min() and rows.max() <= line.y0 + line.height / 2
    assert line.x0 <= columns.min() <= line.x0 + 5 and end - 5 <= columns.max() <= end == line.x1
    between = canvas.pixels[:, round(line.words[0].x1) + 1 : round(line.words[1].x0) - 1]
    assert between.size and between.min() == 255


def test_slanted_text_is_in_a_box_that_nobody_reads():
    canvas = Canvas(Image.new("L", (640, 900), 255))
    canvas.slanted(300, 300, "Net sales", Ink(open_font(FONT, 30), 0), 40)
    (box,) = canvas.page_lines.unread
    rows, columns = np.nonzero(canvas.pixels < 128)
    assert box.x0 <= columns.min() <= columns.max() <= box.x1
    assert box.y0 <= rows.min() <= rows.max() <= box.y1
    assert not canvas.page_lines.lines and not canvas.is_free(box)


def test_what_is_too_long_for_a_cell_is_left_out():
    canvas, ink = Canvas(Image.new("L", (640, 900), 255)), Ink(open_font(FONT, 20), 0)
    canvas.fit(50, 50, 60, "A long name", ink)
    canvas.fit(50, 50, 300, "12", ink, to_right=True)
    ((word,),) = (line.words for line in canvas.lines)
    assert (word.text, round(word.x1)) == ("12", 346)


def test_a_label_is_told_from_what_it_stands_on():
    canvas = Canvas(Image.new("L", (640, 900), 20))
    canvas.label(50, 50, "Total", Ink(open_font(FONT, 20), 40))
    assert canvas.pixels.max() == 255


def test_boxes_that_only_touch_do_not_overlap():
    box = PixelBox(10, 10, 20, 20)
    assert box.overlaps(PixelBox(19, 19, 30, 30))
    assert not box.overlaps(PixelBox(20, 10, 30, 20)) and not box.overlaps(PixelBox(10, 0, 20, 10))
