"""Ids of pages are readable, and no two pages share one."""

from hypothesis import given
from hypothesis import strategies as st

from training.pairs.sources import SOURCES, page_id_of

keys = st.tuples(st.text(max_size=20), st.integers(1, 9_999))


def test_an_id_says_document_and_page():
    assert page_id_of("report.pdf", 7) == "report.pdf#page=7"
    assert SOURCES == ("labelled", "phrases", "endpoint", "rendered", "feedback")


@given(keys, keys)
def test_two_pages_have_two_ids(one, other):
    assert (page_id_of(*one) == page_id_of(*other)) == (one == other)
