"""Images as cameras and scanners give them."""

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from indexer.pdf.photographs import eight_bits, upright
from tests.indexer.pdf.test_as_pdf import converted, saved, shown

# It was held by a quarter, and its resolution is a text where a fraction belongs.
ODD_EXIF = (
    b"Exif\0\0II*\0"
    + struct.pack("<IH", 8, 2)
    + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    + struct.pack("<HHI4s", 0x011A, 2, 3, b"72\0")
    + bytes(4)
)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
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
