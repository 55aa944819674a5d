"""The meaning of filters, line by line."""

import pytest
from hypothesis import given

from tests.vdr.filters import drawing
from vdr.filters import as_metadata, matches, parse_filter
from vdr.types import AllOf, AnyOf, Condition, Not, Operator

FIELDS = {
    **as_metadata(
        {
            "year": 2021,
            "rate": 0.5,
            "paid": True,
            "open": False,
            "one": 1,
            "author": "Ada",
            "digits": "2021",
            "signed": "2024-05-06",
            "sent": "2024-05-06T01:00:00+02:00",
            "tags": ["q3", "draft", "2024-05-06"],
            "none": [],
        }
    ),
    "document_id": "d1",
    "document_name": "Report 1.pdf",
    "page_number": 3,
    "added_at": "2024-05-06T07:08:09.000000+00:00",
}


def holds(**asked):
    return matches(parse_filter(asked), FIELDS)


@pytest.mark.parametrize(
    "asked",
    [
        {"year": 2021},
        {"year": 2021.0},
        {"rate": {"$eq": 0.5}},
        {"paid": True},
        {"open": False},
        {"author": "Ada"},
        {"tags": "q3"},
        {"tags": {"$in": ["q4", "draft"]}},
        {"year": {"$in": ["2021", 2021]}},
        {"author": {"$ne": "ada"}},
        {"author": {"$nin": ["Bob"]}},
        {"year": {"$gt": 2020, "$lt": 2021.5}},
        {"year": {"$gte": 2021, "$lte": 2021}},
        {"signed": {"$gte": "2024-05-06"}},
        {"signed": {"$lte": "2024-05-06T00:00:00Z"}},
        {"sent": {"$gt": "2024-05-05T22:59", "$lt": "2024-05-05T23:00:01"}},
        {"tags": {"$gte": "2024-01-01"}},
        {"added_at": {"$gt": "2024-05-06"}},
        {"page_number": 3},
        {"document_name": {"$prefix": "Report"}},
        {"author": {"$exists": True}},
        {"nothing": {"$exists": False}},
        {"none": {"$exists": False}},
        {"$and": [{"year": 2021}, {"author": "Ada"}]},
        {"$or": [{"year": 1999}, {"author": "Ada"}]},
        {"$not": {"year": 1999}},
        {"year": 2021, "author": "Ada"},
    ],
)
def test_it_holds(asked):
    assert holds(**asked)
    assert not holds(**{"$not": asked})


@pytest.mark.parametrize(
    "asked",
    [
        {"author": "ada"},
        {"author": "Ada "},
        {"signed": "2024-05-06T00:00:00Z"},  # the same instant, another string
        {"digits": 2021},
        {"year": "2021"},
        {"one": True},
        {"paid": 1},
        {"open": 0},
        {"year": {"$gt": 2021}},
        {"year": {"$gte": "2021-01-01"}},
        {"digits": {"$gte": 1}},
        {"paid": {"$gte": 0}},
        {"author": {"$lt": "9999-12-31"}},
        {"digits": {"$lt": "9999-12-31"}},
        {"tags": {"$gt": "2024-05-06"}},
        {"nothing": 1},
        {"nothing": {"$lt": 1}},
        {"none": ""},
        {"none": {"$exists": True}},
        {"document_name": {"$prefix": "report"}},
        {"year": 2021, "author": "Bob"},
        {"$or": [{"year": 1999}, {"author": "Bob"}]},
    ],
)
def test_it_does_not_hold(asked):
    assert not holds(**asked)
    assert holds(**{"$not": asked})


@pytest.mark.parametrize("field", ["nothing", "none", "author"])
def test_unequal_is_the_plain_negation_also_where_nothing_is_there(field):
    assert holds(**{field: {"$ne": "x"}}) and holds(**{field: {"$nin": ["x", 1]}})


def test_a_list_that_has_the_value_among_others_is_not_unequal_to_it():
    assert not holds(tags={"$ne": "q3"})


def test_all_of_nothing_holds_and_any_of_nothing_does_not():
    assert matches(AllOf(()), FIELDS) and not matches(AnyOf(()), FIELDS)
    assert not matches(Condition("document_id", Operator.IN, ()), FIELDS)


@given(drawing.metadata.map(as_metadata), drawing.filters.map(parse_filter))
def test_a_filter_and_its_negation_never_agree(metadata, drawn):
    assert matches(drawn, metadata) is not matches(Not(drawn), metadata)
