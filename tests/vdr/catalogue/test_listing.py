"""Lists of documents: narrowed, sorted both ways, in pages; by SQLite and PostgreSQL alike."""

import pytest
from pydantic import SecretStr

from tests.fixtures.catalogues import catalogue_in
from tests.vdr.catalogue.test_documents import document, names
from vdr.catalogue.listing import place_of
from vdr.filters import parse_filter
from vdr.settings import IndexSettings
from vdr.types import DocumentSort, DocumentState, Listing, PdfInfo


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request, tmp_path):
    settings = IndexSettings(data_dir=tmp_path)
    if request.param == "postgresql":
        settings = IndexSettings(database_url=SecretStr(request.getfixturevalue("database_url")))
    with catalogue_in(settings) as opened:
        yield opened


def test_a_list_goes_on_after_a_document_that_is_deleted_meanwhile(catalogue):
    for n in (1, 2, 3):
        catalogue.add(document(n))
    place = place_of(catalogue.page(1)[0])
    catalogue.mark_deleted(document(3).document_id)
    assert names(catalogue.page(2, after=place)) == ["2.pdf", "1.pdf"]


@pytest.fixture
def varied(catalogue):
    """Documents whose names, states and ages come in different orders."""
    told = {
        1: ("Übersicht.pdf", "FAILED"),
        2: ("b.pdf", "INDEXED"),
        3: ("A.pdf", "QUEUED"),
        4: ("B.pdf", "INDEXED"),
    }
    for n, (name, state) in told.items():
        catalogue.add(document(n, name=name, state=DocumentState[state]))
    return catalogue


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (DocumentSort.ADDED_AT, [1, 2, 3, 4]),
        (DocumentSort.NAME, [3, 2, 4, 1]),
        (DocumentSort.STATE, [3, 2, 4, 1]),
    ],
)
@pytest.mark.parametrize("is_descending", [False, True])
def test_lists_are_sorted_both_ways_and_come_in_pages(varied, sort, expected, is_descending):
    listing = Listing(sort=sort, is_descending=is_descending)
    seen, after = [], None
    while page := varied.page(1, listing, after):
        seen, after = [*seen, int(page[0].document_id, 16)], place_of(page[0])
    assert seen == (expected[::-1] if is_descending else expected)
    assert varied.page(10, listing, after) == []


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (Listing(states=(DocumentState.INDEXED,)), [4, 2]),
        (Listing(states=(DocumentState.FAILED, DocumentState.QUEUED)), [3, 1]),
        (Listing(name="B"), [4, 2, 1]),
        (Listing(name="ÜBER"), [1]),
        (Listing(name="u\u0308ber"), [1]),
        (Listing(name="%"), []),
        (Listing(name="tide"), [3]),
        (Listing(name="old"), [2]),
        (Listing(name=".pdf", states=(DocumentState.INDEXED,), where=parse_filter({"kind": "image"})), []),
    ],
)
def test_lists_are_narrowed_by_state_and_by_part_of_a_name_or_title(varied, listing, expected):
    varied.change(document(2).document_id, name="Old.pdf")
    varied.change(document(2).document_id, name="b.pdf")
    varied.describe(document(3).document_id, (), PdfInfo(title="Tides"))
    assert [int(one.document_id, 16) for one in varied.page(10, listing)] == expected
    assert varied.count(listing) == len(expected)


def test_the_keys_of_metadata_are_those_that_most_documents_have(catalogue):
    metadata = [
        {"year": 2_024},
        {"year": 2_025, "until": "2026-01-01"},
        {"team": ["a", "b"], "until": "2026-02-01"},
    ]
    for n, each in enumerate(metadata, start=1):
        catalogue.add(document(n, state=DocumentState.INDEXED, metadata=each))
    catalogue.add(document(4, metadata={"draft": True}))
    assert catalogue.metadata_keys(9) == ["until", "year", "team"]
    assert catalogue.metadata_keys(2) == ["until", "year"]
    catalogue.mark_deleted(document(3).document_id)
    assert catalogue.metadata_keys(1) == ["year"]
