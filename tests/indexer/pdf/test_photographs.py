"""Images as cameras and scanners give them."""

import struct
from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps, PngImagePlugin

from indexer.pdf import convert
from indexer.pdf.photographs import eight_bits, on_white, stretched, upright
from tests.indexer.pdf.test_as_pdf import converted, half_black, saved, shown

# It was held by a quarter, and its resolution is a text where a fraction belongs.
ODD_EXIF = (
    b"Exif\0\0II*\0"
    + struct.pack("<IH", 8, 2)
    + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    + struct.pack("<HHI4s", 0x011A, 2, 3, b"72\0")
    + bytes(4)
)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_as_pillow_would(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    Image.fromarray(np.arange(0, 240, 10, np.uint8).reshape(4, 6)).save(out, kind, exif=exif)  # type: ignore[call-overload]
    with Image.open(out) as ours, Image.open(out) as theirs:
        assert np.array_equal(np.asarray(upright(ours)), np.asarray(ImageOps.exif_transpose(theirs)))


@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_of_sixteen_bits_the_upper_ones_are_kept(order: str) -> None:
    image = Image.fromarray(np.array([[0, 0x4000, 0x8000, 0xFFFF]], order))
    assert np.asarray(eight_bits(image)).tolist() == [[0, 0x40, 0x80, 0xFF]]


def test_what_else_a_camera_says_costs_no_document(tmp_path):
    path = saved(tmp_path / "photo.jpg", Image.new("RGB", (120, 200), "white"), "JPEG", exif=ODD_EXIF)
    assert shown(converted(path, tmp_path)).size == (256, 154)


@pytest.mark.parametrize(("name", "kind"), [("scan.png", "PNG"), ("scan.tif", "TIFF")])
def test_a_scan_in_sixteen_bits_is_no_white_page(tmp_path, name, kind):
    gray = Image.fromarray(np.full((200, 120), 0x8000, np.uint16))
    page = shown(converted(saved(tmp_path / name, gray, kind), tmp_path))
    assert np.asarray(page).mean() == pytest.approx(0x80, abs=2)


@pytest.mark.parametrize("highest", [255, 1_023, 4_095])
def test_fewer_bits_in_sixteen_are_no_black_page(highest):
    image = Image.fromarray(np.array([[0, highest // 2, highest]], np.uint16))
    assert np.asarray(eight_bits(image))[0] == pytest.approx([0, 127, 255], abs=1)


@pytest.mark.parametrize(
    "numbers",
    [
        [0.0, 0.5, 1.0],
        [-40.0, 0.0, 40.0],
        [0, 127.5, 255],
        [1e-30, 5.5e-30, 1e-29],
        [-1.7e308, 0.0, 1.7e308],
    ],
)
def test_numbers_of_any_range_become_black_to_white(numbers):
    assert stretched(np.array([numbers])).tolist() == [[0, pytest.approx(127, abs=2), 255]]


def test_what_is_no_number_is_black_and_an_even_page_white():
    assert stretched(np.array([np.nan, np.inf, -np.inf, 0, 1])).tolist() == [0, 0, 0, 0, 255]
    assert stretched(np.zeros((1, 3))).tolist() == stretched(np.full((1, 3), np.nan)).tolist() == [[255] * 3]


RAMP = np.linspace(0, 1, 12).reshape(3, 4)
EVERY = ["u1", "u2", "u4", "i2", "i4", "f2", "f4", "f8"]


def measured(tmp_path, pixels, **options):
    """The gray page that a TIFF of these numbers becomes."""
    tifffile.imwrite(tmp_path / "measured.tif", pixels, **options)
    (picture,) = convert._pictures(str(tmp_path / "measured.tif"), 10**6)
    return np.asarray(picture.image.convert("L"))


def numbers(kind):
    return (RAMP * (np.iinfo(kind).max if kind[0] in "iu" else 1)).astype(kind)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", EVERY)
def test_gray_of_instruments_is_seen(tmp_path, kind, order):
    expected = pytest.approx(255 * RAMP, abs=2)
    gray = numbers(kind)
    assert measured(tmp_path, gray, photometric="minisblack", byteorder=order) == expected
    assert measured(tmp_path, gray, photometric="miniswhite", byteorder=order) == pytest.approx(
        255 * RAMP[::-1, ::-1], abs=2
    )


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("kind", EVERY)
def test_colours_of_instruments_are_seen(tmp_path, kind, planes):
    colours = np.stack([numbers(kind)] * 3, 0 if planes == "separate" else -1)
    gray = measured(tmp_path, colours, photometric="rgb", planarconfig=planes)
    assert gray == pytest.approx(255 * RAMP, abs=2)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_inks_are_seen(tmp_path, kind):
    inks = np.stack([numbers(kind)] * 3 + [np.zeros_like(numbers(kind))], -1)
    assert measured(tmp_path, inks, photometric="separated") == pytest.approx(255 * (1 - RAMP), abs=3)


def test_an_instruments_page_is_turned_and_has_its_resolution(tmp_path):
    tifffile.imwrite(
        tmp_path / "a.tif",
        numbers("f8"),
        photometric="minisblack",
        resolution=(204, 98),
        resolutionunit="INCH",
        extratags=[(274, 3, 1, 6, True)],
    )
    (picture,) = convert._pictures(str(tmp_path / "a.tif"), 10**6)
    assert picture.image.size == (3, 4)
    assert picture.resolution == (98, 204)
    assert np.asarray(picture.image)[0, 2] < 5  # what came first is at the top on the right


@pytest.mark.parametrize(
    ("mode", "colour", "kind"),
    [
        ("CMYK", (0, 0, 0, 255), "TIFF"),
        ("CMYK", (0, 0, 0, 255), "JPEG"),
        ("LAB", (0, 128, 128), "TIFF"),
        ("YCbCr", (0, 128, 128), "JPEG"),
        ("LA", (0, 255), "PNG"),
        ("RGBA", (0, 0, 0, 255), "WEBP"),
        ("1", 0, "PNG"),
    ],
)
def test_black_is_black_in_any_colours(mode, colour, kind):
    out = BytesIO()
    Image.new(mode, (8, 8), colour).save(out, kind)
    with Image.open(out) as image:
        assert np.asarray(on_white(image).convert("L")).max() < 20


@pytest.mark.parametrize("mode", ["LA", "RGBA", "PA", "P", "I;16"])
def test_what_is_transparent_is_white_in_any_mode(mode):
    out = BytesIO()
    options = {}
    if mode == "P":
        image, options["transparency"] = Image.new(mode, (8, 8), 0), 0
    elif mode == "I;16":
        image, options["transparency"] = Image.fromarray(np.full((8, 8), 0x4321, np.uint16)), 0x4321
    else:
        image = Image.new("LA" if mode == "LA" else "RGBA", (8, 8), 0).convert(mode)
    image.save(out, "TIFF" if mode == "PA" else "PNG", **options)
    with Image.open(out) as again:
        assert np.asarray(on_white(again).convert("L")).min() > 250


def test_a_drawing_keeps_its_page_whatever_history_lies_beside_it(tmp_path):
    beside = PngImagePlugin.PngInfo()
    for name in ("history", "undo"):
        beside.add_text(name, "crop;" * 900_000, zip=True)
    beside.add_itxt("notes", "line " * 900_000, zip=True)
    path = saved(tmp_path / "a.png", half_black(), "PNG", pnginfo=beside)
    assert shown(converted(path, tmp_path)).getpixel((70, 220)) < 50
