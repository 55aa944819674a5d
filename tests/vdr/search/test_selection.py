"""What of all that was found is shown, page after page, while the library may change in between."""

from collections.abc import Sequence

import pytest

from vdr.search.grouping import EVERYTHING
from vdr.search.selection import Selected, reach, select
from vdr.types import Candidate, PageRef, SearchRequest, SearchSort


def pages(names: str) -> list[Candidate]:
    """A page for each letter, which is its document, best first; the same letter again is its next page."""
    return [
        Candidate(PageRef(name, names[:place].count(name) + 1), "", 1.0) for place, name in enumerate(names)
    ]


def names_of(selected: Selected) -> str:
    return "".join(each.page.document_id for _, each in selected.ranked)


def shown(found: str, before: Sequence[str] = (), **options: int) -> tuple[str, list[int], bool]:
    """What is shown of what was found, after other pages of `before`, one string a page of results."""
    request = SearchRequest("x", **{"limit": 2, **options})  # type: ignore[arg-type]
    keys: frozenset[bytes] = frozenset()
    for each in before:
        keys = frozenset(select(pages(each), request, keys).shown)
    selected = select(pages(found), request, keys)
    return names_of(selected), [rank for rank, _ in selected.ranked], selected.has_more


def test_page_after_page_nothing_is_missed_or_shown_twice() -> None:
    found = "abcde"
    assert shown(found) == ("ab", [1, 2], True)
    assert shown(found, [found]) == ("cd", [3, 4], True)
    assert shown(found, [found] * 2) == ("e", [5], False)
    assert shown(found, [found] * 3) == ("", [], False)
    assert shown("abcd", ["abcd"]) == ("cd", [3, 4], False)


def test_what_is_gone_meanwhile_makes_no_gap() -> None:
    assert shown("bcde", ["abcde"]) == ("cd", [2, 3], True)
    assert shown("cde", ["abcde"]) == ("cd", [1, 2], True)


def test_what_is_new_and_better_than_what_was_shown_comes_first_and_the_rest_follows() -> None:
    assert shown("axbcd", ["abcd"]) == ("xc", [2, 4], True)


def test_what_has_changed_places_is_neither_missed_nor_shown_twice() -> None:
    assert shown("cadb", ["abcd"]) == ("cd", [1, 3], False)


def test_an_offset_counts_as_shown() -> None:
    selected = select(pages("abcde"), SearchRequest("x", limit=1, offset=2), frozenset())
    assert names_of(selected) == "c"
    assert names_of(select(pages("abcde"), SearchRequest("x", limit=9), selected.shown)) == "de"


def test_documents_are_shown_once() -> None:
    found = "abacbd"
    assert shown(found, pages_per_document=1) == ("ab", [1, 2], True)
    assert shown(found, [found], pages_per_document=1) == ("cd", [4, 6], False)
    assert shown("baxcd", [found], pages_per_document=1) == ("xc", [3, 4], True)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 11),
        ({"limit": 3, "offset": 5}, 9),
        ({"pages_per_document": 1}, EVERYTHING),
        ({"facets": ("kind",)}, EVERYTHING),
        ({"sort": SearchSort.NEWEST}, EVERYTHING),
    ],
)
def test_one_more_than_is_shown_has_to_be_found(options: dict[str, int], expected: int) -> None:
    assert reach(SearchRequest("x", **options)) == expected  # type: ignore[arg-type]
