"""The chart is well-formed SVG with a point for every dimension and side, all of it inside the picture."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.fit.result import Score
from training.report.chart import grid_lines, quality_by_bytes
from training.report.facts import Dimension


def dimension(dims, base, tuned, base_kept=1.0, tuned_kept=1.0):
    def score(mean):
        return Score(mean=mean, interval=(max(mean - 0.05, 0), min(mean + 0.05, 1)))

    return Dimension(dims, score(base), score(tuned), base_kept, tuned_kept)


def test_it_has_a_point_for_every_dimension_and_side_with_its_interval():
    svg = ElementTree.fromstring(
        quality_by_bytes([dimension(1_024, 0.5, 0.6), dimension(64, 0.2, 0.5, 0.4, 0.83)])
    )
    assert len(svg.findall("circle")) == 4
    assert len(svg.findall("polyline")) == len(svg.findall("polygon")) == 2
    said = [text.text for text in svg.findall("text")]
    assert {"2,048", "1,024 d", "128", "64 d", "40 %", "83 %"} <= set(said)


def test_more_bytes_are_further_right_and_better_is_higher():
    svg = ElementTree.fromstring(quality_by_bytes([dimension(1_024, 0.5, 0.6), dimension(64, 0.2, 0.5)]))
    large, small = (each for each in svg.findall("circle") if each.get("class") == "tuned")
    assert float(large.get("cx")) > float(small.get("cx"))  # type: ignore[arg-type]
    assert float(large.get("cy")) < float(small.get("cy"))  # type: ignore[arg-type]


def test_what_the_better_one_keeps_stands_above_its_point():
    svg = ElementTree.fromstring(quality_by_bytes([dimension(64, 0.6, 0.4)]))
    base, tuned = (
        next(each for each in svg.findall("circle") if each.get("class") == side)
        for side in ("base", "tuned")
    )
    above, below = (
        next(each for each in svg.findall("text") if each.get("class") == side) for side in ("base", "tuned")
    )
    assert float(above.get("y")) < float(base.get("cy")) < float(tuned.get("cy")) < float(below.get("y"))  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8))
def test_everything_is_inside_the_picture(qualities):
    svg = ElementTree.fromstring(
        quality_by_bytes([dimension(2**place * 8, *each) for place, each in enumerate(qualities)])
    )
    width, height = map(float, svg.get("viewBox").split()[2:])
    for line in (*svg.findall("polyline"), *svg.findall("polygon")):
        for point in line.get("points").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width and 0 <= y <= height


@given(st.floats(0, 1), st.floats(0, 1))
def test_grid_lines_hold_the_numbers_and_are_few(one, other):
    low, high = sorted((one, other))
    lines = grid_lines(low, high)
    assert lines[0] <= low + 1e-6 and lines[-1] >= high - 1e-6
    assert 2 <= len(lines) <= 6
    assert 0 <= lines[0] < lines[-1]


@pytest.mark.parametrize(
    ("low", "high", "lines"),
    [
        (0.13, 0.72, [0, 0.25, 0.5, 0.75]),
        (0.61, 0.79, [0.6, 0.65, 0.7, 0.75, 0.8]),
        (0.5, 0.5, [0.5, 0.52]),
    ],
)
def test_grid_lines_are_round(low, high, lines):
    assert grid_lines(low, high) == lines
