"""The cosine that a page has with a text by chance: what rows of made-up words reach with some window."""

from collections.abc import Callable, Sequence
from random import Random
from string import ascii_lowercase

import numpy as np

from vdr.types import FloatArray

_ROWS, _SELDOM = 300, 95


def noise_of(windows: FloatArray, embed: Callable[[Sequence[str]], FloatArray]) -> float:
    """The cosine that 95 in 100 rows of made-up words do not reach with any window (windows, dims).

    `embed` gives vectors (texts, dims) of queries; all are of length 1.
    """
    return float(np.percentile(nearest(windows, embed(_nonsense())), _SELDOM))


def nearest(windows: FloatArray, queries: FloatArray) -> FloatArray:
    """The highest cosine (queries,) with any window."""
    found: FloatArray = (queries @ windows.T).max(axis=1)
    return found


def _nonsense() -> list[str]:
    """Rows of one to four words of random letters."""
    chance = Random(0)
    return [
        " ".join(
            "".join(chance.choices(ascii_lowercase, k=chance.randint(3, 9)))
            for _ in range(chance.randint(1, 4))
        )
        for _ in range(_ROWS)
    ]
