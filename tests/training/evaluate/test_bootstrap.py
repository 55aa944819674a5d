"""Bootstrap intervals: they hold the mean, shrink with more questions, and can be repeated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluate.bootstrap import difference, estimate

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(VALUES)
def test_an_interval_lies_within_the_values(values):
    found = estimate(values)
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert found.mean == pytest.approx(sum(values) / len(values))


def test_an_interval_is_as_wide_as_theory_says():
    # 400 coin flips: the standard error of their mean is 0.5 / 20, the interval 1.96 times that to each side.
    found = estimate([0.0, 1.0] * 200)
    assert found.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.005)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.005)


def test_the_same_values_give_the_same_interval():
    values = np.random.default_rng(1).random(50).tolist()
    assert estimate(values) == estimate(values)


def test_a_system_is_no_better_than_itself():
    found = difference([0.1, 0.9, 0.4], [0.1, 0.9, 0.4])
    assert (found.estimate.mean, found.estimate.low, found.estimate.high) == (0, 0, 0)
    assert found.share_above_zero == 0


def test_a_gain_on_every_question_is_sure_however_the_questions_differ():
    baseline = np.random.default_rng(2).random(30)
    found = difference((baseline + 0.1).tolist(), baseline.tolist())
    assert found.estimate.low == pytest.approx(0.1) and found.estimate.high == pytest.approx(0.1)
    assert found.share_above_zero == 1


@given(VALUES)
def test_a_difference_turned_round_changes_its_sign(values):
    other = values[::-1]
    there, back = difference(values, other), difference(other, values)
    assert there.estimate.mean == pytest.approx(-back.estimate.mean)
    assert there.estimate.low == pytest.approx(-back.estimate.high)
    assert there.share_above_zero + back.share_above_zero <= 1
