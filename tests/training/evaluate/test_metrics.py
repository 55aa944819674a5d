"""nDCG and recall: worked by hand, held against ranx, and true to their laws."""

import subprocess
import sys
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluate.metrics import ndcg, recall

RANKINGS = st.permutations(range(12))
RELEVANT = st.sets(st.integers(0, 20), min_size=1, max_size=8)


def test_ndcg_worked_by_hand():
    # Found on ranks 2 and 4: (1/log2 3 + 1/log2 5) / (1 + 1/log2 3) = (0.63093 + 0.43068) / 1.63093
    assert ndcg("abcd", {"b", "d"}, 10) == pytest.approx(0.65092, abs=1e-5)


def test_ndcg_is_cut_at_its_depth_in_the_ranking_and_in_the_ideal():
    assert ndcg("abc", {"c"}, 2) == 0
    assert ndcg("ab", {"a", "b", "c"}, 2) == 1


def test_recall_worked_by_hand():
    assert [recall("abcd", {"b", "d", "x"}, depth) for depth in (1, 2, 4)] == [0, 1 / 3, 2 / 3]


def test_nothing_found_and_nothing_to_find_are_worth_nothing():
    for metric in (ndcg, recall):
        assert metric([], {"a"}, 10) == 0
        assert metric("abc", set(), 10) == 0


@given(RANKINGS, RELEVANT, st.integers(1, 12))
def test_both_lie_between_0_and_1(ranking, relevant, depth):
    assert 0 <= ndcg(ranking, relevant, depth) <= 1 + 1e-12
    assert 0 <= recall(ranking, relevant, depth) <= 1


@given(RANKINGS, RELEVANT, st.integers(1, 12))
def test_all_relevant_first_is_best(ranking, relevant, depth):
    ideal = [*relevant, *(item for item in ranking if item not in relevant)]
    assert ndcg(ideal, relevant, depth) == pytest.approx(1)


@given(RANKINGS, RELEVANT, st.integers(0, 10))
def test_moving_a_relevant_page_up_never_hurts(ranking, relevant, place):
    moved = list(ranking)
    if moved[place + 1] in relevant:
        moved[place], moved[place + 1] = moved[place + 1], moved[place]
    for metric in (ndcg, recall):
        assert metric(moved, relevant, 10) >= metric(ranking, relevant, 10) - 1e-12


@given(RANKINGS, RELEVANT)
def test_recall_grows_with_depth(ranking, relevant):
    recalls = [recall(ranking, relevant, depth) for depth in range(1, 13)]
    assert recalls == sorted(recalls)


COMPARE = """
import random, numpy as np, ranx
from training.evaluate.metrics import ndcg, recall
rng = random.Random(5)
expected, found, ours = {}, {}, {"ndcg@10": [], "recall@1": [], "recall@5": [], "recall@10": []}
for n in range(50):
    ranking = rng.sample([f"p{i}" for i in range(40)], 20)
    relevant = set(rng.sample([f"p{i}" for i in range(40)], rng.randint(1, 14)))
    expected[f"q{n:02}"] = dict.fromkeys(relevant, 1)
    found[f"q{n:02}"] = {page: 100.0 - rank for rank, page in enumerate(ranking)}
    ours["ndcg@10"].append(ndcg(ranking, relevant, 10))
    for depth in (1, 5, 10):
        ours[f"recall@{depth}"].append(recall(ranking, relevant, depth))
theirs = ranx.evaluate(ranx.Qrels(expected), ranx.Run(found), list(ours), make_comparable=True)
for metric, values in ours.items():
    assert np.isclose(np.mean(values), theirs[metric]), (metric, np.mean(values), theirs[metric])
"""


@pytest.mark.skipif(find_spec("ranx") is None, reason="compares with ranx where that is installed")
def test_ranx_finds_the_same():
    # In a process of its own: numba and ranx warn while they compile, and here a warning is an error.
    done = subprocess.run([sys.executable, "-c", COMPARE], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
