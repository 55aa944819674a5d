"""Weights in eight bits: each row of a matrix as integers and one factor, a quarter of the size.

Symmetric, row by row, as in Jacob et al., Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference, CVPR 2018.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from vdr.types import FloatArray

Kept = npt.NDArray[Any]
FILE = "eight-bits.safetensors"
ROTATION = "2_Dense"  # the folder of a checkpoint's rotation, which is kept in float32
_FACTORS = ".factors"
_LARGEST = 127


def write_weights(folder: Path, weights: Mapping[str, FloatArray]) -> None:
    """Writes named weights: matrices in eight bits, vectors as they are."""
    kept: dict[str, Kept] = {}
    for name, weight in weights.items():
        if weight.ndim == 2:
            kept[name], kept[factors_of(name)] = _rounded(weight)
        else:
            kept[name] = weight.astype(np.float32)
    save_file(kept, folder / FILE)


def read_kept(folder: Path) -> dict[str, Kept]:
    """The same as they are kept, each matrix with its factors under `factors_of` its name.

    Raises OSError and SafetensorError.
    """
    return dict(load_file(folder / FILE))


def read_weights(folder: Path) -> dict[str, FloatArray]:
    """The same in float32. Raises as `read_kept`, and LookupError where factors are missing."""
    kept = read_kept(folder)
    return {
        name: weight * kept[factors_of(name)][:, None] if weight.ndim == 2 else weight
        for name, weight in kept.items()
        if not name.endswith(_FACTORS)
    }


def factors_of(name: str) -> str:
    """The name of a matrix's factors."""
    return name + _FACTORS


def _rounded(weight: FloatArray) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """Integers (rows, columns) and the factors (rows,) that give the weights back, nearly."""
    factors = np.abs(weight).max(axis=1).astype(np.float32) / np.float32(_LARGEST)
    factors[factors == 0] = 1
    return np.rint(weight / factors[:, None]).astype(np.int8), factors
