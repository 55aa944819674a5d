"""Late interaction in bytes: what is kept, what is lost, and that MaxSim over bytes is MaxSim."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.vdr.conftest import codes
from vdr.page_reader.region_bytes import encode_regions, encode_tokens
from vdr.types import FloatArray, QueryTokens

widths = st.sampled_from([2, 8, 64])
anything = widths.flatmap(
    lambda width: st.integers(0, 6).flatmap(
        lambda rows: arrays(np.float32, (rows, width), elements=st.floats(-3, 3, width=16))
    )
)


def maxsim(tokens: npt.NDArray[Any], regions: npt.NDArray[Any]) -> float:
    """As an engine does it over bytes: whole numbers, no sign."""
    return float((tokens.astype(np.int64) @ regions.astype(np.int64).T).max(1).sum())


def decode_regions(stored: npt.ArrayLike) -> FloatArray:
    """The codes (regions, width) of such bytes, to a 32nd of their numbers' average size."""
    rows = np.asarray(stored, np.float32)
    return (rows - 128) / np.float32(126 * np.sqrt(rows.shape[1]) / 4)


def score(asked: QueryTokens, found: float) -> float:
    return (found - asked.offset) / asked.scale


def test_one_code_by_hand() -> None:
    # Of width 4 a step is 1 / 63, and the mean is 0 already.
    code = np.array([[0.5, -0.5, 0.1, -0.1]], np.float32)
    assert encode_regions(code).tolist() == [[160, 96, 134, 122]]
    assert decode_regions([[160, 96, 134, 122]])[0] == pytest.approx([32 / 63, -32 / 63, 6 / 63, -6 / 63])


def test_one_question_by_hand() -> None:
    asked = encode_tokens(np.array([[1, -1, 0, 0], [0, 0, 0.5, -0.5]], np.float32))
    assert asked.rows.tolist() == [[255, 1, 128, 128], [128, 128, 192, 64]]
    # 127 * 32 * 2 + 64 * 6 * 2 over a step of 127 * 63; by the floats it is 1 + 0.1
    found = maxsim(asked.rows, np.array([[160, 96, 134, 122]]))
    assert score(asked, found) == pytest.approx(8_896 / 8_001)


@given(anything)
def test_every_stored_row_sums_to_the_middle(rows: FloatArray) -> None:
    stored = encode_regions(rows)
    assert stored.dtype == np.uint8
    assert (stored.astype(int).sum(1) == 128 * rows.shape[1]).all()


@given(anything)
def test_what_is_read_back_is_stored_as_it_was(rows: FloatArray) -> None:
    stored = encode_regions(rows)
    assert np.array_equal(encode_regions(decode_regions(stored)), stored)


def test_the_largest_byte_is_read_back_and_stored_as_it_was() -> None:
    stored = np.array([[43, 255, *[121] * 6], [255, 1, *[128] * 6]], np.uint8)
    assert np.array_equal(encode_regions(decode_regions(stored)), stored)


@given(anything)
def test_codes_are_kept_to_a_step(rows: FloatArray) -> None:
    given = codes(rows / 4)
    step = 4 / (126 * np.sqrt(rows.shape[1]))
    largest = 4 / np.sqrt(rows.shape[1])
    kept = given[np.abs(given).max(1, initial=0) <= largest]
    np.testing.assert_allclose(decode_regions(encode_regions(kept)), kept, rtol=0, atol=1.01 * step)


def test_a_code_of_one_number_keeps_its_direction() -> None:
    one = codes(np.eye(64, dtype=np.float32)[:1])
    (kept,) = decode_regions(encode_regions(one))
    assert kept @ one[0] / np.linalg.norm(kept) == pytest.approx(1.0, abs=0.01)


@given(seed=st.integers(0, 1_000), tokens=st.integers(1, 30))
def test_maxsim_over_bytes_is_maxsim(seed: int, tokens: int) -> None:
    rng = np.random.default_rng(seed)
    regions = codes(rng.normal(size=(200, 64)))
    regions = regions[np.abs(regions).max(1) <= 4 / np.sqrt(64)]  # others are shortened
    weights = rng.dirichlet(np.ones(tokens))[:, None]
    question = codes(rng.normal(size=(tokens, 64))) * weights
    asked = encode_tokens(question.astype(np.float32))
    expected = (question @ regions.T).max(1).sum()
    found = maxsim(asked.rows, encode_regions(regions))
    assert score(asked, found) == pytest.approx(expected, abs=0.01)


def test_a_question_of_zeros_scores_nothing() -> None:
    asked = encode_tokens(np.zeros((2, 8), np.float32))
    stored = encode_regions(codes(np.eye(8, dtype=np.float32)))
    assert score(asked, maxsim(asked.rows, stored)) == 0.0
