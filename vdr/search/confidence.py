"""How sure a search is: the chance that each page answers, and that any page does."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vdr.search.signs import signs
from vdr.search.stages import ConfidenceStage
from vdr.types import Candidate


def judged(
    stage: ConfidenceStage, candidates: Sequence[Candidate], missing: float
) -> tuple[list[Candidate], float]:
    """The candidates, best first, with their confidence, those that are too unsure left out; and the chance
    that any page answers.

    They need their votes; `missing` is the share of the question that no page searched has.
    """
    if not candidates:
        return [], 0.0
    told = signs(candidates, missing)
    chances = stage.calibration.hit.chances(told).tolist()
    (answerable,) = stage.calibration.answerable.chances(told[:1]).tolist()
    return list(_sure(candidates, chances, stage.least)), answerable


def _sure(candidates: Sequence[Candidate], chances: Sequence[float], least: float) -> Iterator[Candidate]:
    for candidate, chance in zip(candidates, chances, strict=True):
        if chance >= least:
            yield replace(candidate, confidence=chance)
