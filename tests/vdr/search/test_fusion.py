"""Reciprocal rank fusion: laws, and a case by hand."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdr.search.fusion import Fused, Ranking, fuse
from vdr.types import Stage

points = st.sampled_from("abcdefgh")
scores = st.dictionaries(points, st.floats(-5, 5, width=16), max_size=8).map(lambda d: tuple(d.items()))
rankings = st.builds(
    Ranking,
    st.sampled_from([Stage.FULL, Stage.TEXT, Stage.READ]),
    st.sampled_from([0.5, 1.0, 2.0]),
    scores,
)
lists = st.lists(rankings, max_size=3, unique_by=lambda ranking: ranking.stage)


def ids(fused: list[Fused]) -> list[str]:
    return [point.point_id for point in fused]


def test_fusion_by_hand() -> None:
    full = Ranking(Stage.FULL, 1.0, (("a", 0.9), ("b", 0.8)))
    text = Ranking(Stage.TEXT, 2.0, (("c", 7.0), ("b", 9.0)))
    b, c, a = fuse([full, text], k=60)
    assert b == Fused("b", 1 / 62 + 2 / 61, {Stage.FULL: 0.8, Stage.TEXT: 9.0, Stage.FUSION: 1 / 62 + 2 / 61})
    assert c == Fused("c", 2 / 62, {Stage.TEXT: 7.0, Stage.FUSION: 2 / 62})
    assert a == Fused("a", 1 / 61, {Stage.FULL: 0.9, Stage.FUSION: 1 / 61})


@given(lists)
def test_every_point_found_comes_once_best_first(found: list[Ranking]) -> None:
    fused = fuse(found, k=60)
    assert sorted(ids(fused)) == sorted({point for ranking in found for point, _ in ranking.scores})
    assert [p.score for p in fused] == sorted((p.score for p in fused), reverse=True)


@given(lists)
def test_every_stage_keeps_its_score(found: list[Ranking]) -> None:
    by_id = {point.point_id: point for point in fuse(found, k=60)}
    for ranking in found:
        for point, score in ranking.scores:
            assert by_id[point].stages[ranking.stage] == score
    assert all(point.stages[Stage.FUSION] == point.score for point in by_id.values())


@given(scores, st.integers(1, 100))
def test_one_ranking_alone_keeps_its_order(found: tuple[tuple[str, float], ...], k: int) -> None:
    fused = fuse([Ranking(Stage.TEXT, 1.0, found)], k)
    assert ids(fused) == [point for point, _ in sorted(found, key=lambda pair: (-pair[1], pair[0]))]


@given(lists, st.randoms(use_true_random=False))
def test_order_in_which_engines_answer_does_not_matter(found: list[Ranking], random: Random) -> None:
    shuffled = [replace(r, scores=tuple(random.sample(r.scores, len(r.scores)))) for r in found]
    assert ids(fuse(shuffled, k=60)) == ids(fuse(found, k=60))


@given(lists)
def test_ranking_without_a_vote_changes_no_order_but_shows_its_score(found: list[Ranking]) -> None:
    coarse = Ranking(Stage.COARSE, 0.0, tuple((point, 0.5) for point in "abcxyz"))
    with_coarse = fuse([coarse, *found], k=60)
    assert ids(with_coarse) == ids(fuse(found, k=60))
    assert all(point.stages[Stage.COARSE] == 0.5 for point in with_coarse if point.point_id in "abc")


def test_nothing_found_is_nothing_fused() -> None:
    assert fuse([], k=60) == []


def test_text_layer_and_read_words_share_a_ballot_and_the_better_counts() -> None:
    text = Ranking(Stage.TEXT, 1.0, (("a", 5.0), ("b", 1.0)))
    read = Ranking(Stage.READ, 1.0, (("b", 7.0), ("scan", 6.0)))
    fused = fuse([text, read], k=10)
    assert ids(fused) == ["b", "scan", "a"]
    assert fused[0].score == pytest.approx(1 / 11)
    assert fused[0].stages == {Stage.TEXT: 1.0, Stage.READ: 7.0, Stage.FUSION: fused[0].score}
