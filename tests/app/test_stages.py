"""Stages and scores as people and programs see them."""

import pytest

from app.stages import shown_score


@pytest.mark.parametrize(
    ("score", "shown"), [(0.91432, "0.914"), (66.31, "66.3"), (5.2e-07, "0"), (0.0, "0"), (-3.25, "-3.25")]
)
def test_scores_have_three_digits_and_too_little_is_nothing(score: float, shown: str) -> None:
    assert shown_score(score) == shown
