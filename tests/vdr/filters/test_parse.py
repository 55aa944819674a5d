"""Filters are read from JSON, and what is wrong is said with its place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vdr.filters import drawing
from vdr.errors import BadFilter
from vdr.filters import filter_to_json, parse_fields, parse_filter, parse_filter_text, resolve_names
from vdr.filters.parse import MAX_CONDITIONS, MAX_DEPTH, MAX_VALUES
from vdr.types import AllOf, AnyOf, Condition, Not, Operator


def test_the_filter_of_the_documentation():
    asked = {"year": {"$gte": 2021}, "$or": [{"kind": "invoice"}, {"tags": {"$in": ["q3"]}}]}
    year = Condition("year", Operator.GTE, 2021)
    kind, tags = Condition("kind", Operator.EQ, "invoice"), Condition("tags", Operator.IN, ("q3",))
    assert parse_filter(asked) == AllOf((year, AnyOf((kind, tags))))


def test_several_operators_on_a_field_mean_all_of_them():
    asked = {"year": {"$gte": 2021, "$lt": 2023}}
    assert parse_filter(asked) == AllOf(
        (Condition("year", Operator.GTE, 2021), Condition("year", Operator.LT, 2023))
    )


def test_negation_and_conjunction():
    asked = {"$not": {"$and": [{"paid": True}, {"author": {"$exists": False}}]}}
    paid, author = Condition("paid", Operator.EQ, True), Condition("author", Operator.EXISTS, False)
    assert parse_filter(asked) == Not(AllOf((paid, author)))


def test_numbers_are_kept_to_fifteen_digits():
    assert parse_filter({"rate": 0.1 + 0.2}) == parse_filter({"rate": 0.3})


@given(drawing.filters)
def test_what_is_written_is_read_back(asked):
    parsed = parse_filter(asked)
    assert parse_filter(json.loads(json.dumps(filter_to_json(parsed)))) == parsed


@pytest.mark.parametrize(
    ("asked", "place", "said"),
    [
        ([], "filter:", "expected an object, found an empty list"),
        ({}, "filter:", "the filter is empty"),
        ({"$and": []}, "filter.$and:", "expected a non-empty list, found an empty list"),
        ({"$or": {"a": 1}}, "filter.$or:", "found an object"),
        ({"$not": {}}, "filter.$not:", "the filter is empty"),
        ({"$nor": [{"a": 1}]}, "filter.$nor:", "unknown operator"),
        ({"$gte": 3}, "filter.$gte:", "must be inside a field"),
        ({"year": {"$gtr": 3}}, "filter.year.$gtr:", "unknown operator"),
        ({"year": {"gte": 3}}, "filter.year.gte:", "unknown operator"),
        ({"year": {"$not": {"$gt": 3}}}, "filter.year.$not:", "unknown operator"),
        ({"year": {}}, "filter.year:", "the condition is empty"),
        ({"_instants": 1}, "filter._instants:", "must not begin with"),
        ({'a"b': 1}, 'filter.a"b:', "quotes"),
        ({"": 1}, "filter.:", "1 to 64 characters"),
        ({"year": None}, "filter.year:", "found null"),
        ({"year": [2021]}, "filter.year:", "found a list"),
        ({"year": {"$eq": {"a": 1}}}, "filter.year.$eq:", "found an object"),
        ({"$or": [{"a": 1}, {"year": {"$gte": True}}]}, "filter.$or[1].year.$gte:", "not true"),
        ({"year": {"$gt": [1]}}, "filter.year.$gt:", "found a list"),
        ({"year": {"$gte": "abc"}}, "filter.year.$gte:", "ISO 8601"),
        ({"year": {"$lt": "2024-02-30"}}, "filter.year.$lt:", "ISO 8601"),
        ({"year": {"$in": []}}, "filter.year.$in:", "found an empty list"),
        ({"year": {"$nin": "q3"}}, "filter.year.$nin:", "expected a non-empty list"),
        ({"year": {"$in": [1, [2]]}}, "filter.year.$in[1]:", "found a list"),
        ({"year": {"$in": [0] * (MAX_VALUES + 1)}}, "filter.year.$in:", "the limit of 1000"),
        ({"year": {"$exists": 1}}, "filter.year.$exists:", "expected true or false, found 1"),
        ({"author": {"$prefix": "A"}}, "filter.author.$prefix:", "only document_name and document_id"),
        ({"document_name": {"$prefix": ""}}, "filter.document_name.$prefix:", "non-empty string"),
        ({"document_name": {"$prefix": 3}}, "filter.document_name.$prefix:", "found 3"),
        ({"year": 2**53}, "filter.year:", "within"),
        ({"year": 10**400}, "filter.year:", "within"),
        ({"year": float("nan")}, "filter.year:", "finite"),
        ({"year": float("inf")}, "filter.year:", "finite"),
        ({"year": 1e-301}, "filter.year:", "at least"),
        ({"author": "a\0"}, "filter.author:", "NUL"),
        ({"author": "\ud800"}, "filter.author:", "surrogate"),
        ({"page_number": "3"}, "filter.page_number:", "a whole number"),
        ({"page_number": 3.5}, "filter.page_number:", "a whole number"),
        ({"page_number": True}, "filter.page_number:", "a whole number"),
        ({"document_id": {"$in": ["a", 1]}}, "filter.document_id.$in[1]:", "a string"),
        ({"document_name": {"$gt": "2024-01-01"}}, "filter.document_name.$gt:", "cannot be ordered"),
        ({"added_at": "2024-01-01"}, "filter.added_at:", "is a time"),
        ({"added_at": {"$gte": 2024}}, "filter.added_at.$gte:", "a time"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(asked, place, said):
    with pytest.raises(BadFilter) as caught:
        parse_filter(asked)
    assert caught.value.message.startswith(place) and said in caught.value.message
    assert caught.value.code == "bad_filter" and caught.value.remedy


def nested(depth, operator):
    asked: Any = {"a": 1}
    for _ in range(depth):
        asked = {operator: asked if operator == "$not" else [asked]}
    return asked


@pytest.mark.parametrize("operator", ["$and", "$or", "$not"])
def test_filters_may_be_nested_so_deep_and_no_deeper(operator):
    assert parse_filter(nested(MAX_DEPTH, operator))
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(BadFilter, match="nested more than 8 levels deep"):
            parse_filter(nested(depth, operator))


def test_what_several_keys_mean_counts_as_deep():
    innermost = {"a": 1, "b": 2}
    parsed = parse_filter({"$not": innermost})
    assert parse_filter(filter_to_json(parsed)) == parsed
    asked: Any = innermost
    for _ in range(MAX_DEPTH):
        asked = {"$not": asked}
    with pytest.raises(BadFilter, match="nested"):
        parse_filter(asked)


def test_so_many_conditions_and_no_more():
    asked = {"$or": [{"$not": {"a": i}} for i in range(MAX_CONDITIONS)]}
    parse_filter(asked)
    with pytest.raises(BadFilter, match=f"{MAX_CONDITIONS + 1} conditions exceed the limit"):
        parse_filter({**asked, "b": 1})


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3),
        st.dictionaries(st.sampled_from(("$and", "$or", "$not", "$in", "$gte", "$prefix", "a", "")), parts),
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_a_filter_or_refused_as_such(asked):
    try:
        parsed = parse_filter(asked)
    except BadFilter as error:
        assert error.message.startswith("filter")
    else:
        assert parse_filter(filter_to_json(parsed)) == parsed


def test_names_become_ids():
    ids: dict[object, list[str]] = {"Rep": ["d1", "d2"], "x": [], ("a", "b"): ["d3"]}
    asked = {
        "$or": [
            {"$not": {"document_name": {"$prefix": "Rep"}}},
            {"document_name": "x"},
            {"document_name": {"$in": ["a", "b"]}},
            {"document_name": {"$ne": "x"}},
            {"document_name": {"$nin": ["a", "b"]}},
            {"a": 1},
        ]
    }

    def is_in(*found):
        return Condition("document_id", Operator.IN, found)

    parts = (Not(is_in("d1", "d2")), is_in(), is_in("d3"), Not(is_in()), Not(is_in("d3")))
    resolved = resolve_names(AllOf((parse_filter(asked),)), lambda condition: ids[condition.value])
    assert resolved == AllOf((AnyOf((*parts, Condition("a", Operator.EQ, 1))),))


@pytest.mark.parametrize("operator", ["$eq", "$ne", "$prefix"])
def test_names_are_compared_composed(operator):
    decomposed = parse_filter({"document_name": {operator: "Bru\u0308"}})
    assert decomposed == parse_filter({"document_name": {operator: "Br\u00fc"}})
    listed = parse_filter({"document_name": {"$in": ["Bru\u0308"]}, "team": "Bru\u0308"})
    assert listed == AllOf(
        (
            Condition("document_name", Operator.IN, ("Br\u00fc",)),
            Condition("team", Operator.EQ, "Bru\u0308"),  # metadata is what was sent
        )
    )


def test_a_filter_in_text():
    assert parse_filter_text('{"year": 2021}') == Condition("year", Operator.EQ, 2021)


def test_where_text_is_no_json_is_said():
    with pytest.raises(BadFilter, match="filter: invalid JSON at character 5"):
        parse_filter_text('{"x"')


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "7", '{"a": NaN}'])
def test_text_that_is_no_filter(text):
    with pytest.raises(BadFilter, match=r"^filter"):
        parse_filter_text(text)


def test_fields_are_named_as_in_filters_each_once() -> None:
    assert parse_fields(["kind", "department", "kind"], "facets") == ("kind", "department")
    with pytest.raises(BadFilter, match=r"facets\[1\]: invalid field name"):
        parse_fields(["kind", "$x"], "facets")
