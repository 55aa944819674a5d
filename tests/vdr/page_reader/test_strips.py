import numpy as np
import pytest
import torch

from vdr.page_reader.strips import FRAME_STRIDE, STRIP_HEIGHT, TEXT_HEIGHT, cut_tape, strip_widths


def segments(*rows):
    return np.array(rows, np.float32)


def test_a_strip_is_as_wide_as_its_segment_at_text_height():
    widths = strip_widths(segments((0, 100, 50, 50, TEXT_HEIGHT), (0, 100, 50, 50, 2 * TEXT_HEIGHT)))
    assert widths.tolist() == [100, 50]


def test_strips_lie_apart_and_start_on_whole_frames():
    tape = cut_tape(torch.ones(80, 200), segments((10, 60, 20, 20, 15), (10, 150, 50, 50, 20)))
    assert (tape.starts % FRAME_STRIDE == 0).all()
    assert (tape.ends % FRAME_STRIDE == 0).all()
    assert tape.starts[1] > tape.ends[0]
    assert tape.pixels.shape[0] == STRIP_HEIGHT
    assert tape.pixels.shape[1] >= tape.ends[-1]


def test_a_level_bar_fills_the_same_rows_all_along():
    page = torch.ones(100, 300)
    page[48:52, :] = 0.0
    tape = cut_tape(page, segments((20, 280, 50, 50, TEXT_HEIGHT)))
    middle = tape.pixels[:, tape.starts[0] : tape.ends[0]]
    assert (middle[STRIP_HEIGHT // 2 - 1 : STRIP_HEIGHT // 2 + 1] > 0.9).all()
    assert (middle[:3] < 0.1).all()


def test_a_slanted_segment_follows_a_slanted_line():
    page = torch.ones(120, 300)
    for x in range(300):
        y = 40 + 0.1 * x
        page[int(y) - 2 : int(y) + 2, x] = 0.0
    tape = cut_tape(page, segments((0, 299, 40, 69.9, TEXT_HEIGHT)))
    strip = tape.pixels[:, tape.starts[0] : tape.ends[0]]
    middle = STRIP_HEIGHT // 2
    assert (strip[middle - 4 : middle + 4].amax(0) > 0.5).all()
    assert (strip[:3] < 0.5).all()


def test_no_thin_stroke_of_large_print_falls_between_two_columns():
    page, high = torch.ones(200, 2_000), 8 * TEXT_HEIGHT
    page[:, 100:200] = 0.0
    strokes = range(300, 1_900, 51)
    for x in strokes:
        page[:, x : x + 3] = 0.0
    tape = cut_tape(page, segments((0, 2_000, 100, 100, high)))
    strip = tape.pixels[STRIP_HEIGHT // 2, tape.starts[0] : tape.ends[0]]
    columns = [round(x / 2_000 * len(strip)) for x in strokes]
    assert all(strip[column - 1 : column + 2].max() > 0.15 for column in columns)


def test_large_and_small_print_of_one_look_are_alike_on_the_tape():
    letter = torch.ones(40, 60)
    letter[10:30, 20:26] = 0.0
    letter[10:16, 20:40] = 0.0
    large = letter.repeat_interleave(8, 0).repeat_interleave(8, 1)
    small_strip, large_strip = (
        cut_tape(page, segments((0, page.shape[1], page.shape[0] / 2, page.shape[0] / 2, page.shape[0])))
        for page in (letter, large)
    )
    assert (small_strip.pixels - large_strip.pixels).abs().mean() < 0.05


@pytest.mark.parametrize(("paper", "ink"), [(1.0, 0.0), (0.1, 0.9), (0.6, 0.3)])
def test_ink_is_bright_on_the_tape_whatever_its_colour(paper, ink):
    page = torch.full((40, 100), paper)
    page[18:22, 20:60] = ink
    tape = cut_tape(page, segments((0, 100, 20, 20, TEXT_HEIGHT)))
    strip = tape.pixels[:, tape.starts[0] : tape.ends[0]]
    assert strip.max() == pytest.approx(1.0, abs=0.05)
    assert strip.median() == pytest.approx(0.0, abs=0.05)


def test_a_segment_over_the_edge_of_the_page_is_cut_all_the_same():
    tape = cut_tape(torch.ones(30, 30), segments((-20, 50, 2, 2, 20)))
    assert torch.isfinite(tape.pixels).all()
