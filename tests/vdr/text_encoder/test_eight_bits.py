"""Weights in eight bits come back nearly as they were."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from vdr.text_encoder.eight_bits import FILE, read_weights, write_weights


@pytest.fixture
def weights() -> dict[str, np.ndarray]:
    numbers = np.random.default_rng(0)
    lengths = np.array([[1], [1e-3], [50], [1], [1], [0]])
    matrix = (numbers.normal(size=(6, 40)) * lengths).astype(np.float32)
    return {"dense.weight": matrix, "dense.bias": numbers.normal(size=6).astype(np.float32)}


def test_each_number_is_within_half_a_step_of_its_row(tmp_path: Path, weights: dict[str, np.ndarray]) -> None:
    write_weights(tmp_path, weights)
    found = read_weights(tmp_path)
    assert found.keys() == weights.keys()
    matrix = weights["dense.weight"]
    step = np.abs(matrix).max(axis=1, keepdims=True) / 127
    assert (np.abs(found["dense.weight"] - matrix) <= step * 0.501).all()
    assert not found["dense.weight"][5].any()
    assert np.array_equal(found["dense.bias"], weights["dense.bias"])
    assert {weight.dtype for weight in found.values()} == {np.dtype(np.float32)}


def test_a_matrix_takes_a_quarter_of_the_space(tmp_path: Path, weights: dict[str, np.ndarray]) -> None:
    write_weights(tmp_path, weights)
    assert load_file(tmp_path / FILE)["dense.weight"].dtype == np.int8


def test_what_is_rounded_once_is_not_rounded_again(tmp_path: Path, weights: dict[str, np.ndarray]) -> None:
    write_weights(tmp_path, weights)
    once = read_weights(tmp_path)
    write_weights(tmp_path, once)
    assert np.allclose(read_weights(tmp_path)["dense.weight"], once["dense.weight"], rtol=1e-5, atol=1e-9)
