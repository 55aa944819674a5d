"""Principal axes of vectors, for rotations after which the first dimensions tell most."""

import numpy as np
import numpy.typing as npt

from vdr.types import FloatArray


def principal_axes(*kinds: FloatArray) -> npt.NDArray[np.float64]:
    """Those (dims, dims) of vectors of each kind (texts, dims), every kind counting alike, largest first."""
    summed = sum(np.cov(vectors.T.astype(np.float64)) for vectors in kinds)
    _, axes = np.linalg.eigh(summed)  # those of the smallest variance first
    return np.ascontiguousarray(axes[:, ::-1].T)
