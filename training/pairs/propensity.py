"""How likely people are to look at a rank at all: found where the same page was shown at several ranks.

The position-based click model says that a page is opened if it is looked at, which depends on its rank k
alone (its propensity, theta_k), and seems relevant, which depends on question and page alone (gamma):

    P(open) = theta_k * gamma

Only pages that were shown at several ranks for a question tell theta from gamma: interventions that nobody
had to make (Agarwal et al., Estimating Position Bias without Intrusive Interventions, WSDM 2019). Of these
both are found by expectation maximization (Chuklin, Markov and de Rijke, Click Models for Web Search, 2015,
4.3). Where few are there, the prior counts for more: theta_k = (1/k)^eta with eta = 1 (Joachims, Swaminathan
and Schnabel, Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vdr.opinions import Asked

_ETA = 1.0
# Impressions that the prior counts for at each rank: with as many of one's own both count alike.
_PRIOR_IMPRESSIONS = 50.0
_PRIOR_RELEVANCE = (1.0, 1.0)  # looks of a page that were, and were not, followed by opening it
_ROUNDS = 200
_LEAST = 0.05  # a click at a rank that hardly anybody sees counts twenty times at most
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Impression:
    """A page as it was shown for a question, and whether it was opened."""

    asked: Asked
    rank: int
    is_opened: bool


@dataclass(frozen=True, slots=True)
class Propensities:
    """theta by rank, 1 at the first; `interventions` is how many impressions they were found from."""

    by_rank: Mapping[int, float]
    interventions: int

    def of(self, rank: int) -> float:
        """How likely a rank is looked at, 0.05 at least; deeper ranks than were seen go by the prior."""
        return self.by_rank.get(rank, prior(rank))


def prior(rank: int) -> float:
    """The propensity of a rank where nothing is known of it.

    >>> [prior(rank) for rank in (1, 2, 4, 1000)]
    [1.0, 0.5, 0.25, 0.05]
    """
    return max(1.0 / math.pow(rank, _ETA), _LEAST)


def propensities(shown: Iterable[Impression]) -> Propensities:
    """What the impressions tell of ranks, and the prior where they do not."""
    harvested = _harvested(shown)
    ranks = sorted({each.rank for each in harvested})
    if not ranks:
        return Propensities({}, 0)
    theta = _fitted(harvested, ranks)
    first = theta.get(1, 1.0)
    by_rank = {rank: float(np.clip(value / first, _LEAST, 1.0)) for rank, value in theta.items()}
    return Propensities(by_rank, len(harvested))


def _harvested(shown: Iterable[Impression]) -> list[Impression]:
    """The impressions of pages that were shown at several ranks for a question."""
    by_page: defaultdict[Asked, list[Impression]] = defaultdict(list)
    for each in shown:
        if each.rank <= _DEEPEST:
            by_page[each.asked].append(each)
    several = (own for own in by_page.values() if len({each.rank for each in own}) > 1)
    return [each for own in several for each in own]


def _fitted(shown: Sequence[Impression], ranks: Sequence[int]) -> dict[int, float]:
    pages = {asked: place for place, asked in enumerate(dict.fromkeys(each.asked for each in shown))}
    rank_at = {rank: place for place, rank in enumerate(ranks)}
    at_rank = np.array([rank_at[each.rank] for each in shown])  # (impressions,)
    of_page = np.array([pages[each.asked] for each in shown])
    opened = np.array([each.is_opened for each in shown])
    believed = np.array([prior(rank) for rank in ranks])  # (ranks,)
    theta, gamma = believed.copy(), np.full(len(pages), 0.5)
    looks, tries = np.bincount(at_rank), np.bincount(of_page)
    for _ in range(_ROUNDS):
        t, g = theta[at_rank], gamma[of_page]
        # Of what was not opened: how likely it was looked at, and how likely it was relevant all the same.
        missed = np.maximum(1 - t * g, 1e-9)
        seen = np.where(opened, 1.0, t * (1 - g) / missed)
        relevant = np.where(opened, 1.0, g * (1 - t) / missed)
        counted = _PRIOR_IMPRESSIONS * believed + np.bincount(at_rank, seen)
        theta = counted / (_PRIOR_IMPRESSIONS + looks)
        liked, disliked = _PRIOR_RELEVANCE
        gamma = (liked + np.bincount(of_page, relevant)) / (liked + disliked + tries)
    return dict(zip(ranks, theta.tolist(), strict=True))
