"""From how sure the net is of a word to how often such a word is right.

A net's probabilities are not shares of being right (Guo et al., On Calibration of Modern Neural Networks,
ICML 2017). With c the geometric mean of a word's characters' probabilities, its confidence is

    P(right) = sigmoid(offset + slope log(c / (1 - c)))

(Platt, Probabilistic Outputs for Support Vector Machines, 1999). The order of words stays as it was.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vdr.types import Word

# Odds have to end somewhere: 6 % of the words read on 755 pages are surer than this.
SURE = 0.999
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """The two numbers that `python -m training.page_reader.calibrate` finds; as they are, nothing changes."""

    offset: float = 0.0
    slope: float = 1.0

    def apply(self, words: Sequence[Word]) -> list[Word]:
        """The words with the chance that each is right as their confidence."""
        if self == Calibration():
            return list(words)
        return [replace(word, confidence=self.chance(word.confidence)) for word in words]

    def chance(self, confidence: float) -> float:
        """How often words are right that the net gives this confidence."""
        return 1 / (1 + math.exp(-self.offset - self.slope * log_odds(confidence)))


def log_odds(confidence: float) -> float:
    """log(c / (1 - c)), finite for 0 and 1 as well."""
    c = min(max(confidence, _SMALLEST), SURE)
    return math.log(c / (1 - c))
