"""Images at the edge of the service: page images made smaller, and images that people search with."""

import warnings
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from indexer.pdf.photographs import eight_bits, upright
from vdr.errors import ImageTooLarge, NotAnImage

MAX_QUERY_BYTES = 20 * 2**20
MAX_QUERY_PIXELS = 50_000_000  # a scan of A4 at 600 dpi has 35 million
_FORMATS = ("PNG", "JPEG", "WEBP")
WEBP = "image/webp"
_ENCODINGS = {WEBP: "WEBP", "image/jpeg": "JPEG", "image/png": "PNG"}  # the first of equals is sent
IMAGE_TYPES = tuple(_ENCODINGS)
TRANSPARENT_TYPES = (WEBP, "image/png")
_JPEG_QUALITY = 90
_WEBP_QUALITY = 82  # print stays crisp; a page at 640 px has about 40 kB


def narrowed(webp: bytes, width: int) -> bytes:
    """The image at most `width` pixels wide, as WebP; one that is not wider is returned as it is."""
    with Image.open(BytesIO(webp)) as image:
        if image.width <= width:
            return webp
        small = image.resize(size_at(webp, width), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = BytesIO()
    small.save(out, "WEBP", quality=_WEBP_QUALITY, method=2)
    return out.getvalue()


def size_at(webp: bytes, width: int | None) -> tuple[int, int]:
    """The size of an image in pixels, or of one in proportion to it that is at most `width` pixels wide."""
    with Image.open(BytesIO(webp)) as image:
        if width is None or image.width <= width:
            return image.size
        return width, max(1, round(image.height * width / image.width))


def accepted_type(accept: str, kinds: Sequence[str] = IMAGE_TYPES) -> str:
    """The media type of `kinds` that a client prefers by its Accept header, the first where it has no say.

    >>> accepted_type("image/png, image/jpeg;q=0.8"), accepted_type("image/avif,image/webp,*/*;q=0.8")
    ('image/png', 'image/webp')
    """
    wanted = dict(map(_quality, accept.lower().split(",")))
    return max(kinds, key=lambda kind: wanted.get(kind, wanted.get("image/*", wanted.get("*/*", 0.0))))


def encoded(webp: bytes, media_type: str) -> bytes:
    """A page image in a media type of `accepted_type`."""
    if media_type == WEBP:
        return webp
    out = BytesIO()
    with Image.open(BytesIO(webp)) as image:
        image.convert("RGB").save(out, _ENCODINGS[media_type], quality=_JPEG_QUALITY)
    return out.getvalue()


def encoded_transparent(image: Image.Image, media_type: str) -> bytes:
    """An RGBA image in a media type of TRANSPARENT_TYPES."""
    out = BytesIO()
    image.save(out, _ENCODINGS[media_type], quality=_WEBP_QUALITY)
    return out.getvalue()


def decode_query(content: bytes) -> Image.Image:
    """The image as RGB, upright, transparency on white. Raises NotAnImage or ImageTooLarge."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of decompression bombs; our own limit below is stricter and has our own error.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(content), formats=_FORMATS)
            _check_pixels(image)
            return _on_white(eight_bits(upright(image)))
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"The image has more than {MAX_QUERY_PIXELS:,} pixels.") from error
    except UnidentifiedImageError as error:
        raise NotAnImage("The file is not a PNG, JPEG or WebP image.") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise NotAnImage("The image is damaged and cannot be decoded.") from error


def _quality(entry: str) -> tuple[str, float]:
    """A media range and how much it is wanted: 1 unless it says otherwise."""
    kind, *parameters = (part.strip() for part in entry.split(";"))
    told = [part.removeprefix("q=") for part in parameters if part.startswith("q=")]
    try:
        return kind, float(told[0]) if told else 1.0
    except ValueError:
        return kind, 0.0


def _check_pixels(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MAX_QUERY_PIXELS:
        raise ImageTooLarge(f"The image has {pixels:,} pixels; the limit is {MAX_QUERY_PIXELS:,}.")


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
