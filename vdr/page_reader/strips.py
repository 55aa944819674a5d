"""Text segments of a page, cut out as one long tape of equal height for the recognizer.

A *segment* is a piece of a text line. Segments come as a float array (segments, 5) in pixels of the page
image: left x, right x, y of the centre line at the left and at the right end, height. The centre line may be
slanted, so that a scan turned by a degree is still read along its lines.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

STRIP_HEIGHT = 16
TEXT_HEIGHT = 14.5
FRAME_STRIDE = 2
_GAP = 8
_MIN_CONTRAST = 0.12

Segments = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Tape:
    """All segments of a page side by side.

    `pixels` has shape (STRIP_HEIGHT, width), ink near 1 on paper near 0 whatever the colours were.
    `starts` and `ends` (segments,) are the columns of each segment; both are multiples of FRAME_STRIDE.
    """

    pixels: torch.Tensor
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


def cut_tape(page: torch.Tensor, segments: Segments) -> Tape:
    """Samples every segment of a gray page (height, width; floats in 0..1) onto one tape."""
    widths = strip_widths(segments)
    starts = np.cumsum(widths + _GAP) - widths
    owner = np.repeat(np.arange(len(segments)), widths)
    column = np.arange(len(owner)) - np.repeat(np.cumsum(widths) - widths, widths)
    sampled = _sample_each(page, segments, owner, (column + 0.5) / widths[owner])
    tape = torch.zeros(STRIP_HEIGHT, int((widths + _GAP).sum()) + _GAP)
    tape[:, torch.from_numpy(starts[owner] + column)] = _ink(sampled, torch.from_numpy(owner), len(segments))
    return Tape(tape, starts, starts + widths)


def strip_widths(segments: Segments) -> npt.NDArray[np.int64]:
    """Columns each segment takes when its height becomes TEXT_HEIGHT, rounded up to whole frames."""
    scale = TEXT_HEIGHT / segments[:, 4]
    columns = np.ceil((segments[:, 1] - segments[:, 0]) * scale / FRAME_STRIDE).astype(np.int64)
    return np.maximum(columns, 2) * FRAME_STRIDE


def _sample_each(
    page: torch.Tensor, segments: Segments, owner: npt.NDArray[np.int64], along: npt.NDArray[np.float64]
) -> torch.Tensor:
    """Samples (STRIP_HEIGHT, columns), of large print from a smaller page, so that no thin stroke falls
    between two of them; `along` runs from 0 to 1 over each segment."""
    halvings = np.log2(np.maximum(segments[:, 4] / TEXT_HEIGHT, 1)).astype(np.int64)[owner]
    if not halvings.any():
        return _sample(page, segments, owner, along)
    sampled = torch.empty(STRIP_HEIGHT, len(owner))
    for halved in np.unique(halvings):
        size = 2 ** int(halved)
        of = np.flatnonzero(halvings == halved)
        smaller = F.avg_pool2d(page[None], size, ceil_mode=True)[0] if size > 1 else page
        sampled[:, torch.from_numpy(of)] = _sample(smaller, segments / np.float32(size), owner[of], along[of])
    return sampled


def _sample(
    page: torch.Tensor, segments: Segments, owner: npt.NDArray[np.int64], along: npt.NDArray[np.float64]
) -> torch.Tensor:
    """Bilinear samples (STRIP_HEIGHT, columns)."""
    s = segments[owner]
    height, width = page.shape
    x = s[:, 0] + (s[:, 1] - s[:, 0]) * along
    centre = s[:, 2] + (s[:, 3] - s[:, 2]) * along
    rows = (np.arange(STRIP_HEIGHT) + 0.5 - STRIP_HEIGHT / 2) / TEXT_HEIGHT
    # Of the size that sampling takes, from -1 to 1; in half the time of whole arrays in 64 bits.
    grid = np.empty((STRIP_HEIGHT, len(owner), 2), np.float32)
    grid[:, :, 0] = 2 * x / width - 1
    np.multiply.outer(rows.astype(np.float32), s[:, 4] * np.float32(2 / height), out=grid[:, :, 1])
    grid[:, :, 1] += (2 * centre / height - 1).astype(np.float32)
    sampled = F.grid_sample(
        page[None, None], torch.from_numpy(grid)[None], padding_mode="border", align_corners=False
    )
    return sampled[0, 0]


def _ink(strip: torch.Tensor, owner: torch.Tensor, count: int) -> torch.Tensor:
    """Turns gray into ink: per segment, the colour that covers more becomes 0 and the other 1."""
    low = torch.full((count,), 1.0).scatter_reduce(0, owner, strip.amin(0), "amin")
    high = torch.zeros(count).scatter_reduce(0, owner, strip.amax(0), "amax")
    mean = torch.zeros(count).scatter_reduce(0, owner, strip.mean(0), "mean", include_self=False)
    contrast = (high - low).clamp(min=_MIN_CONTRAST)[owner]
    dark_paper = (mean < (low + high) / 2)[owner]
    return torch.where(dark_paper, strip - low[owner], high[owner] - strip) / contrast
