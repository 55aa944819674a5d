"""The sentence under a hit says by which words and stages it was found."""

import numpy as np
import pytest

from vdr.search.sentences import reason
from vdr.types import QueryVectors, Stage, Vote

ASKED = QueryVectors(
    np.zeros(4, np.float32),
    terms=("net", "revenue", "region"),
    forms={"regions": "region"},
    related={"sales": "revenue"},
)


@pytest.mark.parametrize(
    ("found", "votes", "expected"),
    [
        (
            {"net", "revenue", "regions"},
            {Stage.TEXT: Vote(1, 0.9), Stage.DOCUMENT: Vote(1, 0.5)},
            "“net”, “revenue” and “region” stand on the page.",
        ),
        ({"net", "sales"}, {}, "“net” stands on the page; “sales” stands for “revenue”."),
        (
            {"net"},
            {Stage.FULL: Vote(7, 0.2), Stage.FULL_2: Vote(2, 0.4)},
            "“net” stands on the page; "
            "a model finds it the second most like the query, of the pages searched.",
        ),
        (
            set(),
            {Stage.FULL_2: Vote(1, 0.4)},
            "A model finds it the most like the query, of the pages searched.",
        ),
        (set(), {Stage.FULL_2: Vote(1, 0.01)}, "It is somewhat like the query as a whole."),
        (set(), {Stage.CROSS_ENCODER: Vote(1, None)}, "The reranker finds it the best."),
        (set(), {Stage.CROSS_ENCODER: Vote(9, None)}, "It is somewhat like the query."),
        (
            set(),
            {Stage.TEXT: Vote(1, 0.9)},
            "Its label, or the title of its document, has words of the query.",
        ),
        (
            set(),
            {Stage.PLACE: Vote(1, 0.8), Stage.PHRASE: Vote(1, 0.8), Stage.DOCUMENT: Vote(3, 0.2)},
            "The query names this page, or what is on it; a quoted phrase stands on the page word for word; "
            "its document answers as well, by its name or on other pages.",
        ),
    ],
)
def test_it_says_what_counted_and_no_more(found, votes, expected):
    assert reason(ASKED, frozenset(found), votes) == expected
