"""Where a page shows something at all: the rest is no answer that anybody could be pointed to."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from vdr.types import Box

# Of 255: how far lossy compression moves the colour of blank paper, and no print is as faint.
_FAINT = 24
_SAMPLE = (64, 64)  # pixels that tell the paper's colour

Colour = tuple[int, int, int]


def paper_of(image: Image.Image) -> Colour:
    """The colour of most of a page."""
    sample = np.asarray(image.convert("RGB").resize(_SAMPLE, Image.Resampling.NEAREST))
    red, green, blue = np.median(sample.reshape(-1, 3), axis=0).astype(int).tolist()
    return red, green, blue


def shows_something(image: Image.Image, boxes: Sequence[Box]) -> npt.NDArray[np.bool_]:
    """Whether there is more than paper within each of the boxes, (boxes,)."""
    pixels = np.asarray(image.convert("RGB")).astype(np.int16)
    is_print = (np.abs(pixels - np.array(paper_of(image))) > _FAINT).any(axis=2)  # (height, width)
    parts = (pixel_bounds(box, image.size) for box in boxes)
    return np.array([is_print[top:bottom, left:right].any() for left, top, right, bottom in parts], bool)


def pixel_bounds(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a box in pixels of an image of this size."""
    width, height = size
    return round(box.x0 * width), round(box.y0 * height), round(box.x1 * width), round(box.y1 * height)


def grid_of(columns: int, rows: int, *, across: float = 1.0, down: float = 1.0) -> list[Box]:
    """The boxes of a grid, row by row, that is as wide and as high as `across` and `down` pages."""
    return [
        Box(
            across * column / columns,
            down * row / rows,
            across * (column + 1) / columns,
            down * (row + 1) / rows,
        )
        for row in range(rows)
        for column in range(columns)
    ]
