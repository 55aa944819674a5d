"""Page images are kept small, and are recognised when they come again."""

from io import BytesIO

import numpy as np
from PIL import Image

from tests.training.pairs.parts import picture
from training.pairs.images import look_alike, look_of, to_webp


def test_images_are_webp_of_at_most_the_long_side():
    image = Image.open(BytesIO(to_webp(picture("a page", (600, 800)), 400)))
    assert image.format == "WEBP" and image.size == (300, 400)
    assert Image.open(BytesIO(to_webp(picture("a page", (60, 80)), 400))).size == (60, 80)


def test_transparent_and_gray_images_can_be_kept():
    for mode in ("RGBA", "L", "P", "1"):
        assert Image.open(BytesIO(to_webp(Image.new(mode, (40, 50)), 400))).mode == "RGB"


def test_nearly_white_pages_are_told_apart_and_white_ones_are_one():
    looks = [look_of(picture(name)) for name in ("Ann", "Bob", "Cid", "")]
    assert not any(look_alike(one, other) for n, one in enumerate(looks) for other in looks[:n])
    assert look_alike(looks[3], look_of(Image.new("RGB", (60, 80), "white")))


def test_the_same_page_encoded_anew_looks_alike_and_another_does_not():
    page = picture("quarterly report of steel")
    noise = np.random.default_rng(0).integers(-3, 4, (400, 300, 3))
    again = Image.fromarray(np.clip(np.asarray(page).astype(int) + noise, 0, 255).astype(np.uint8))
    assert look_alike(look_of(page), look_of(again))
    assert look_alike(look_of(page), look_of(page.resize((600, 800))))
    assert look_alike(look_of(page), look_of(Image.open(BytesIO(to_webp(page, 400)))))
    assert not look_alike(look_of(again), look_of(picture("an entirely different cover sheet")))


def test_what_is_transparent_is_white_and_sixteen_bits_are_gray():
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert Image.open(BytesIO(to_webp(clear, 64))).getpixel((5, 5)) == (255, 255, 255)
    gray = Image.fromarray(np.full((20, 20), 0x8000, np.uint16))
    assert np.asarray(Image.open(BytesIO(to_webp(gray, 64))))[5, 5, 0] in range(120, 136)
