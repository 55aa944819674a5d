import numpy as np
import pytest

from training.drawing.page_lines import LineWord
from training.page_reader.targets import line_maps, strip_target
from vdr.page_reader import alphabet
from vdr.page_reader.detector import CELL, segments_of


def segment(*row):
    return np.array([row], np.float32)


def test_the_core_runs_along_the_middle_of_the_line():
    maps = line_maps(segment(20, 60, 30, 30, 12), rows=20, columns=30)
    rows, columns = np.nonzero(maps.core)
    assert set(rows) == {7}
    assert (columns.min(), columns.max()) == (5, 14)
    assert maps.offset[7, 5] == pytest.approx(0.0)
    assert maps.log_height[7, 5] == pytest.approx(np.log(12 / CELL))


def test_tall_lines_have_a_thick_core_and_a_soft_edge():
    maps = line_maps(segment(0, 80, 40, 40, 40), rows=20, columns=20)
    assert (maps.core[:, 5] > 0).sum() > 3
    assert 0 < maps.weight.min() < 1


def test_lines_outside_the_crop_leave_no_trace():
    maps = line_maps(segment(-400, -300, 30, 30, 12), rows=10, columns=10)
    assert maps.core.sum() == 0


def test_what_the_maps_say_is_found_again():
    wanted = segment(24, 96, 42, 46, 14)
    maps = line_maps(wanted, rows=25, columns=30)
    found = segments_of(np.stack([maps.core * 20 - 10, maps.offset, maps.log_height]))
    assert len(found) == 1
    assert found[0, 2:5] == pytest.approx(wanted[0, 2:5], abs=1.0)
    assert found[0, :2] == pytest.approx(wanted[0, :2], abs=6.0)


def test_a_strip_is_written_with_spaces_between_its_words():
    target = strip_target([LineWord("net", 0, 20), LineWord("sales", 24, 60)], 0, 60, frames=40)
    assert alphabet.decode(list(target.classes)) == "net sales"


def test_characters_are_guessed_in_order_inside_their_words():
    target = strip_target([LineWord("ab", 0, 20), LineWord("cd", 40, 60)], 0, 60, frames=30)
    frames = {alphabet.decode([c]): frame for frame, c in target.guesses}
    assert frames["a"] < frames["b"] < frames[" "] < frames["c"] < frames["d"]
    assert frames["b"] < 10 <= frames[" "] < 20 <= frames["c"]


def test_a_strip_too_short_to_be_written_is_left_out():
    assert strip_target([LineWord("hello", 0, 5)], 0, 5, frames=5) is None
    assert strip_target([LineWord("hello", 0, 5)], 0, 5, frames=6) is not None


def test_a_strip_without_characters_is_left_out():
    assert strip_target([LineWord("", 0, 5)], 0, 5, frames=5) is None
