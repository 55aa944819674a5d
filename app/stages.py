"""The stages of a search and their scores, as they are shown."""

from collections.abc import Mapping

from vdr.types import Stage

# What no page is told from another by, but for ties.
_TOO_LITTLE = 5e-4
_RERANK = "rerank"  # whichever reranker it was
_NAMES = {Stage.LATE_INTERACTION: _RERANK, Stage.CROSS_ENCODER: _RERANK}


def shown_score(score: float) -> str:
    """A score for people: three digits, and what is too little to count as 0.

    >>> shown_score(0.91432), shown_score(66.31), shown_score(5.2e-07)
    ('0.914', '66.3', '0')
    """
    return f"{score:.3g}" if abs(score) >= _TOO_LITTLE else "0"


def public_name(stage: Stage) -> str:
    """What a stage is called outside."""
    return _NAMES.get(stage, str(stage))


def public_stages(stages: Mapping[Stage, float]) -> dict[str, float]:
    """The score of every stage by its public name; of several rerankers the last one's."""
    return {public_name(stage): score for stage, score in stages.items()}
