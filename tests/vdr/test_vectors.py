"""What is done to vectors and their scores, by hand and against the naive loop."""

from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdr.vectors import best_of_each

COUNTS = st.lists(st.integers(0, 4), max_size=6)


def test_the_best_window_of_a_page_counts():
    assert best_of_each([0.25, 0.75, 0.5], [2, 1]).tolist() == [0.75, 0.5]


def test_every_query_has_a_row():
    scores = np.array([[0.0, 1.0, 2.0], [5.0, 4.0, 3.0]], np.float32)
    assert best_of_each(scores, [1, 2]).tolist() == [[0.0, 2.0], [5.0, 4.0]]


@pytest.mark.parametrize("counts", [[0, 2, 0, 1, 0], [0, 2, 1], [2, 1, 0]])
def test_a_page_without_windows_ranks_last(counts):
    best = best_of_each([-1.0, -2.0, -3.0], counts).tolist()
    assert best == [{0: -np.inf, 2: -1.0, 1: -3.0}[count] for count in counts]


@given(COUNTS, st.integers(0, 3), st.randoms(use_true_random=False))
def test_it_is_the_naive_loop(counts, queries, random):
    scores = np.array([[random.random() for _ in range(sum(counts))] for _ in range(queries)], np.float32)
    scores = scores.reshape(queries, sum(counts))
    bounds = list(pairwise(accumulate(counts, initial=0)))
    naive = [[max(row[start:end], default=-np.inf) for start, end in bounds] for row in scores]
    assert best_of_each(scores, counts).tolist() == naive


def test_scores_of_other_windows_are_refused():
    with pytest.raises(ValueError, match="3 scores of 2 windows"):
        best_of_each([0.1, 0.2, 0.3], [1, 1])
