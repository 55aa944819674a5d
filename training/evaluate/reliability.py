"""Whether a confidence means what it says: of what is told with confidence p, a share p should be right."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_BINS = 15  # as in the paper
Floats = npt.NDArray[np.float64]


class Judged(NamedTuple):
    """What was told: its confidence (n,), and whether it is right (n,), 1 or 0."""

    confidence: Floats
    right: Floats


class Bin(NamedTuple):
    """What has a confidence between two numbers: how much, its mean confidence, the share that is right."""

    size: int
    confidence: float
    right: float


def calibration_error(judged: Judged) -> float:
    """The expected calibration error: sum over bins of share of all x |share right - mean confidence|.

    15 bins of equal width (Guo et al., On Calibration of Modern Neural Networks, ICML 2017).
    Raises ValueError where there is nothing to judge.
    """
    if not len(judged.right):
        raise ValueError("There is nothing to judge.")
    return sum(b.size * abs(b.right - b.confidence) for b in reliability(judged)) / len(judged.right)


def reliability(judged: Judged, bins: int = _BINS) -> list[Bin]:
    """The bins that hold anything, from the least sure to the surest."""
    places = np.minimum((np.clip(judged.confidence, 0, 1) * bins).astype(int), bins - 1)
    return [
        Bin(int(here.sum()), float(judged.confidence[here].mean()), float(judged.right[here].mean()))
        for here in (places == number for number in range(bins))
        if here.any()
    ]
