"""The learned rotation: nothing changes at the full width, and short vectors tell pages apart."""

from dataclasses import replace

import numpy as np
import pytest

from training.axes import principal_axes
from training.text_encoder.material import Material
from training.text_encoder.measure import quality
from training.text_encoder.rotation import learned_rotation

PAGES, DIMS, TELLING = 60, 32, 4


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def material() -> Material:
    """What answers is told by a few directions of little variance, the others are loud noise."""
    numbers = np.random.default_rng(0)
    topics = numbers.normal(size=(PAGES, TELLING)) * 0.7

    def said(count: int) -> np.ndarray:
        noise = numbers.normal(size=(PAGES, count, DIMS - TELLING))
        told = np.repeat(topics[:, None], count, axis=1) + numbers.normal(size=(PAGES, count, TELLING)) * 0.05
        return unit(np.concatenate([noise, told], axis=2).reshape(PAGES * count, DIMS))

    return Material(said(2), np.full(PAGES, 2), said(1), np.arange(PAGES))


@pytest.fixture(scope="module")
def rotation(material: Material) -> np.ndarray:
    return learned_rotation(material, steps=150)


def turned(material: Material, rotation: np.ndarray) -> Material:
    return replace(material, windows=material.windows @ rotation.T, queries=material.queries @ rotation.T)


def test_it_is_a_rotation(rotation: np.ndarray) -> None:
    assert np.abs(rotation @ rotation.T - np.eye(DIMS)).max() < 1e-5


def test_short_vectors_find_what_principal_axes_hide(material: Material, rotation: np.ndarray) -> None:
    principal = turned(material, principal_axes(material.windows, material.queries))
    learned = turned(material, rotation)
    assert quality(learned, TELLING) > 2 * quality(principal, TELLING)
    assert quality(learned, DIMS) == pytest.approx(quality(principal, DIMS), abs=0.02)


def test_the_same_seed_gives_the_same_rotation(material: Material) -> None:
    first, second = (learned_rotation(material, steps=3, seed=5) for _ in range(2))
    assert np.array_equal(first, second)


def test_the_first_principal_axis_is_that_of_the_largest_variance() -> None:
    rows = np.random.default_rng(1).normal(size=(200, 3)) * [1, 10, 0.1]
    axes = principal_axes(rows.astype(np.float32))
    assert np.abs(axes).argmax(axis=1).tolist() == [1, 0, 2]
