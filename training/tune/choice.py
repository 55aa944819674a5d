"""Choosing a plan: on one half of the questions, so that the other half can tell what it is worth."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from training.confidence.asked import AskedQuestion
from training.evaluate.bootstrap import Estimate, difference
from training.tune.trials import Trial
from vdr.errors import BadInput
from vdr.search.kept import PlanShape

# The most of nDCG@10 that a cheaper plan may lose: on few questions even more than that is not significant.
LARGEST_LOSS = 0.01
# Times that differ by less are taken for equal: it is hardly noticed, and hardly told from noise.
_SAME_TIME = 0.05
_LEAST_SHARE = 0.25  # of the questions, for the smaller half
_DIGITS = 3  # of nDCG, beyond which plans are equal


def halves(asked: Sequence[AskedQuestion]) -> tuple[list[int], list[int]]:
    """The places of the questions to choose on and of those to report on.

    They are about different documents, or, where these cannot be divided so, about different pages. Raises
    BadInput where all of them are about the same page.
    """
    by_document = _halves([each.document_id for each in asked])
    if min(map(len, by_document)) >= _LEAST_SHARE * len(asked):
        return by_document
    by_page = _halves([tuple(sorted(each.answers)) for each in asked])
    if not all(by_page):
        raise BadInput(
            "All questions are about the same page.", remedy="Label questions about other pages too."
        )
    return by_page


def gain(trial: Trial, other: Trial) -> Estimate:
    """By how much a plan is better than another, question by question."""
    return difference(trial.scores, other.scores).estimate


def is_worse(trial: Trial, other: Trial) -> bool:
    """Whether a plan is significantly worse than another: the whole 95 % interval is below 0."""
    return gain(trial, other).high < 0


def front(trials: Sequence[Trial]) -> list[int]:
    """The places of plans than which none is both better and quicker, quickest first."""
    by_time = sorted(range(len(trials)), key=lambda n: (trials[n].latency.p50, -trials[n].quality))
    found: list[int] = []
    for place in by_time:
        if not found or trials[place].quality > trials[found[-1]].quality:
            found.append(place)
    return found


def choose(trials: Sequence[Trial], served: int) -> int:
    """The place of the quickest plan that is neither significantly worse than the best nor loses much to it.

    What is served now stays, if it is as good and none as good is quicker without doubt. Of others that take
    as long as the quickest, the best is chosen, and of equals the one that does least.
    """
    best = max(trials, key=lambda each: each.quality)
    good = [n for n, each in enumerate(trials) if _is_as_good(each, best)]
    if served in good:
        good = [n for n in good if _is_quicker(trials[n], trials[served])]
    if not good:
        return served
    least = min(trials[n].latency.p50 for n in good)
    return max(
        (n for n in good if trials[n].latency.p50 <= (1 + _SAME_TIME) * least),
        key=lambda n: (round(trials[n].quality, _DIGITS), *_frugality(trials[n].shape)),
    )


def _is_as_good(trial: Trial, best: Trial) -> bool:
    return trial.quality >= best.quality - LARGEST_LOSS and not is_worse(trial, best)


def _is_quicker(trial: Trial, other: Trial) -> bool:
    """Whether its searches take less time than the same ones by the other, beyond noise and by enough."""
    ratios = difference(np.log(trial.ms).tolist(), np.log(other.ms).tolist()).estimate
    return ratios.high < math.log(1 - _SAME_TIME)


def _frugality(shape: PlanShape) -> tuple[int, int, int]:
    """The more the less a plan does."""
    return -sum(step.depth for step in shape.rerank), len(shape.without), -shape.candidates


def _halves(groups: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    """Two halves that share no group, largest groups first, each into the half that has less."""
    sizes = Counter(groups)
    choosing: set[Hashable] = set()
    filled = [0, 0]
    for group, size in sorted(sizes.items(), key=lambda item: (-item[1], str(item[0]))):
        half = int(filled[1] < filled[0])
        filled[half] += size
        if half == 0:
            choosing.add(group)
    places = range(len(groups))
    return [n for n in places if groups[n] in choosing], [n for n in places if groups[n] not in choosing]
