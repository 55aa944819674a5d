"""Propensities are found from made clicks, and stay at the prior where there are few."""

import random

import pytest

from training.pairs.propensity import Impression, prior, propensities
from vdr.types import PageRef

THETA = {1: 1.0, 2: 0.7, 3: 0.4, 4: 0.3}


def made(count, theta=THETA, seed=0):
    """Impressions of pages that searches have shown at ranks drawn at random, opened as the model says."""
    rng = random.Random(seed)
    pages = {PageRef("a" * 64, number): rng.uniform(0.2, 0.9) for number in range(1, 41)}
    shown = []
    for _ in range(count):
        page, rank = rng.choice(list(pages)), rng.choice(list(theta))
        is_opened = rng.random() < theta[rank] * pages[page]
        shown.append(Impression(("fees", page), rank, is_opened))
    return shown


def test_many_clicks_tell_what_ranks_are_worth():
    found = propensities(made(20_000))
    assert found.interventions == 20_000
    assert [found.of(rank) for rank in THETA] == pytest.approx(list(THETA.values()), abs=0.05)


def test_ranks_that_are_all_looked_at_are_told_as_well():
    found = propensities(made(20_000, dict.fromkeys((1, 2, 3), 1.0)))
    assert min(found.of(rank) for rank in (1, 2, 3)) > 0.9


def test_a_few_clicks_hardly_move_the_prior():
    found = propensities(made(20))
    assert [found.of(rank) for rank in THETA] == pytest.approx([prior(rank) for rank in THETA], abs=0.15)


def test_pages_that_stay_at_one_rank_tell_nothing():
    shown = [Impression(("fees", PageRef("a" * 64, rank)), rank, rank == 1) for rank in (1, 2, 3)] * 500
    found = propensities(shown)
    assert found.interventions == 0
    assert [found.of(rank) for rank in (1, 2, 4)] == [1.0, 0.5, 0.25]


def test_deep_ranks_are_never_worth_nothing():
    assert prior(500) == propensities(made(200)).of(500) == 0.05


def test_nothing_shown():
    assert propensities([]).of(2) == 0.5
