"""Hard negatives are near the query, wrong, and from inside and outside its document."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.pairs.parts import pair
from training.pairs.negatives import Demand, Vectors, find_negatives
from vdr.errors import BadInput


def at(degrees):
    """A unit vector in the plane."""
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)


def vectors(pages, queries):
    """Pages by (document, number) and queries by text, each at so many degrees."""
    return Vectors(
        {f"{document}#page={number}": at(degrees) for (document, number), degrees in pages.items()},
        {f"q-{text}": at(degrees) for text, degrees in queries.items()},
        {f"{document}#page={number}": document for document, number in pages},
    )


# The right page is 20 degrees off (0.940); 5 % below that is 0.893, at 26.8 degrees.
PAGES = {
    ("a", 1): 20, ("a", 2): 22, ("a", 3): 30, ("a", 4): 60, ("a", 5): 80,
    ("b", 1): 10, ("b", 2): 28, ("b", 3): 50, ("b", 4): 85,
}  # fmt: skip

ONE = (pair("a", 1, "x"),)


def found(count=4, share=0.5, margin=0.05, pairs=ONE, pages=PAGES, queries=None):
    known = vectors(pages, queries or {"x": 0})
    return find_negatives(pairs, known, Demand(count, margin, share))


def test_half_come_from_the_same_document_and_half_from_others_hardest_first():
    negatives = found()
    assert negatives.pairs[0].negative_ids == ("a#page=3", "a#page=4", "b#page=2", "b#page=3")
    assert (negatives.mined, negatives.padded) == (4, 0)


def test_pages_within_the_margin_may_be_right_and_are_passed_over():
    assert "b#page=1" not in found().pairs[0].negative_ids
    assert found(margin=0.0).pairs[0].negative_ids[:2] == ("a#page=2", "a#page=3")


@pytest.mark.parametrize(("share", "document"), [(1.0, "a"), (0.0, "b")])
def test_the_share_of_the_same_document_can_be_all_or_none(share, document):
    assert all(page_id.startswith(document) for page_id in found(3, share).pairs[0].negative_ids)


def test_where_one_side_has_too_few_the_other_gives_more():
    negatives = found(5, 1.0).pairs[0].negative_ids
    assert negatives == ("a#page=3", "a#page=4", "a#page=5", "b#page=2", "b#page=3")
    assert found(6, 0.2).pairs[0].negative_ids[:1] == ("a#page=3",)


def test_other_right_pages_of_a_query_are_never_negatives():
    pairs = (pair("a", 1, "x"), pair("a", 4, "x"), pair("b", 3, "x"))
    for row in found(3, pairs=pairs, margin=0.0).pairs:
        assert not {"a#page=1", "a#page=4", "b#page=3"} & set(row.negative_ids)


def test_too_few_are_filled_up_by_chance_and_counted():
    pages = {("a", 1): 20, ("a", 2): 10, ("b", 1): 60}
    negatives = found(2, pages=pages)
    assert set(negatives.pairs[0].negative_ids) == {"a#page=2", "b#page=1"}
    assert (negatives.mined, negatives.padded) == (1, 1)


def test_a_page_comes_twice_only_where_there_are_not_enough():
    pages = {("a", 1): 20, ("b", 1): 60}
    assert found(3, pages=pages).pairs[0].negative_ids == ("b#page=1",) * 3


def test_without_a_wrong_page_there_are_no_negatives():
    with pytest.raises(BadInput, match="All pages answer 'x', so none can be a negative"):
        found(1, pages={("a", 1): 20})


def test_a_page_that_scores_below_zero_has_negatives_too():
    pages = {("a", 1): 100, ("a", 2): 170, ("b", 1): 30, ("b", 2): 175}
    assert found(2, pages=pages).pairs[0].negative_ids == ("a#page=2", "b#page=2")


@settings(max_examples=25)
@given(st.integers(0, 999), st.integers(1, 6), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_every_row_has_as_many_negatives_all_of_them_wrong(seed, count, share):
    rng = np.random.default_rng(seed)
    pages = {(document, n): float(rng.uniform(0, 180)) for document in "abc" for n in range(1, 4)}
    pairs = [pair(str(rng.choice(list("abc"))), int(rng.integers(1, 4)), f"x{n % 2}") for n in range(4)]
    pairs = list(dict.fromkeys(pairs))
    negatives = found(count, share, pairs=pairs, pages=pages, queries={"x0": 10, "x1": 90})
    assert negatives.mined + negatives.padded == count * len(pairs)
    for row in negatives.pairs:
        right = {each.positive_id for each in pairs if each.query_id == row.query_id}
        assert len(row.negative_ids) == count and not right & set(row.negative_ids)
