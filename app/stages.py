"""The stages of a search by the names that the API and `vdr search --json` give them."""

from collections.abc import Mapping

from vdr.types import Stage

_RERANK = "rerank"  # whichever reranker it was
_NAMES = {Stage.LATE_INTERACTION: _RERANK, Stage.CROSS_ENCODER: _RERANK}


def public_stages(stages: Mapping[Stage, float]) -> dict[str, float]:
    """The score of every stage by its public name; of two rerankers the later one's."""
    return {_NAMES.get(stage, str(stage)): score for stage, score in stages.items()}
