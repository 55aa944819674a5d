"""Heat maps: the regions of an explanation as a picture to lay over the page."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from vdr.types import FloatArray, Region

# Of the page's longer side: how far a region glows beyond its box. A line of print is about as high, so that
# words beside each other make one spot, and columns stay apart.
_GLOW = 0.008
_FAINTEST = 1 / 512  # less than one of 255 grades
_MOST_OPAQUE = 0.55  # print can be read through it
# Plasma of Matplotlib (Smith and van der Walt, 2015), from cold to hot: evenly lighter to every kind of eye.
_COLOURS = np.array(
    [
        (13, 8, 135),
        (84, 2, 163),
        (139, 10, 165),
        (185, 50, 137),
        (219, 92, 104),
        (244, 136, 73),
        (254, 188, 43),
    ]
)

Pixels = npt.NDArray[np.uint8]


def heatmap(regions: Sequence[Region], size: tuple[int, int]) -> Image.Image:
    """An RGBA image of this width and height, transparent where no region answers."""
    heat = heat_of(regions, size)
    steps = np.linspace(0.0, 1.0, len(_COLOURS))
    channels = [np.interp(heat, steps, _COLOURS[:, channel]) for channel in range(3)]
    pixels: Pixels = np.stack([*channels, 255 * _MOST_OPAQUE * heat], axis=2).round().astype(np.uint8)
    return Image.fromarray(pixels, "RGBA")


def heat_of(regions: Sequence[Region], size: tuple[int, int]) -> FloatArray:
    """How hot each pixel is, (height, width), 0 to 1: within a region its weight, and less around it.

    Regions w over each other add up as chances do, 1 - (1 - w1)(1 - w2): to more than each and 1 at most.
    """
    width, height = size
    glow = _GLOW * max(size)
    cold = np.ones((height, width), np.float32)
    for region in regions:
        box = region.box
        across = _profile(box.x0 * width, box.x1 * width, width, glow)
        down = _profile(box.y0 * height, box.y1 * height, height, glow)
        rows, columns = np.flatnonzero(down), np.flatnonzero(across)
        if len(rows) and len(columns):  # of a page, only what is near
            near = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            cold[near] *= 1 - region.weight * np.outer(down, across)[near]
    heat: FloatArray = 1 - cold
    return heat


def _profile(start: float, end: float, count: int, glow: float) -> FloatArray:
    """What each of `count` pixels in a row is worth: 1 from start to end, around them as in a bell curve."""
    middles = np.arange(count, dtype=np.float32) + 0.5
    away = np.maximum(np.maximum(start - middles, middles - end), 0.0)
    worth = np.exp(-0.5 * np.square(away / glow))
    profile: FloatArray = np.where(worth < _FAINTEST, 0.0, worth).astype(np.float32)
    return profile
