import numpy as np
import pytest
import torch

from vdr.page_reader.detector import CELL, MAPS, Detector, segments_of


def maps(rows=20, columns=30):
    empty = np.zeros((3, rows, columns), np.float32)
    empty[0] = -10.0
    return empty


def draw(into, row, columns, height, offset=0.0):
    into[0, row, columns] = 10.0
    into[1, row, columns] = offset
    into[2, row, columns] = np.log(height / CELL)


def test_an_empty_page_has_no_segments():
    assert segments_of(maps()).shape == (0, 5)


def test_a_row_of_cells_is_one_segment():
    drawn = maps()
    draw(drawn, 5, slice(3, 11), height=12.0, offset=0.25)
    ((left, right, y_left, y_right, height),) = segments_of(drawn)
    assert height == pytest.approx(12.0)
    assert y_left == pytest.approx((5.5 + 0.25) * CELL)
    assert y_right == pytest.approx(y_left)
    assert left == pytest.approx(3 * CELL - 0.2 * 12)
    assert right == pytest.approx(11 * CELL + 0.2 * 12)


def test_a_gap_parts_two_segments_of_one_line():
    drawn = maps()
    draw(drawn, 5, slice(3, 8), height=12.0)
    draw(drawn, 5, slice(10, 15), height=12.0)
    assert len(segments_of(drawn)) == 2


def test_lines_one_cell_apart_stay_apart():
    drawn = maps()
    draw(drawn, 5, slice(3, 20), height=8.0)
    draw(drawn, 7, slice(3, 20), height=8.0)
    assert len(segments_of(drawn)) == 2


def test_lines_that_touch_stay_apart_by_their_centres():
    drawn = maps()
    draw(drawn, 5, slice(3, 20), height=8.0, offset=-0.3)
    draw(drawn, 6, slice(3, 20), height=8.0, offset=0.4)
    segments = segments_of(drawn)
    assert sorted(segments[:, 2].tolist()) == pytest.approx([5.2 * CELL, 6.9 * CELL])


def test_rows_that_tell_of_one_centre_are_one_segment():
    drawn = maps()
    draw(drawn, 5, slice(3, 20), height=12.0, offset=0.5)
    draw(drawn, 6, slice(3, 20), height=12.0, offset=-0.5)
    assert len(segments_of(drawn)) == 1


def test_a_turned_line_is_one_slanted_segment():
    drawn = maps()
    for column in range(2, 28):
        centre = 8.0 + 0.1 * column  # in cells
        row = int(centre)
        draw(drawn, row, column, height=12.0, offset=centre - row - 0.5)
    ((left, right, y_left, y_right, _),) = segments_of(drawn)
    assert (y_right - y_left) / (right - left) == pytest.approx(0.1, abs=0.01)


def test_specks_are_left_out():
    drawn = maps()
    draw(drawn, 5, slice(3, 5), height=2.0)
    assert len(segments_of(drawn)) == 0


def test_the_net_answers_at_a_quarter_of_the_resolution():
    assert Detector()(torch.rand(2, 64, 96)).shape == (2, MAPS, 16, 24)
