"""Page images as a data set of pairs keeps them, and how duplicates are recognized."""

from io import BytesIO

import numpy as np
from PIL import Image

from indexer.pdf.photographs import on_white

_WEBP_QUALITY = 75
_HASH_SIDE = 16
# Of the bits that either image has. 87 pages of filings: the same page at half its size or encoded anew
# differs in at most 0.29 of them, two different pages in at least 0.50. A page with hardly anything on it
# has too few bits for that, and is the same only if it is so in all of them.
_MAX_SHARE, _FEW_BITS = 0.3, 12
_MIN_STEP = 2  # gray levels; less is the noise of an encoder


def to_webp(image: Image.Image, long_side: int) -> bytes:
    """The image as lossy WebP, made smaller where its long side is over `long_side` pixels."""
    image = on_white(image).convert("RGB")
    image.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    return encode(image, "WEBP", quality=_WEBP_QUALITY, method=0)


def encode(image: Image.Image, kind: str, **options: int) -> bytes:
    """The bytes of an image file."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def look_of(image: Image.Image) -> int:
    """What an image looks like in 256 bits: where its gray grows brighter from left to right."""
    small = image.convert("L").resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.BOX)
    gray = np.asarray(small, dtype=np.int16)  # (16, 17)
    return int.from_bytes(np.packbits(gray[:, 1:] > gray[:, :-1] + _MIN_STEP).tobytes(), "big")


def look_alike(one: int, other: int) -> bool:
    """Whether two looks are of the same page."""
    bits = (one | other).bit_count()
    return one == other if bits < _FEW_BITS else (one ^ other).bit_count() <= _MAX_SHARE * bits
