"""Images at the edge of the service: page images made smaller, and images that people search with."""

import struct
import warnings
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from vdr.errors import ImageTooLarge, NotAnImage

MAX_QUERY_BYTES = 20 * 2**20
MAX_QUERY_PIXELS = 50_000_000  # a scan of A4 at 600 dpi has 35 million
_FORMATS = ("PNG", "JPEG", "WEBP")
_SIXTEEN_BITS = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WEBP_QUALITY = 82  # print stays crisp; a page at 640 px has about 40 kB


def narrowed(webp: bytes, width: int) -> bytes:
    """The image at most `width` pixels wide, as WebP; one that is not wider is returned as it is."""
    with Image.open(BytesIO(webp)) as image:
        if image.width <= width:
            return webp
        height = max(1, round(image.height * width / image.width))
        small = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = BytesIO()
    small.save(out, "WEBP", quality=_WEBP_QUALITY, method=2)
    return out.getvalue()


def decode_query(content: bytes) -> Image.Image:
    """The image as RGB, upright, transparency on white. Raises NotAnImage or ImageTooLarge."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of decompression bombs; our own limit below is stricter and has our own error.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(content), formats=_FORMATS)
            _check_pixels(image)
            return _upright(_on_white(image), image)
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"The image has more than {MAX_QUERY_PIXELS:,} pixels.") from error
    except UnidentifiedImageError as error:
        raise NotAnImage("The file is not a PNG, JPEG or WebP image, going by its content.") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise NotAnImage("The image is damaged: it cannot be decoded.") from error


def _check_pixels(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MAX_QUERY_PIXELS:
        raise ImageTooLarge(f"The image has {pixels:,} pixels; the limit is {MAX_QUERY_PIXELS:,}.")


def _upright(shown: Image.Image, sent: Image.Image) -> Image.Image:
    """The image turned as its camera says; what else that says may be as wrong as it likes."""
    try:
        turn = _TURNS.get(sent.getexif().get(ExifTags.Base.Orientation, 1))
    except (OSError, ValueError, SyntaxError, TypeError, struct.error):
        return shown
    return shown if turn is None else shown.transpose(turn)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BITS:
        return _eight_bits(image).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """The upper byte of gray in sixteen bits; Pillow cuts off at 255, and nearly all is white."""
    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
