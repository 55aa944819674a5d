"""What is done to vectors, whatever model they are of."""

import math
from collections.abc import Sequence

import numpy as np

from vdr.types import FloatArray

# How many pairs of vectors a search compares, roughly: 50 reranked pages of 200 regions, or so many pages.
_COMPARISONS = 10_000


def truncate(embeddings: FloatArray, dims: int) -> FloatArray:
    """The first `dims` Matryoshka dimensions of (n, width) embeddings, re-normalized; zero rows stay zero.

    Kusupati et al., Matryoshka Representation Learning, NeurIPS 2022.
    """
    cut = embeddings[:, :dims].astype(np.float32)
    lengths = np.linalg.norm(cut, axis=1, keepdims=True)
    normalized: FloatArray = np.divide(cut, lengths, out=np.zeros_like(cut), where=lengths > 0)
    return normalized


def best_of_each(scores: Sequence[float] | FloatArray, counts: Sequence[int]) -> FloatArray:
    """The best score (..., pages) of each page's windows, by which the page is ranked.

    `scores` (..., windows) are those of all windows, page after page, and `counts` tells how many each page
    has. A page without any scores -inf, and so ranks last.
    """
    rows, sizes = np.asarray(scores, np.float32), np.asarray(counts, np.int64)
    if rows.shape[-1] != sizes.sum():
        raise ValueError(f"There are {rows.shape[-1]} scores of {sizes.sum()} windows.")
    best = np.full((*rows.shape[:-1], len(sizes)), -np.inf, np.float32)
    if rows.shape[-1]:
        # Of an empty stretch, reduceat would take the first score of the next one.
        starts = np.cumsum(sizes) - sizes
        best[..., sizes > 0] = np.maximum.reduceat(rows, starts[sizes > 0], axis=-1)
    return best


def chance(dims: int) -> float:
    """The cosine that the best of 10,000 random directions in so many dimensions reaches: what vectors do
    that have nothing to do with each other.

    At most a share of (1 - t^2)^(dims / 2) of all directions is within a cosine of t of a given one (Ball, An
    Elementary Introduction to Modern Convex Geometry, 1997, lemma 2.2), which makes one of them.
    """
    return math.sqrt(1.0 - _COMPARISONS ** (-2.0 / dims))
