"""Shapes, pixels and fonts: what every surface draws with."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.drawing.ruled import Ruled
from training import drawing
from training.drawing.fonts import REPORTLAB_FONTS, Face, FontBook
from training.drawing.pixel_surface import PIXEL_DPI, PixelSurface
from training.drawing.shapes import arc, rectangle, smooth
from training.drawing.surface import BLACK, Colour, Frame, Style, colour


@pytest.fixture
def surface():
    return Ruled()


@pytest.fixture
def pixels():
    return PixelSurface(100, 50, 72, FontBook())


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

    def test_without_oversampling_a_rule_is_sharp(self):
        surface = PixelSurface(20, 20, PIXEL_DPI, FontBook(), oversampling=1)

        surface.polyline([(0, 10), (20, 10)], BLACK, 0.5)

        assert len(surface.finished().getcolors() or ()) == 2

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

    def test_a_page_may_bring_its_own_fonts(self):
        fonts = FontBook(files={Face("body"): REPORTLAB_FONTS / "VeraIt.ttf"})

        assert fonts.pixel_font(Face("body"), 20).getname() == ("Bitstream Vera Sans", "Oblique")


def test_the_kit_loads_no_models_and_nothing_else_of_the_house():
    modules = [f"training.drawing.{path.stem}" for path in Path(drawing.__file__).parent.glob("*.py")]
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert {"training", "PIL", "reportlab", "numpy"} <= loaded
    assert not {"torch", "indexer", "samples", "pydantic"} & loaded
    assert {name for name in loaded if name.startswith("vdr.")} == {"vdr.telemetry"}
