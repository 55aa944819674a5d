"""How sure a mean is: percentile bootstrap intervals, and the paired difference of two systems.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 13 and 16. The questions are drawn
again, with replacement; the draws are the same for the same number of questions, so results can be repeated.
scipy.stats.bootstrap finds the same to the last bit from this seed, but refuses a single question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

RESAMPLES = 2_000
SEED = 20_240_601
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one system is better than another, and the share of resamples in which it is."""

    estimate: Estimate
    share_above_zero: float


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of at least one value, with its interval."""
    return _estimate(np.asarray(values), _resampled_means(values))


def difference(values: Sequence[float], baseline: Sequence[float]) -> Difference:
    """What `values` have over `baseline`, question by question in the same order."""
    gains = np.asarray(values) - np.asarray(baseline)
    means = _resampled_means(gains.tolist())
    return Difference(_estimate(gains, means), float((means > 0).mean()))


def _estimate(values: npt.NDArray[np.float64], means: npt.NDArray[np.float64]) -> Estimate:
    low, high = np.percentile(means, _PERCENTILES)
    return Estimate(float(values.mean()), float(low), float(high))


def _resampled_means(values: Sequence[float]) -> npt.NDArray[np.float64]:
    means: npt.NDArray[np.float64] = np.asarray(values, dtype=np.float64)[_draws(len(values))].mean(axis=1)
    return means


@lru_cache(maxsize=32)
def _draws(count: int) -> npt.NDArray[np.intp]:
    """Which questions each resample holds, (RESAMPLES, count)."""
    return np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
