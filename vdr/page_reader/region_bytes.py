"""The page reader's late-interaction vectors as bytes, one a number, which every Qdrant compares by itself.

An engine keeps bytes of 0..255 and rounds questions to such bytes too, so signed numbers are moved up by 128.
For a code p of a page and a vector q of a question, both of `width` whole numbers of -127..127,

    sum (q + 128) (p + 128) = sum q p + 128 sum q + 128 sum p + 128^2 width

and of those only `sum q p` is to decide which code is best. The last three are the same for all codes where
`sum p` is 0: so codes lose their mean, which costs nothing where they have none (WordSuperposition's have
not), and rounding leaves their sum at 0 exactly.
"""

import numpy as np
import numpy.typing as npt

from vdr.types import FloatArray, QueryTokens

Bytes = npt.NDArray[np.uint8]

_MIDDLE = 128
_LARGEST = 127
# A code of length 1 has numbers of 1 / sqrt(width) on average; none of 62,000 words' codes had one that was
# four times as large. What is larger is shortened as a whole, so that it still points the same way.
_PEAK = 4.0
# How much larger than a byte's a number may be that is cut to it, so that codes of bytes stay as they were.
_INEXACT = 1e-3


def encode_regions(regions: FloatArray) -> Bytes:
    """The bytes (regions, width) of codes of length 1 at most; every row's sum is 128 width."""
    scaled = _centred(regions) * _step(regions.shape[1])
    largest = np.abs(scaled).max(axis=1, keepdims=True, initial=0.0)
    scaled *= np.where(largest > _LARGEST + _INEXACT, (_LARGEST - 1) / np.maximum(largest, 1), 1.0)
    return (_rounded_to_sum_0(scaled) + _MIDDLE).astype(np.uint8)


def encode_tokens(tokens: FloatArray) -> QueryTokens:
    """The question's vectors (tokens, width); the largest number of all becomes 127, so weights stay."""
    centred = _centred(tokens)
    largest = float(np.abs(centred).max(initial=0.0))
    step = _LARGEST / largest if largest > 0 else 1.0
    whole = np.rint(centred * step)
    count, width = tokens.shape
    offset = _MIDDLE * float(whole.sum()) + count * width * _MIDDLE**2
    return QueryTokens((whole + _MIDDLE).astype(np.uint8), step * _step(width), offset)


def _step(width: int) -> float:
    """How many bytes' steps there are to 1."""
    return float((_LARGEST - 1) * np.sqrt(width) / _PEAK)


def _centred(rows: FloatArray) -> npt.NDArray[np.float64]:
    wide = rows.astype(np.float64)
    centred: npt.NDArray[np.float64] = wide - wide.mean(axis=1, keepdims=True)
    return centred


def _rounded_to_sum_0(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows whose sum is 0 as whole numbers whose sum is 0: the ones rounded farthest go the other way."""
    whole: npt.NDArray[np.float64] = np.rint(rows)
    excess = whole.sum(axis=1, keepdims=True)
    missed = rows - whole  # what rounding took from each, added to others
    order = np.argsort(np.argsort(missed * -np.sign(excess), axis=1, kind="stable"), axis=1)
    turned = order >= rows.shape[1] - np.abs(excess)
    whole -= np.sign(excess) * turned
    return whole
