"""What cameras, scanners and instruments do to images: rotate them, save them in sixteen bits, in inks."""

import struct
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, ImageChops

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SIXTEEN_BITS = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_WIDE = frozenset({"I", "F"})
_GRAY = frozenset({"1", "L"})
_BITS_OF_SCANNERS = 12  # which they keep in sixteen
_WHITE = 255
_PHOTOMETRIC, _BITS, _SAMPLE_FORMAT = 262, 258, 339  # tags of TIFF
_WHITE_IS_ZERO, _UNSIGNED = 0, (1,)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TO_ITS_SIDE = frozenset({5, 6, 7, 8})


def upright(image: Image.Image) -> Image.Image:
    """The image turned as its camera says; what else that says may be as wrong as it likes.

    Pillow's own `exif_transpose` rewrites all of the EXIF, which fails if one tag has the wrong type.
    """
    image.load()  # a TIFF is turned by that alone, and says so afterwards
    return turned(image, orientation_of(image))


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The image as it is to be seen, by EXIF's number of how it is stored."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def is_on_its_side(orientation: int) -> bool:
    """Whether `turned` swaps width and height."""
    return orientation in _TO_ITS_SIDE


def orientation_of(image: Image.Image) -> int:
    """EXIF's number of how an image is stored: 1 for one that is upright, or says nothing."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, ValueError, SyntaxError, TypeError, struct.error):
        return 1
    return orientation if isinstance(orientation, int) else 1


def on_white(image: Image.Image) -> Image.Image:
    """The image in gray or RGB of eight bits, what is transparent in white."""
    page = eight_bits(image)
    if page.mode == "LAB":
        return _of_lab(page)
    if page.has_transparency_data:
        layer = page.convert("RGBA")
        page = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return page.convert("L" if page.mode in _GRAY else "RGB")


def eight_bits(image: Image.Image) -> Image.Image:
    """Gray of more bits in eight, which Pillow would cut off at 255: nearly all would be white."""
    if image.mode in _SIXTEEN_BITS:
        gray = _of_sixteen_bits(image)
    elif image.mode in _WIDE:
        gray = Image.fromarray(stretched(_numbers(image)))
    else:
        return image
    tags = getattr(image, "tag_v2", {})  # where white is 0, Pillow inverts images of up to eight bits alone
    return ImageChops.invert(gray) if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else gray


def _of_sixteen_bits(image: Image.Image) -> Image.Image:
    wide = image.convert("I")
    bits = int(wide.getextrema()[1]).bit_length()  # type: ignore[arg-type]  # one band has numbers, no pairs
    scale = 1 / 256 if bits > _BITS_OF_SCANNERS else _WHITE / max(2**bits - 1, _WHITE)
    gray = wide.point(lambda value: value * scale).convert("L")
    shade = gray.info.pop("transparency", None)  # of sixteen bits, which no image of eight can have
    return gray if shade is None else _without(gray, _numbers(image) == shade)


def _without(gray: Image.Image, is_transparent: "npt.NDArray[np.bool_]") -> Image.Image:
    import numpy as np  # noqa: PLC0415 - see `stretched`

    return Image.fromarray(np.where(is_transparent, np.uint8(_WHITE), np.asarray(gray)))


def stretched(values: "npt.NDArray[np.generic]") -> "npt.NDArray[np.uint8]":
    """Numbers of any range in eight bits, the least as black and the largest as white.

    Instruments give 0 to 1 or whatever they measure; what is no number is black, an even area white.
    """
    import numpy as np  # noqa: PLC0415 - few images need it, and it takes as long as converting one

    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers)
    if not finite.any():
        return np.full(values.shape, _WHITE, np.uint8)
    low, high = numbers[finite].min(), numbers[finite].max()
    if low == high:
        return np.full(values.shape, _WHITE, np.uint8)
    with np.errstate(over="ignore", invalid="ignore"):
        shares = np.clip((numbers / 2 - low / 2) / (high / 2 - low / 2), 0, 1)  # halves: it may be all floats
    whole: npt.NDArray[np.uint8] = np.rint(_WHITE * np.where(finite, shares, 0)).astype(np.uint8)
    return whole


def _numbers(image: Image.Image) -> "npt.NDArray[np.generic]":
    """The pixels' numbers; 32 bits without a sign have one in Pillow."""
    import numpy as np  # noqa: PLC0415 - see `stretched`

    pixels = np.asarray(image)
    tags = getattr(image, "tag_v2", {})
    is_unsigned = tags.get(_BITS) == (32,) and tags.get(_SAMPLE_FORMAT, _UNSIGNED) == _UNSIGNED
    return pixels.view(np.uint32) if is_unsigned and pixels.dtype == np.int32 else pixels


def _of_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms  # noqa: PLC0415 - hardly any image needs it

    to_rgb = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    turned = ImageCms.applyTransform(image, to_rgb)
    assert turned is not None
    return turned
