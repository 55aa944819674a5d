"""What is done to vectors, whatever model they are of."""

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
