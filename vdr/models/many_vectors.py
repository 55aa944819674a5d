"""Many vectors a page, found by their mean and compared by MaxSim."""

import numpy as np

from vdr.types import FloatArray, PageVectors, QueryVectors
from vdr.vectors import truncate


def many_page(rows: FloatArray) -> PageVectors:
    """A page by the rows (vectors, dims) of its words or patches, one at least."""
    return PageVectors(rows, coarse=mean_of(rows))


def many_query(rows: FloatArray, dense_weight: float, noise: float | None = None) -> QueryVectors:
    """A query by the rows (vectors, dims) of its words: MaxSim with a page is the mean of their cosines."""
    embedding = rows / np.float32(len(rows))
    return QueryVectors(embedding, coarse=mean_of(rows), dense_weight=dense_weight, noise=noise)


def mean_of(rows: FloatArray) -> FloatArray:
    """The direction (dims,) of the mean of the rows, of length 1; zeros stay zeros."""
    mean: FloatArray = truncate(rows.mean(axis=0, keepdims=True), rows.shape[1])[0]
    return mean
