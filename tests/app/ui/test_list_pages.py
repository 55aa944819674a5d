"""Pages of a list are turned both ways without a gap, whatever is deleted or added meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.ui.list_pages import ListPage, page_after, page_before
from tests.fixtures.catalogues import catalogue_in
from tests.vdr.catalogue.test_documents import document
from vdr.catalogue.documents import Catalogue
from vdr.catalogue.listing import place_of
from vdr.settings import IndexSettings
from vdr.types import DocumentSort, DocumentState, Listing

STATES = (DocumentState.INDEXED, DocumentState.FAILED, DocumentState.QUEUED)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with catalogue_in(IndexSettings(data_dir=tmp_path)) as opened:
        for n in range(1, 8):
            opened.add(document(n, name=f"{n % 3}.pdf", state=STATES[n % 2]))
        yield opened


def numbers(page: ListPage) -> list[int]:
    return [int(each.document_id, 16) for each in page.documents]


@pytest.mark.parametrize("sort", DocumentSort)
@pytest.mark.parametrize("is_descending", [False, True])
def test_back_is_the_way_that_led_there(catalogue, sort, is_descending):
    listing = Listing(sort=sort, is_descending=is_descending)
    forwards = [page_after(catalogue, listing, 3)]
    while forwards[-1].has_next:
        forwards.append(page_after(catalogue, listing, 3, place_of(forwards[-1].documents[-1])))
    assert [len(each.documents) for each in forwards] == [3, 3, 1]
    assert [each.has_previous for each in forwards] == [False, True, True]
    backwards = [forwards[-1]]
    while backwards[-1].has_previous:
        backwards.append(page_before(catalogue, listing, 3, place_of(backwards[-1].documents[0])))
    assert list(map(numbers, backwards[::-1])) == list(map(numbers, forwards))
    assert all(each.has_next for each in backwards[1:])


def test_a_page_before_that_would_be_short_is_the_first_in_full(catalogue):
    place = place_of(page_after(catalogue, Listing(), 3).documents[2])
    first = page_before(catalogue, Listing(), 3, place)
    assert numbers(first) == [7, 6, 5] and first.has_next and not first.has_previous


def test_where_all_that_follows_was_deleted_the_last_page_is_shown(catalogue):
    place = place_of(page_after(catalogue, Listing(), 5).documents[-1])
    for n in (1, 2):
        catalogue.mark_deleted(document(n).document_id)
    last = page_after(catalogue, Listing(), 3, place)
    assert numbers(last) == [5, 4, 3] and last.has_previous and not last.has_next


def test_where_all_before_was_deleted_there_is_no_way_back(catalogue):
    place = place_of(page_after(catalogue, Listing(), 2).documents[-1])
    for n in (6, 7):
        catalogue.mark_deleted(document(n).document_id)
    assert not page_after(catalogue, Listing(), 3, place).has_previous


def test_an_empty_list_has_no_other_page(catalogue):
    nothing = Listing(name="whales")
    assert page_after(catalogue, nothing, 3) == ListPage([])
    assert page_before(catalogue, nothing, 3, place_of(document(1))) == ListPage([])
