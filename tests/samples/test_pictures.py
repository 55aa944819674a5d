"""Charts and landscapes of the sample documents."""

import numpy as np
import pytest
from PIL import Image

from samples.charts import (
    ChartLook,
    Series,
    bar_chart,
    line_chart,
    pie_chart,
    row_chart,
    scatter_chart,
    stacked_chart,
)
from samples.landscapes import DUSK, NIGHT, coast, darkened, mountains, night_sky, town
from tests.training.drawing.ruled import Ruled
from training.drawing.surface import Frame

PHOTOGRAPHS = {
    "mountains": lambda size, rng: mountains(size, DUSK, rng),
    "coast": lambda size, rng: coast(size, DUSK, rng),
    "stars": lambda size, rng: night_sky(size, NIGHT, rng),
    "aurora": lambda size, rng: night_sky(size, NIGHT, rng, aurora=True),
    "town": lambda size, rng: town(size, DUSK, rng),
}


@pytest.fixture
def surface():
    return Ruled()


class TestCharts:
    FRAME = Frame(0, 0, 300, 200)
    LOOK = ChartLook("Title", "axis", label=lambda value: f"{value:g} kg")

    def test_bars_are_as_high_as_their_values(self, surface):
        bar_chart(surface, self.FRAME, ("a", "b"), (Series("", (10, 20)),), ChartLook())

        first, second = (shape for shape in surface.shapes if len(shape) == 4)
        heights = [shape[2][1] - shape[0][1] for shape in (first, second)]
        assert heights[1] == pytest.approx(2 * heights[0])

    @pytest.mark.parametrize("draw", [bar_chart, line_chart, stacked_chart])
    def test_title_axis_categories_legend_and_values_are_written(self, surface, draw):
        draw(
            surface, self.FRAME, ("left", "right"), (Series("one", (3, 1)), Series("two", (2, 4))), self.LOOK
        )

        assert {"Title", "axis", "left", "right", "one", "two"} <= set(surface.words)
        assert any(word.endswith(" kg") for word in surface.words)

    def test_a_value_at_the_bottom_of_a_valley_is_written_below_its_dot(self, surface):
        line_chart(surface, self.FRAME, ("a", "b", "c"), (Series("", (9, 1, 8)),), self.LOOK)

        heights = {text: y for _, y, text, _ in surface.lines}
        lowest = max(y for shape in surface.shapes if len(shape) == 3 for _, y in shape)
        assert heights["1 kg"] > lowest > heights["9 kg"]

    def test_the_last_value_of_a_falling_line_ends_within_the_chart(self, surface):
        narrow = Frame(0, 0, 120, 100)

        line_chart(surface, narrow, ("a", "b", "c", "d"), (Series("", (900, 500, 300, 100)),), self.LOOK)

        x, _, text, style = next(line for line in surface.lines if line[2] == "100 kg")
        assert x + surface.text_width(text, style) <= narrow.right

    def test_negative_values_reach_below_the_zero_line(self, surface):
        bar_chart(surface, self.FRAME, ("a", "b"), (Series("", (-10, 20)),), ChartLook())

        assert "-10" in surface.words

    def test_rows_and_slices_carry_their_names_and_values(self, surface):
        row_chart(surface, self.FRAME, (("long", 4), ("short", 1)), self.LOOK)
        pie_chart(surface, self.FRAME, (("large", 3), ("small", 1)), ChartLook(), hole=0.5)

        assert {"long", "4 kg", "large  3", "small  1"} <= set(surface.words)

    def test_dots_stand_between_the_ticks_of_both_axes(self, surface):
        scatter_chart(surface, self.FRAME, (("dots", ((5, 1), (10, 2))),), ("across", (0, 10)), ChartLook())

        assert {"across", "0", "10"} <= set(surface.words)


class TestPhotographs:
    @pytest.mark.parametrize("kind", PHOTOGRAPHS)
    def test_a_photograph_has_its_size_many_shades_and_comes_out_the_same_twice(self, kind):
        first, second = (PHOTOGRAPHS[kind]((120, 90), np.random.default_rng(5)) for _ in range(2))

        assert first.size == (120, 90)
        assert len(first.getcolors(maxcolors=20_000) or ()) > 500
        assert first.tobytes() == second.tobytes()

    def test_darkening_falls_on_one_edge_only(self):
        white = Image.new("RGB", (4, 100), "white")

        below, above = darkened(white, 0.8), darkened(white, 0.8, from_top=True)
        assert below.getpixel((0, 0)) == above.getpixel((0, 99)) == (255, 255, 255)
        dark = (np.asarray(below)[99, 0, 0], np.asarray(above)[0, 0, 0])
        assert dark[0] == dark[1] == pytest.approx(51, abs=1)
