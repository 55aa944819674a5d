"""Many vectors a page, found by their mean and compared by MaxSim."""

import numpy as np

from vdr.types import FloatArray, PageVectors, QueryVectors
from vdr.vectors import truncate


def many_page(rows: FloatArray) -> PageVectors:
    """A page by the rows (vectors, dims) of its words or patches, one at least."""
    return PageVectors(rows, coarse=mean_of(rows))


def many_query(rows: FloatArray, dense_weight: float) -> QueryVectors:
    """A query by the rows (vectors, dims) of its words: MaxSim with a page is the mean of their cosines."""
    return QueryVectors(rows / np.float32(len(rows)), coarse=mean_of(rows), dense_weight=dense_weight)


def mean_of(rows: FloatArray) -> FloatArray:
    """The direction (dims,) of the mean of the rows, of length 1; zeros stay zeros."""
    mean: FloatArray = truncate(rows.mean(axis=0, keepdims=True), rows.shape[1])[0]
    return mean
