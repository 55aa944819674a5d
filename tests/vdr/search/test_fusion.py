"""Fusion of shares: cases by hand, and laws."""

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vdr.search.fusion import Fused, Ranking, added, dense_floor, fuse, shares, votes, word_scores
from vdr.types import Stage, Vote
from vdr.vectors import chance

points = st.sampled_from("abcdefgh")
scores = st.dictionaries(points, st.floats(-5, 5, width=16), max_size=8).map(lambda d: tuple(d.items()))
rankings = st.builds(
    Ranking,
    st.sampled_from([Stage.FULL, Stage.TEXT, Stage.READ, Stage.DOCUMENT]),
    st.sampled_from([0.3, 0.9, 1.0]),
    scores,
    st.sampled_from([0.0, 0.5, 6.0]),
    st.sampled_from([6.5, 10.0]),
)
lists = st.lists(rankings, max_size=4, unique_by=lambda ranking: ranking.stage)
parts = st.floats(0, 1)


def ids(fused: list[Fused]) -> list[str]:
    return [point.point_id for point in fused]


def test_fusion_by_hand() -> None:
    """BM25 of 66 and 23 out of 100 within reach; a cosine of 0.6, half of what chance leaves."""
    text = Ranking(Stage.TEXT, 0.9, (("whole", 66.0), ("part", 23.0)), most=100.0)
    full = Ranking(Stage.FULL, 0.3, (("part", 0.6),), floor=0.2)
    whole, part = fuse([text, full])
    assert whole.score == pytest.approx(0.9 * 0.66, abs=1e-5)
    assert part.score == pytest.approx(1 - (1 - 0.9 * 0.23) * (1 - 0.3 * 0.5), abs=1e-5)
    assert whole.stages == {Stage.TEXT: 66.0, Stage.FUSION: whole.score}
    assert part.stages == {Stage.TEXT: 23.0, Stage.FULL: 0.6, Stage.FUSION: part.score}


def test_what_a_document_tells_fills_what_its_page_leaves_open() -> None:
    text = Ranking(Stage.TEXT, 0.9, (("a", 50.0), ("b", 40.0)), most=100.0)
    document = Ranking(Stage.DOCUMENT, 1.0, (("b", 30.0),), most=100.0)
    b, a = fuse([text, document])
    assert (a.point_id, b.point_id) == ("a", "b")
    assert b.score == pytest.approx(1 - (1 - 0.9 * 0.4) * math.exp(-0.3), abs=1e-5)
    assert b.stages[Stage.DOCUMENT] == 30.0


@given(lists)
def test_every_point_found_comes_once_best_first(found: list[Ranking]) -> None:
    fused = fuse(found)
    assert sorted(ids(fused)) == sorted({point for ranking in found for point, _ in ranking.scores})
    assert [p.score for p in fused] == sorted((p.score for p in fused), reverse=True)
    assert all(0 <= p.score <= 1 for p in fused if Stage.DOCUMENT not in p.stages)


@given(lists)
def test_every_stage_keeps_its_score(found: list[Ranking]) -> None:
    by_id = {point.point_id: point for point in fuse(found)}
    for ranking in found:
        for point, score in ranking.scores:
            assert by_id[point].stages[ranking.stage] == score
    assert all(point.stages[Stage.FUSION] == point.score for point in by_id.values())


@given(scores, st.floats(-6, 6))
def test_one_ranking_alone_keeps_its_order_even_below_the_floor(
    found: tuple[tuple[str, float], ...], floor: float
) -> None:
    fused = fuse([Ranking(Stage.FULL, 0.9, found, floor, most=7.0)])
    in_order = [dict(found)[point] for point in ids(fused)]
    assert in_order == pytest.approx(sorted(in_order, reverse=True), abs=1e-3)


@given(lists, st.randoms(use_true_random=False))
def test_order_in_which_engines_answer_does_not_matter(found: list[Ranking], random: Random) -> None:
    shuffled = [replace(r, scores=tuple(random.sample(r.scores, len(r.scores)))) for r in found]
    assert ids(fuse(shuffled)) == ids(fuse(found))


@given(lists)
def test_ranking_without_a_vote_changes_no_order_but_shows_its_score(found: list[Ranking]) -> None:
    coarse = Ranking(Stage.COARSE, 0.0, tuple((point, 0.5) for point in "abcxyz"))
    with_coarse = fuse([coarse, *found])
    assert ids(with_coarse) == ids(fuse(found))
    assert all(point.stages[Stage.COARSE] == 0.5 for point in with_coarse if point.point_id in "abc")


@given(
    st.dictionaries(points, st.integers(1, 100), min_size=1),
    st.dictionaries(points, st.floats(-1, 0.2), max_size=8),
)
def test_a_stage_that_recognised_nothing_leaves_the_order_alone(
    words: dict[str, int], noise: dict[str, float]
) -> None:
    assume(len(set(words.values())) == len(words))
    text = Ranking(Stage.TEXT, 0.9, tuple((p, float(score)) for p, score in words.items()), most=100.0)
    full = Ranking(Stage.FULL, 1.0, tuple(noise.items()), floor=0.2)
    fused = fuse([text, full])
    assert [point for point in ids(fused) if point in words] == ids(fuse([text]))
    assert set(ids(fused)[len(words) :]) == set(noise) - set(words)


@given(parts, parts, parts, parts)
def test_a_better_score_of_any_stage_is_a_better_score(
    one: float, other: float, words: float, w: float
) -> None:
    def fused(score: float) -> float:
        text = Ranking(Stage.TEXT, 0.9, (("a", words),))
        return fuse([text, Ranking(Stage.FULL, w or 0.5, (("a", score),), floor=0.1)])[0].score

    low, high = sorted((one, other))
    assert fused(low) <= fused(high)


@given(parts, parts, parts)
def test_a_clear_lead_in_words_is_kept_whatever_the_vector_says(
    leads: float, follows: float, seen: float
) -> None:
    """A vector of 0.3 of a vote fills three tenths of what is open: less than half of it leads for good."""
    assume(1 - 0.9 * leads < 0.69 * (1 - 0.9 * follows))
    text = Ranking(Stage.TEXT, 0.9, (("leads", leads), ("follows", follows)))
    assert ids(fuse([text, Ranking(Stage.FULL, 0.3, (("follows", seen),))]))[0] == "leads"


def test_nothing_found_is_nothing_fused() -> None:
    assert fuse([]) == []
    assert fuse([Ranking(Stage.TEXT, 0.9, (), most=0.0)]) == []


def test_text_layer_and_read_words_are_one_stage_and_the_better_counts() -> None:
    text = Ranking(Stage.TEXT, 0.9, (("a", 5.0), ("b", 1.0)), most=10.0)
    read = Ranking(Stage.READ, 0.9, (("b", 7.0), ("scan", 6.0)), most=10.0)
    fused = fuse([text, read])
    assert ids(fused) == ["b", "scan", "a"]
    assert fused[0].score == pytest.approx(0.9 * 0.7, abs=1e-5)
    assert fused[0].stages == {Stage.TEXT: 1.0, Stage.READ: 7.0, Stage.FUSION: fused[0].score}
    assert word_scores([text, read]) == {"a": 5.0, "b": 7.0, "scan": 6.0}


@pytest.mark.parametrize(
    ("score", "expected"), [(0.2, 0.0), (0.4, 0.25), (1.0, 1.0), (1.3, 1.0), (0.1, 0.0), (-9.0, 0.0)]
)
def test_a_share_is_what_is_above_the_floor(score: float, expected: float) -> None:
    assert shares([score], 0.2, 1.0) == [pytest.approx(expected, abs=2e-6)]


@given(st.floats(-3, 3, width=16), st.floats(-3, 3, width=16), st.floats(-1, 0.9), st.floats(1, 2))
def test_shares_never_fall_where_scores_rise(one: float, other: float, floor: float, most: float) -> None:
    low, high = sorted((one, other))
    less, more = shares([low, high], floor, most)
    assert 0 < less <= more <= 1


def test_one_more_stage_fills_its_share_of_what_is_open() -> None:
    assert added(0.6, 0.3, 0.5) == pytest.approx(0.66)
    assert added(0.6, 0.3, 0.0) == pytest.approx(0.6)


@pytest.mark.parametrize("dims", [8, 64, 256])
def test_unrelated_vectors_reach_chance_and_little_more(dims: int) -> None:
    directions = np.random.default_rng(dims).normal(size=(10_001, dims))
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    best = float((unit[1:] @ unit[0]).max())
    assert 0.9 * chance(dims) < best < 1.1 * chance(dims)
    assert chance(dims) < 1


def test_half_of_what_a_vector_found_is_what_no_match_looks_like() -> None:
    assert dense_floor([0.31, 0.3, 0.32, 0.7, 0.33], 1_024) == 0.32
    assert dense_floor([0.01, -0.02, 0.05], 1_024) == chance(1_024)
    assert dense_floor([], 1_024) == chance(1_024) == pytest.approx(0.1335, abs=1e-4)


def test_votes_say_the_rank_and_the_share_of_each_stage_whether_it_counts_or_not():
    text = Ranking(Stage.TEXT, 0.9, (("a", 4.0), ("b", 8.0), ("c", 1.0)), most=10.0)
    coarse = Ranking(Stage.COARSE, 0.0, (("a", 0.9),))
    said = votes([text, coarse], ["a", "b"])
    assert said["a"][Stage.COARSE] == Vote(1, 0.0)
    assert said["a"][Stage.TEXT].rank == 2 and said["a"][Stage.TEXT].share == pytest.approx(0.36, abs=1e-5)
    assert said["b"][Stage.TEXT].rank == 1 and said.keys() == {"a", "b"}
