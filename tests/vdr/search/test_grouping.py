"""Pages of a document come together, and keep the ranks that they have among all."""

import pytest

from vdr.search.grouping import grouped
from vdr.types import Candidate, PageRef

FOUND = [
    Candidate(PageRef(document, number), f"{document}.pdf", 1 / place)
    for place, (document, number) in enumerate(
        [("a", 3), ("b", 1), ("a", 1), ("c", 9), ("a", 2), ("b", 4)], 1
    )
]


@pytest.mark.parametrize(
    ("each", "limit", "offset", "ranks", "pages_found"),
    [
        (2, 10, 0, [1, 3, 2, 6, 4], {"a": 3, "b": 2, "c": 1}),
        (1, 2, 0, [1, 2], {"a": 3, "b": 2}),
        (9, 1, 1, [2, 6], {"b": 2}),
        (1, 5, 3, [], {}),
    ],
)
def test_documents_are_counted_and_pages_keep_their_ranks(each, limit, offset, ranks, pages_found):
    found = grouped(FOUND, each, limit, offset)
    assert [rank for rank, _ in found.ranked] == ranks
    assert all(FOUND[rank - 1] is candidate for rank, candidate in found.ranked)
    assert found.pages_found == pages_found
    assert list(found.pages_found) == list(dict.fromkeys(c.page.document_id for _, c in found.ranked))
