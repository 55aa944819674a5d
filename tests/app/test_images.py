"""Page images are only ever made smaller; query images are checked by content before they are decoded."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from app.images import MAX_QUERY_PIXELS, accepted_type, decode_query, narrowed
from vdr.errors import ImageTooLarge, NotAnImage


def encoded(image: Image.Image, kind: str) -> bytes:
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def claiming_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


def test_a_page_image_is_narrowed_in_proportion() -> None:
    webp = narrowed(encoded(Image.new("RGB", (400, 600), "white"), "WEBP"), 100)
    with Image.open(BytesIO(webp)) as image:
        assert image.format == "WEBP"
        assert image.size == (100, 150)


@pytest.mark.parametrize("width", [400, 4_000])
def test_a_page_image_is_never_enlarged(width: int) -> None:
    webp = encoded(Image.new("RGB", (400, 600), "white"), "WEBP")
    assert narrowed(webp, width) == webp


def test_a_flat_page_keeps_at_least_one_row() -> None:
    with Image.open(BytesIO(narrowed(encoded(Image.new("RGB", (400, 2)), "WEBP"), 16))) as image:
        assert image.size == (16, 1)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "webp"),
        ("*/*", "webp"),
        ("image/*", "webp"),
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "webp"),
        ("image/png", "png"),
        ("image/PNG;q=0.9, */*;q=0.1", "png"),
        ("image/png, image/jpeg", "jpeg"),
        ("image/jpeg; q=0.5, image/png; q=0.6", "png"),
        ("image/*;q=0.5, image/webp;q=0", "jpeg"),
        ("image/png;q=x, image/jpeg;q=0.1", "jpeg"),
        ("application/json", "webp"),
    ],
)
def test_a_page_image_is_of_the_type_that_is_preferred(accept: str, kind: str) -> None:
    assert accepted_type(accept) == f"image/{kind}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_png_jpeg_and_webp_can_be_searched_with(kind: str) -> None:
    image = decode_query(encoded(Image.new("RGB", (30, 20), "red"), kind))
    assert (image.mode, image.size) == ("RGB", (30, 20))


def test_transparency_is_seen_on_white() -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert np.asarray(decode_query(encoded(clear, "PNG"))).min() == 255


def test_a_photograph_is_turned_upright() -> None:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: the camera was turned by a quarter
    Image.new("RGB", (30, 20)).save(out, "JPEG", exif=exif)
    assert decode_query(out.getvalue()).size == (20, 30)


def test_what_else_a_camera_says_may_be_wrong() -> None:
    orientation = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    resolution = struct.pack("<HHI4s", 0x011A, 2, 3, b"72\0")  # a text where a fraction belongs
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + orientation + resolution + bytes(4)
    out = BytesIO()
    Image.new("RGB", (30, 20)).save(out, "JPEG", exif=exif)
    assert decode_query(out.getvalue()).size == (20, 30)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_way_to_hold_a_camera(orientation: int) -> None:
    seen = Image.fromarray(np.arange(0, 240, 10, np.uint8).reshape(4, 6)).convert("RGB")  # type: ignore[call-overload]
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    seen.save(out, "PNG", exif=exif)
    with Image.open(BytesIO(out.getvalue())) as sent:
        assert np.array_equal(decode_query(out.getvalue()), ImageOps.exif_transpose(sent))  # type: ignore[arg-type]


def test_gray_of_sixteen_bits_stays_gray() -> None:
    scan = Image.fromarray(np.array([[0, 0x4000, 0x8000, 0xFFFF]], np.uint16))
    assert np.asarray(decode_query(encoded(scan, "PNG")))[0, :, 0].tolist() == [0, 0x40, 0x80, 0xFF]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an image",
        encoded(Image.new("RGB", (3, 3)), "GIF"),
        encoded(Image.new("RGB", (3, 3)), "BMP"),
    ],
)
def test_anything_else_is_not_an_image(content: bytes) -> None:
    with pytest.raises(NotAnImage):
        decode_query(content)


def test_a_cut_off_image_is_said_to_be_damaged() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    with pytest.raises(NotAnImage, match="damaged"):
        decode_query(encoded(noise, "PNG")[:2_000])


@pytest.mark.parametrize("side", [7_100, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    assert side * side > MAX_QUERY_PIXELS
    with pytest.raises(ImageTooLarge):
        decode_query(claiming_png(side, side))
