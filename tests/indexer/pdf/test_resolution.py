"""A page has the proportions of what was scanned, however its file gives the resolution."""

import io
from fractions import Fraction

import pikepdf
import pytest
from PIL import Image, TiffImagePlugin

from indexer.pdf.resolution import credible, resolution_of
from tests.indexer.pdf.test_as_pdf import converted, saved

FAX = Image.new("1", (1_728, 1_100), 1)


def sizes(pdf):
    """Width and height of each page, in points."""
    with pikepdf.open(pdf) as opened:
        return [tuple(float(side) for side in list(page.mediabox)[2:]) for page in opened.pages]


def opened(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return Image.open(io.BytesIO(out.getvalue()))


def exif(**tags):
    made = Image.Exif()
    for tag, value in tags.items():
        made[{"x": 0x011A, "y": 0x011B, "unit": 0x0128, "orientation": 0x0112}[tag]] = value
    return made


@pytest.mark.parametrize(("dpi", "points"), [((204, 98), (610, 808)), ((204, 196), (610, 404))])
def test_a_fax_is_as_long_as_its_paper(tmp_path, dpi, points):
    path = saved(tmp_path / "fax.tif", FAX, "TIFF", compression="group4", dpi=dpi)
    assert sizes(converted(path, tmp_path)) == [pytest.approx(points, abs=1)]


def test_each_page_of_a_fax_has_its_own_resolution(tmp_path):
    out = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out, True) as tiff:
        for height, dpi in ((1_100, (204, 98)), (2_200, (204, 196))):
            FAX.resize((1_728, height)).save(tiff, "TIFF", dpi=dpi)
            tiff.newFrame()
    path = tmp_path / "fax.tif"
    path.write_bytes(out.getvalue())
    first, second = sizes(converted(path, tmp_path))
    assert first == second == pytest.approx((610, 808), abs=1)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_a_page_that_is_turned_takes_its_resolution_along(tmp_path, orientation):
    said = exif(orientation=orientation)
    path = saved(tmp_path / "fax.tif", FAX, "TIFF", dpi=(204, 98), exif=said)
    assert sizes(converted(path, tmp_path)) == [pytest.approx((808, 610), abs=1)]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (lambda: opened(FAX, "PNG", dpi=(204, 98)), (204, 98)),
        (lambda: opened(FAX.convert("L"), "JPEG", dpi=(204, 98)), (204, 98)),
        (lambda: opened(FAX.convert("L"), "WEBP", exif=exif(x=204.0, y=98.0, unit=2)), (204, 98)),
        (lambda: opened(FAX.convert("L"), "WEBP", exif=exif(x=80.0, y=40.0, unit=3)), (203.2, 101.6)),
        (lambda: opened(FAX.convert("L"), "JPEG", exif=exif(x=204.0, y=98.0, unit=2)), (204, 98)),
        (lambda: opened(FAX, "TIFF", resolution_unit=3, x_resolution=80, y_resolution=40), (203.2, 101.6)),
        # Proportions without a unit.
        (lambda: opened(FAX, "TIFF", resolution_unit=1, x_resolution=2, y_resolution=1), (150, 75)),
        (lambda: opened(FAX, "PNG"), (150, 150)),
        (lambda: opened(FAX.convert("L"), "JPEG"), (150, 150)),
        (lambda: opened(FAX.convert("L"), "WEBP"), (150, 150)),
    ],
)
def test_resolution_is_read_of_every_kind_of_image(image, expected):
    assert resolution_of(image()) == pytest.approx(expected, abs=0.1)


def test_proportions_without_a_unit_are_read_of_jpeg_and_png():
    jpeg, png = FAX.convert("L"), FAX.copy()
    jpeg.format, jpeg.info = "JPEG", {"jfif_unit": 0, "jfif_density": (1, 2)}
    png.info = {"aspect": (2, 1)}
    assert resolution_of(jpeg) == (75, 150)
    assert resolution_of(png) == (150, 75)


@pytest.mark.parametrize(
    ("dpi", "expected"),
    [
        ((72.0, 72.0), (150, 150)),  # a telephone that does not know
        ((1.0, 1.0), (150, 150)),
        ((30.0, 15.0), (150, 75)),  # too coarse to be true, but of that shape
        ((300.0, 3.0), (150, 150)),
        (None, (150, 150)),
        ((1_200.0, 1_200.0), (1_200, 1_200)),
    ],
)
def test_what_cannot_be_right_is_not_believed(dpi, expected):
    assert credible(dpi) == expected


@pytest.mark.parametrize("dpi", [(0, 0), (float("inf"), 98), ("a", "b"), Fraction(1, 2), (1,), None])
def test_nonsense_is_no_resolution(dpi):
    image = FAX.copy()
    image.info["dpi"] = dpi
    assert resolution_of(image) == (150, 150)
