import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdr.page_reader.calibration import SURE, Calibration, log_odds
from vdr.types import Box, Word

SURER = Calibration(offset=0.5, slope=2.0)


def word(confidence):
    return Word("sales", Box(0, 0, 1, 1), confidence)


def test_the_chance_by_hand():
    # log(0.8 / 0.2) = log 4: 0.5 + 2 log 4 = log(16 sqrt(e))
    odds = 16 * math.sqrt(math.e)
    assert SURER.chance(0.8) == pytest.approx(odds / (1 + odds))
    assert Calibration().chance(0.8) == pytest.approx(0.8)


def test_as_it_is_nothing_changes():
    words = [word(0.3), word(1.0)]
    assert Calibration().apply(words) == words


def test_words_get_their_chance_and_keep_the_rest():
    (found,) = SURER.apply([word(0.8)])
    assert found == word(SURER.chance(0.8))


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.5])
def test_the_surest_and_the_least_sure_have_odds(confidence):
    assert math.isfinite(log_odds(confidence))
    assert 0 < SURER.chance(confidence) < 1


def test_no_word_is_surer_than_the_net_can_tell():
    assert log_odds(0.999) == log_odds(1.0) == pytest.approx(math.log(SURE / (1 - SURE)))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.floats(-3, 3), st.floats(0.1, 5))
def test_the_order_of_words_stays(confidences, offset, slope):
    calibration = Calibration(offset, slope)
    for less, more in pairwise(sorted(confidences)):
        assert calibration.chance(less) <= calibration.chance(more)
