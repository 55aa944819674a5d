"""What came of a run, as `result.json` holds it: counts, every system's nDCG@10, and the gains."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Score(_Part):
    """A mean nDCG@10, or a mean difference, with its 95 % interval."""

    mean: float = Field(alias="ndcg@10")
    interval: tuple[float, float] = Field(alias="ndcg@10_interval")

    @property
    def low(self) -> float:
        """Where its interval begins."""
        return self.interval[0]

    @property
    def high(self) -> float:
        """Where its interval ends."""
        return self.interval[1]


class ScopeScores(_Part):
    """A system's score within the document, and over all pages."""

    within: Score
    corpus: Score


class ScoreGain(Score):
    """A paired difference: how often it was above zero, and what share of the error 1 - nDCG@10 it took."""

    share_above_zero: float
    error_removed: float


class ScopeGains(_Part):
    """A gain within the document, and over all pages."""

    within: ScoreGain
    corpus: ScoreGain


class ScopeShares(_Part):
    """The share of a score that is kept within the document, and over all pages."""

    within: float
    corpus: float


class Kept(_Part):
    """What each number of dimensions keeps of the quality of the largest, before and after training."""

    base: Mapping[int, ScopeShares]
    tuned: Mapping[int, ScopeShares]


class RunResult(_Part):
    """The result of a finished run. `kept` is there where several dimensions were measured.

    `reads_words` tells whether the model was shown the words of pages, not their images.
    """

    kind: str
    base: str
    rows: int
    questions: int
    pages: int
    steps: int
    best_step: int | None
    seconds: float
    learning_parameters: int
    parameters: int
    systems: Mapping[str, ScopeScores]
    gain: Mapping[str, ScopeGains]
    kept: Kept | None = None
    reads_words: bool = False

    @property
    def shown(self) -> str:
        """What the model makes of a page, for people."""
        return "reads words" if self.reads_words else "looks at images"

    def to_json(self) -> str:
        """The text of the file, without `kept` where there is none, and `reads_words` only where it does."""
        told = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(told, indent=2) + "\n"
