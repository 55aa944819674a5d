"""What is done to vectors, whatever model they are of."""

from collections.abc import Sequence

import numpy as np

from vdr.types import FloatArray


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
