"""The drawing pieces: lines of text, tables, charts, photographs and scans."""

import io
from dataclasses import dataclass, field

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
from samples.fonts import REPORTLAB_FONTS, Face, FontBook
from samples.photographs import DUSK, NIGHT, coast, darkened, mountains, night_sky, town
from samples.pixels import PixelSurface
from samples.scanning import ScanLook, scanned
from samples.shapes import arc, rectangle, smooth
from samples.surface import BLACK, Colour, Frame, Style, colour
from samples.tables import Table, TableLook, draw_table
from samples.typesetting import Column, line_count, paragraph, polished, write, write_fitting

MONO = Style("mono", 10)
PHOTOGRAPHS = {
    "mountains": lambda size, rng: mountains(size, DUSK, rng),
    "coast": lambda size, rng: coast(size, DUSK, rng),
    "stars": lambda size, rng: night_sky(size, NIGHT, rng),
    "aurora": lambda size, rng: night_sky(size, NIGHT, rng, aurora=True),
    "town": lambda size, rng: town(size, DUSK, rng),
}


@dataclass
class Ruled:
    """A surface that only remembers; every letter is as wide as half its size."""

    fonts: FontBook = field(default_factory=FontBook)
    lines: list[tuple[float, float, str, Style]] = field(default_factory=list)
    shapes: list[list[tuple[float, float]]] = field(default_factory=list)

    def text(self, x, y, text, style, angle=0.0):
        self.lines.append((x, y, text, style))

    def text_width(self, text, style):
        return len(text) * style.size / 2

    def polygon(self, points, fill=None, stroke=None, width=1.0):
        self.shapes.append(list(points))

    def polyline(self, points, stroke, width=1.0):
        self.shapes.append(list(points))

    def image(self, frame, image):
        raise AssertionError("nothing here places pictures")

    @property
    def words(self):
        return [text for _, _, text, _ in self.lines]


@pytest.fixture
def surface():
    return Ruled()


@pytest.fixture
def pixels():
    return PixelSurface(100, 50, 72, FontBook())


class TestText:
    def test_keyboard_quotes_and_dashes_become_printers(self):
        assert polished('"It\'s" - ("so")') == "\u201cIt\u2019s\u201d \u2013 (\u201cso\u201d)"

    def test_a_paragraph_breaks_where_the_next_word_would_not_fit(self, surface):
        end = paragraph(surface, 0, 0, 50, "four four ninety", MONO)

        assert surface.words == ["four four", "ninety"]
        assert end == pytest.approx(2 * MONO.line_height)
        assert line_count(surface, "four four ninety", MONO, 50) == 2

    def test_bold_and_italic_words_are_marked_and_the_marks_vanish(self, surface):
        paragraph(surface, 0, 0, 500, "a **bold** and _slanted_ snake_case.", MONO)

        assert surface.words == ["a", "bold", "and", "slanted", "snake_case."]
        assert [style.bold for *_, style in surface.lines] == [False, True, False, False, False]
        assert [style.italic for *_, style in surface.lines] == [False, False, False, True, False]

    def test_punctuation_stays_with_a_bold_word(self, surface):
        paragraph(surface, 0, 0, 500, "**End**.", MONO)

        (first, _, _, _), (second, _, _, _) = surface.lines
        assert second - first == 15

    def test_justified_lines_end_at_the_margin_but_the_last(self, surface):
        paragraph(surface, 0, 0, 60, "aaa bbb ccc ddd", MONO, "justify")

        ends = [x + surface.text_width(text, style) for x, _, text, style in surface.lines]
        assert ends[2] == pytest.approx(60)
        assert surface.words[-1] == "ddd"

    @pytest.mark.parametrize(("align", "x"), [("left", 100), ("center", 90), ("right", 80)])
    def test_a_line_can_begin_end_or_be_centred(self, surface, align, x):
        write(surface, 100, 0, "four", MONO, align)

        assert surface.lines[0][0] == x

    def test_a_line_that_is_too_wide_is_set_smaller(self, surface):
        write_fitting(surface, 0, 0, "eightchr", MONO, 20)
        write_fitting(surface, 0, 0, "four", MONO, 20)

        assert [style.size for *_, style in surface.lines] == [5, 10]

    def test_an_empty_paragraph_takes_one_line_and_draws_nothing(self, surface):
        assert paragraph(surface, 0, 0, 50, "", MONO) == MONO.line_height
        assert not surface.lines

    def test_a_column_knows_when_it_is_full(self, surface):
        column = Column(surface, Frame(0, 0, 100, 40), MONO)

        column.steps(["one", "two"])
        assert column.has_room is True
        column.heading("three", MONO)
        assert column.has_room is False
        assert surface.words == ["1.", "one", "2.", "two", "three"]


class TestTables:
    def test_the_first_column_is_on_the_left_and_numbers_on_the_right(self, surface):
        table = Table(("Name", "No"), (("ab", "12"), ("Sub",), ("cd", "3")), (1, 1), totals=frozenset({2}))

        end = draw_table(surface, 0, 0, 100, table, TableLook(MONO, MONO, stripe=BLACK))

        at = {text: (x, style.bold) for x, _, text, style in surface.lines}
        assert at["ab"] == (4, False)
        assert at["12"] == (100 - 4 - 10, False)
        assert at["Sub"] == (4, True)
        assert at["cd"] == (4, True)
        assert end == pytest.approx(4 * (MONO.line_height + 4))

    def test_a_table_without_headings_begins_with_its_rows(self, surface):
        draw_table(surface, 0, 0, 100, Table(("", ""), (("a", "b"),), (1, 1)), TableLook(grid=BLACK))

        assert surface.words == ["a", "b"]

    def test_a_heading_may_stand_on_colour(self, surface):
        draw_table(surface, 0, 0, 100, Table(("h", "i"), (), (1, 1)), TableLook(header_fill=BLACK))

        assert surface.shapes == [[(0, 0), (100, 0), (100, pytest.approx(14.88)), (0, pytest.approx(14.88))]]


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


class TestShapes:
    def test_an_arc_of_a_quarter_runs_clockwise_from_noon(self):
        points = arc((0, 0), 1, 0, 90)

        assert points[0] == pytest.approx((0, -1))
        assert points[-1] == pytest.approx((1, 0))

    def test_a_smooth_line_passes_through_its_points(self):
        points = [(0.0, 0.0), (1.0, 2.0), (3.0, 1.0)]

        assert [
            point for point in points if any(point == pytest.approx(at) for at in smooth(points))
        ] == points

    def test_rounded_corners_stay_within_the_rectangle(self, surface):
        rectangle(surface, Frame(10, 10, 30, 20), BLACK, radius=5)

        xs, ys = zip(*surface.shapes[0], strict=True)
        assert (min(xs), max(xs), min(ys), max(ys)) == pytest.approx((10, 40, 10, 30))


class TestPixels:
    def test_the_image_has_the_size_asked_for(self, pixels):
        assert pixels.finished().size == (100, 50)

    def test_shapes_cover_and_veils_let_through(self, pixels):
        pixels.polygon([(0, 0), (50, 0), (50, 50), (0, 50)], colour("#ff0000"))
        pixels.polygon([(0, 0), (100, 0), (100, 50), (0, 50)], Colour(0, 0, 0, 0.5), stroke=BLACK)

        image = pixels.finished()
        assert image.getpixel((25, 25)) == pytest.approx((127, 0, 0), abs=1)
        assert image.getpixel((75, 25)) == pytest.approx((127, 127, 127), abs=1)

    def test_words_are_remembered_and_make_dark_pixels_above_the_baseline(self, pixels):
        pixels.text(10, 30, "HHH", Style("sans", 20, BLACK))

        dark = np.argwhere(np.asarray(pixels.finished().convert("L")) < 100)
        assert pixels.words == ["HHH"]
        assert dark[:, 0].min() > 10
        assert dark[:, 0].max() <= 30

    def test_turned_words_run_upwards(self, pixels):
        pixels.text(50, 48, "HHH", Style("sans", 12, BLACK), angle=90)

        dark = np.argwhere(np.asarray(pixels.finished().convert("L")) < 100)
        assert np.ptp(dark[:, 0]) > np.ptp(dark[:, 1])

    def test_a_picture_is_stretched_to_its_frame(self, pixels):
        pixels.image(Frame(50, 0, 50, 50), Image.new("RGB", (3, 3)))

        assert pixels.finished().getpixel((75, 25)) == (0, 0, 0)
        assert pixels.finished().getpixel((25, 25)) == (255, 255, 255)


class TestFonts:
    def test_without_installed_fonts_the_standard_ones_are_used(self, tmp_path):
        fonts = FontBook((tmp_path,))

        assert fonts.pdf_name(Face("serif", bold=True, italic=True)) == "Times-BoldItalic"
        assert fonts.pixel_font(Face("mono"), 20).getname()[0] == "Bitstream Vera Sans"

    def test_an_installed_font_is_found_in_any_folder_below(self, tmp_path):

        (tmp_path / "deep" / "er").mkdir(parents=True)
        copy = tmp_path / "deep" / "er" / "LiberationSans-Regular.ttf"
        copy.write_bytes((REPORTLAB_FONTS / "Vera.ttf").read_bytes())

        assert FontBook((tmp_path,)).pdf_name(Face("sans")).startswith("LiberationSans-Regular-")


class TestPhotographs:
    @pytest.mark.parametrize("kind", PHOTOGRAPHS)
    def test_a_photograph_has_its_size_many_shades_and_comes_out_the_same_twice(self, kind):
        first, second = (PHOTOGRAPHS[kind]((120, 90), np.random.default_rng(5)) for _ in range(2))

        assert first.size == (120, 90)
        assert len(first.getcolors(maxcolors=20_000)) > 500  # type: ignore[arg-type]
        assert first.tobytes() == second.tobytes()

    def test_darkening_falls_on_one_edge_only(self):
        white = Image.new("RGB", (4, 100), "white")

        below, above = darkened(white, 0.8), darkened(white, 0.8, from_top=True)
        assert below.getpixel((0, 0)) == above.getpixel((0, 99)) == (255, 255, 255)
        assert below.getpixel((0, 99))[0] == above.getpixel((0, 0))[0] == pytest.approx(51, abs=1)  # type: ignore[index]


class TestScanning:
    PAGE = Image.new("RGB", (400, 500), "white")

    def scan(self, look, seed=1, page=PAGE):
        return scanned(page, look, np.random.default_rng(seed))

    def test_paper_is_gray_and_noisy_and_darker_along_the_lid(self):
        shades = np.asarray(Image.open(io.BytesIO(self.scan(ScanLook(paper=210, quality=95)))), dtype=float)

        assert shades.ndim == 2
        assert np.median(shades) == pytest.approx(210, abs=8)
        assert shades[200:300, 200:300].std() > 3
        assert shades[200:300, :3].mean() < 180

    def test_the_page_is_turned(self):
        page = self.PAGE.copy()
        page.paste("black", (0, 245, 400, 255))
        shades = np.asarray(
            Image.open(io.BytesIO(self.scan(ScanLook(turn=1.2, noise=0, specks=0), page=page)))
        )

        rows = [np.argmin(shades[:, x]) for x in (60, 340)]
        assert rows[0] - rows[1] == pytest.approx(280 * np.tan(np.radians(1.2)), abs=6)

    def test_the_same_noise_for_the_same_seed(self):
        assert self.scan(ScanLook()) == self.scan(ScanLook())
        assert self.scan(ScanLook()) != self.scan(ScanLook(), seed=2)
