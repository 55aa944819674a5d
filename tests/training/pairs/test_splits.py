"""Documents, never pages, are split; by their names alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.pairs.splits import eval_documents
from vdr.errors import BadInput

names = st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=40)


@given(names, st.floats(0, 0.9), st.integers())
def test_both_splits_have_a_document(documents, share, seed):
    chosen = eval_documents(documents, set(), share, seed)
    assert 0 < len(chosen) < len(documents) and chosen <= documents


def test_the_share_is_kept_among_those_asked_about_and_the_others():
    asked, others = {f"asked {n}" for n in range(40)}, {f"other {n}" for n in range(20)}
    chosen = eval_documents(asked, others, 0.25, 0)
    assert len(chosen & asked) == 10 and len(chosen & others) == 5


def test_the_seed_decides_and_the_order_does_not():
    documents = [f"{n}.pdf" for n in range(20)]
    assert eval_documents(documents, [], 0.3, 1) == eval_documents(documents[::-1], [], 0.3, 1)
    assert eval_documents(documents, [], 0.3, 1) != eval_documents(documents, [], 0.3, 2)


def test_a_document_more_moves_at_most_one():
    documents = [f"{n}.pdf" for n in range(20)]
    before = eval_documents(documents, [], 0.3, 0)
    assert len(before - eval_documents([*documents, "new.pdf"], [], 0.3, 0)) <= 1


def test_fewer_than_two_documents_cannot_be_split():
    with pytest.raises(
        BadInput, match=r"queries cover 1 document\(s\); train and eval need at least one each"
    ):
        eval_documents(["a.pdf"], ["b.pdf"], 0.15, 0)
