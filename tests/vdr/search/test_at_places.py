"""What pages are worth for being where a question says."""

import pytest

from tests.fixtures.words import said
from vdr.filters import matches
from vdr.index import StoredPage
from vdr.prints import print_of
from vdr.search.at_places import PLACE_WEIGHT, at_places, best_documents, page_share, place_scores
from vdr.search.fusion import Fused
from vdr.search.places import PagePlace, Places, places_in
from vdr.types import Box, PageRef, Print, Word


def page(number: int, label: str | None = None, document: str = "a", count: int | None = 20) -> StoredPage:
    return StoredPage(PageRef(document, number), f"{document}.pdf", label or str(number), page_count=count)


def named(question: str) -> PagePlace:
    (place,) = places_in(question).pages
    return place


def printing(number: str) -> Print:
    return print_of([Word(number, Box(0.5, 0.95, 0.52, 0.97))])


def test_a_page_is_known_by_its_number() -> None:
    assert page_share(named("page 3"), page(3)) == 1.0
    assert page_share(named("page 3"), page(4)) == 0.0


def test_a_label_counts_more_than_a_number() -> None:
    by_label, by_number = page_share(named("page 3"), page(7, "3")), page_share(named("page 3"), page(3, "i"))
    assert by_label == 1.0 > by_number > 0.5


def test_a_slide_is_known_by_its_number_alone() -> None:
    assert page_share(named("slide 3"), page(3, "i")) == 1.0
    assert page_share(named("slide 3"), page(7, "3")) == 0.0


@pytest.mark.parametrize("asked", ["page iv", "page IV"])
def test_a_label_is_known_in_upper_and_lower_case(asked: str) -> None:
    assert page_share(named(asked), page(4, "iv")) == 1.0
    assert page_share(named(asked), page(4)) == 0.0
    assert page_share(named(asked), page(6), frozenset({"iv"})) == 1.0


def test_the_last_page_follows_from_how_many_there_are() -> None:
    assert page_share(named("the last page"), page(20)) == 1.0
    assert page_share(named("the penultimate page"), page(19)) == 1.0
    assert page_share(named("the last page"), page(19)) == 0.0
    assert page_share(named("the last page"), page(20, count=None)) == 0.0


def test_what_is_printed_counts_a_bit_more_than_the_number_where_both_are_pages() -> None:
    sure = page_share(named("page 3"), page(3), frozenset({"3"}))
    printed = page_share(named("page 3"), page(5), frozenset({"3"}))
    in_file = page_share(named("page 3"), page(3), frozenset({"1"}))
    assert sure == 1.0 > printed > in_file > 0.5


def fields(stored: StoredPage) -> dict[str, str | int]:
    at = stored.page
    return {"document_id": at.document_id, "page_number": at.page_number, "page_label": stored.page_label}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("slide 3", ["a3", "b3"]),
        ("the last page", ["a20", "b20"]),
        ("page xii", ["a12"]),
        ("page 9", ["a9", "b9"]),
    ],
)
def test_pages_that_may_be_named_are_fetched_from_the_best_documents(
    question: str, expected: list[str]
) -> None:
    where = at_places(places_in(question), [page(1), page(1, document="b")])
    every = [page(n, "xii" if (n, name) == (12, "a") else None, name) for name in "abc" for n in range(1, 21)]
    assert where is not None
    passed = [each.page for each in every if matches(where, fields(each))]
    assert [f"{each.document_id}{each.page_number}" for each in passed] == expected


def test_nothing_is_fetched_for_captions_or_from_no_document() -> None:
    assert at_places(places_in("Figure 3"), [page(1)]) is None
    assert at_places(places_in("page 3"), []) is None


def test_the_best_documents_are_those_of_the_best_pages() -> None:
    pages = {"1": page(1), "2": page(2), "3": page(3, document="b"), "4": page(4, document="c")}
    found = [Fused(point, score, {}) for point, score in zip("1234", (0.8, 0.6, 0.4, 0.2), strict=True)]
    assert best_documents(found, pages, 2) == {"a": (1.0, pages["1"]), "b": (0.5, pages["3"])}


def test_a_place_counts_as_far_as_its_document_answers() -> None:
    pages = {"1": page(3), "2": page(3, document="b"), "3": page(3, document="c"), "4": page(4)}
    documents = {"a": (1.0, pages["1"]), "b": (0.5, pages["2"])}
    scores = place_scores(places_in("page 3"), pages, documents, {})
    assert scores == pytest.approx({"1": PLACE_WEIGHT, "2": PLACE_WEIGHT / 4})


def test_several_places_of_a_question_are_all_preferred() -> None:
    pages = {str(n): page(n) for n in range(1, 5)}
    documents = {"a": (1.0, pages["1"])}
    prints = {"2": print_of(said(["Figure", "1"])), "4": print_of(said(["Figure", "1"]))}
    scores = place_scores(places_in("Figure 1 on pages 2 and 3"), pages, documents, prints)
    assert set(scores) == {"2", "3", "4"}
    assert scores["2"] > scores["3"] == pytest.approx(PLACE_WEIGHT)


def test_margins_are_read_for_pages_and_not_for_slides() -> None:
    pages, documents = {"1": page(5)}, {"a": (1.0, page(5))}
    assert place_scores(places_in("page 3"), pages, documents, {"1": printing("3")})
    assert not place_scores(places_in("slide 3"), pages, documents, {"1": printing("3")})
    assert not place_scores(Places(), pages, documents, {})
