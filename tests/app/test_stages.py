"""Stages and scores as people and programs see them."""

import pytest

from app.stages import public_stages, shown_score
from vdr.types import Stage


@pytest.mark.parametrize(
    ("score", "shown"), [(0.91432, "0.914"), (66.31, "66.3"), (5.2e-07, "0"), (0.0, "0"), (-3.25, "-3.25")]
)
def test_scores_have_three_digits_and_too_little_is_nothing(score: float, shown: str) -> None:
    assert shown_score(score) == shown


def test_of_several_rerankers_the_last_one_tells() -> None:
    stages = {Stage.FUSION: 0.4, Stage.LATE_INTERACTION: 0.6, Stage.CROSS_ENCODER: -2.5}
    assert public_stages(stages) == {"fusion": 0.4, "rerank": -2.5}
