"""TIFFs of instruments, in numbers that Pillow cannot read: half and double precision, colours in either."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from tifffile import PHOTOMETRIC, TiffFile, TiffFileError, TiffPage

from indexer.pdf.frames import Picture, TooLarge
from indexer.pdf.photographs import is_on_its_side, on_white, stretched, turned
from indexer.pdf.resolution import credible

_ORIENTATION = 274
_CM, _CM_AN_INCH = 3, 2.54
_GRAY = ("L", 1)
_COLOURS: dict[int, tuple[str, int]] = {PHOTOMETRIC.RGB: ("RGB", 3), PHOTOMETRIC.SEPARATED: ("CMYK", 4)}


def measured_pictures(source: str, most_pixels: int) -> Iterator[Picture]:
    """The pages of a TIFF, each read when it is asked for; none of another file. Raises TooLarge."""
    try:
        with TiffFile(source) as tiff:
            for page in tiff.pages:
                if isinstance(page, TiffPage) and not page.is_reduced and not page.is_mask:
                    yield _picture(page, most_pixels)
    except TiffFileError:
        return


def _picture(page: TiffPage, most_pixels: int) -> Picture:
    if page.imagewidth * page.imagelength > most_pixels:
        raise TooLarge
    tag = page.tags.get(_ORIENTATION)
    orientation = int(tag.value) if tag is not None else 1
    x, y = page.resolution
    scale = _CM_AN_INCH if page.resolutionunit == _CM else 1.0
    across, down = credible((x * scale, y * scale)) if x > 0 and y > 0 else credible(None)
    image = turned(on_white(_image(page)), orientation)
    return Picture(image, (down, across) if is_on_its_side(orientation) else (across, down))


def _image(page: TiffPage) -> Image.Image:
    samples = _samples(page)  # (height, width, samples)
    mode, count = _COLOURS.get(page.photometric, _GRAY)
    pixels = stretched(samples[..., :count])
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        pixels = 255 - pixels
    return Image.frombuffer(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes(), "raw", mode, 0, 1)


def _samples(page: TiffPage) -> npt.NDArray[Any]:
    """Numbers (height, width, samples) of the page; of a volume those of its first slice."""
    pixels = page.asarray()
    axes = page.axes
    for axis in [a for a in axes if a not in "YXS"]:
        pixels, axes = pixels.take(0, axes.index(axis)), axes.replace(axis, "")
    if "S" not in axes:
        pixels, axes = pixels[..., None], axes + "S"
    return np.ascontiguousarray(pixels.transpose([axes.index(axis) for axis in "YXS"]))
