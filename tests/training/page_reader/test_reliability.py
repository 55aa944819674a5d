import numpy as np
import pytest

from training.evaluate.reliability import Bin, Judged, calibration_error, reliability
from training.page_reader.reliability import joined, judge
from vdr.types import Box, PageWords, Word


def word(text, x, confidence=1.0):
    return Word(text, Box(x, 0.49, x + 0.1, 0.51), confidence)


def judged(*pairs):
    return Judged(np.array([c for c, _ in pairs], float), np.array([r for _, r in pairs], float))


def test_words_are_judged_where_the_text_layer_has_one():
    page = PageWords(
        text_layer=(word("Revenue,", 0.1), word("turbine", 0.3)),
        read=(word("revenue", 0.1, 0.9), word("•", 0.2), word("turbime", 0.3, 0.4), word("far", 0.8)),
    )
    found = judge([page, PageWords(text_layer=(), read=(word("alone", 0.1),))])
    assert found.confidence.tolist() == [0.9, 0.4]
    assert found.right.tolist() == [1.0, 0.0]


def test_the_error_by_hand():
    words = judged((0.9, 1), (0.9, 1), (0.9, 0), (0.1, 0))
    # three words: 2/3 right where 0.9 was said; one: none right where 0.1 was said
    assert calibration_error(words) == pytest.approx(0.75 * (0.9 - 2 / 3) + 0.25 * 0.1)
    assert reliability(words, bins=2) == [
        Bin(1, pytest.approx(0.1), 0.0),  # type: ignore[arg-type]
        Bin(3, pytest.approx(0.9), pytest.approx(2 / 3)),  # type: ignore[arg-type]
    ]


def test_what_is_said_and_true_has_no_error():
    assert calibration_error(judged((0.5, 1), (0.5, 0), (1.0, 1), (0.0, 0))) == pytest.approx(0.0)


def test_nothing_read_has_no_error_to_tell():
    with pytest.raises(ValueError, match="nothing to judge"):
        calibration_error(judge([]))


def test_joined_words_are_the_words_of_all():
    found = joined([judged((0.9, 1)), judged((0.1, 0), (0.2, 1))])
    assert found.confidence.tolist() == [0.9, 0.1, 0.2]
    assert found.right.tolist() == [1, 0, 1]
