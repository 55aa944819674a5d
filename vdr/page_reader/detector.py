"""The detector: a small U-shaped net that tells where lines of text run, and how high they are."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import nn
from torch.nn import functional as F

from vdr.page_reader.strips import Segments

CELL = 4
LEVEL, UPRIGHT = slice(0, 3), slice(3, 6)
MAPS = 6
Floats = npt.NDArray[np.floating[Any]]
_THRESHOLD = 0.5
_MIN_HEIGHT = 4.0
_SIDE_MARGIN = 0.2
_MIN_ASPECT_FOR_SLOPE = 3.0
_SAME_LINE = 0.3


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Detector(nn.Module):
    """Maps gray pages (batch, height, width) to maps (batch, MAPS, height / CELL, width / CELL).

    Three maps of level lines: a logit for "the middle of a text line runs here", the distance down to the
    line's centre in cells, and the logarithm of the line's height in cells. Three more of lines that read
    from the bottom to the top: the same, with the distance as it is on the page turned clockwise. Sides must
    be multiples of 32.
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 32, 48, 64, 64)) -> None:
        super().__init__()
        w2, w4, w8, w16, w32 = widths
        self.down2 = _conv(1, w2, 2)
        self.down4 = nn.Sequential(_conv(w2, w4, 2), _conv(w4, w4))
        self.down8 = nn.Sequential(_conv(w4, w8, 2), _conv(w8, w8))
        self.down16 = nn.Sequential(_conv(w8, w16, 2), _conv(w16, w16))
        self.down32 = nn.Sequential(_conv(w16, w32, 2), _conv(w32, w32))
        self.up16 = nn.Sequential(nn.Conv2d(w16 + w32, w16, 1, bias=False), nn.BatchNorm2d(w16), nn.ReLU())
        self.up8 = nn.Sequential(nn.Conv2d(w8 + w16, w8, 1, bias=False), _conv(w8, w8))
        self.up4 = nn.Sequential(nn.Conv2d(w4 + w8, w4, 1, bias=False), _conv(w4, w4))
        self.head = nn.Sequential(_conv(w4, w4), nn.Conv2d(w4, MAPS, 1))

    def forward(self, pages: torch.Tensor) -> torch.Tensor:
        """See the class."""
        x4 = self.down4(self.down2(pages[:, None]))
        x8 = self.down8(x4)
        x16 = self.down16(x8)
        x16 = self.up16(torch.cat([x16, _twice(self.down32(x16))], 1))
        x8 = self.up8(torch.cat([x8, _twice(x16)], 1))
        x4 = self.up4(torch.cat([x4, _twice(x8)], 1))
        maps: torch.Tensor = self.head(x4)
        return maps


def _twice(x: torch.Tensor) -> torch.Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def segments_of(maps: npt.NDArray[np.float32]) -> Segments:
    """The text segments of one page's maps (3, rows, columns), in pixels of the detector's input."""
    rows, columns = np.nonzero(maps[0] > np.log(_THRESHOLD / (1 - _THRESHOLD)))
    if len(rows) == 0:
        return np.empty((0, 5), np.float32)
    centre = rows + 0.5 + maps[1, rows, columns]
    count, owner = _connected(rows, columns, centre, maps[2, rows, columns], maps.shape[1:])
    x = (columns + 0.5) * CELL
    y: Floats = centre * CELL
    cells = np.bincount(owner, minlength=count)
    height: Floats = np.exp(np.bincount(owner, maps[2, rows, columns], count) / cells) * CELL
    left = ndimage.minimum(x, owner, np.arange(count)) - CELL / 2 - _SIDE_MARGIN * height
    right = ndimage.maximum(x, owner, np.arange(count)) + CELL / 2 + _SIDE_MARGIN * height
    y_left, y_right = _centre_lines(x, y, owner, left, right, height)
    segments = np.stack([left, right, y_left, y_right, height], axis=1).astype(np.float32)
    return segments[height >= _MIN_HEIGHT]


def _connected(
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    centre: Floats,
    log_height: Floats,
    shape: tuple[int, ...],
) -> tuple[int, npt.NDArray[np.int64]]:
    """How many text lines the cells belong to, and each cell's; centres and heights are in cells.

    Neighbours belong together where they tell of the same centre line: with lines set close, or turned in a
    scan, the cells of one touch those of the next.
    """
    number = np.full((shape[0] + 2, shape[1] + 2), -1, np.int64)
    cell = np.arange(len(rows))
    number[rows + 1, columns + 1] = cell
    reach = _SAME_LINE * np.exp(log_height)
    ends = []
    for down, right in ((1, 0), (-1, 1), (0, 1), (1, 1)):
        other = number[rows + 1 + down, columns + 1 + right]
        joined = (other >= 0) & (np.abs(centre - centre[other]) <= np.minimum(reach, reach[other]))
        ends.append(np.stack([cell[joined], other[joined]]))
    first, second = np.concatenate(ends, axis=1)
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(len(rows), len(rows)))
    count, owner = connected_components(graph, directed=False)
    return int(count), owner


def _centre_lines(
    x: Floats,
    y: Floats,
    owner: npt.NDArray[np.int64],
    left: Floats,
    right: Floats,
    height: Floats,
) -> tuple[Floats, Floats]:
    """Least-squares lines through each segment's cells; short segments are taken as level."""
    count = len(left)
    cells = np.bincount(owner, minlength=count)
    mean_x, mean_y = np.bincount(owner, x, count) / cells, np.bincount(owner, y, count) / cells
    dx, dy = x - mean_x[owner], y - mean_y[owner]
    spread = np.bincount(owner, dx * dx, count)
    slope = np.bincount(owner, dx * dy, count) / np.maximum(spread, 1e-6)
    slope = np.where(right - left > _MIN_ASPECT_FOR_SLOPE * height, slope, 0.0)
    return mean_y + slope * (left - mean_x), mean_y + slope * (right - mean_x)
