"""Metadata: what may be in it, how it is stored, and how it is given on the command line."""

import json

import pytest
from hypothesis import given

from tests.vdr.filters import drawing
from vdr.errors import BadMetadata
from vdr.filters import (
    as_metadata,
    from_stored,
    merge_metadata,
    parse_metadata,
    parse_pair,
    to_json,
    to_stored,
)
from vdr.filters.metadata import MAX_BYTES, MAX_KEYS
from vdr.filters.values import instant


def test_every_kind_of_value():
    sent = {
        "year": 2021,
        "rate": 0.5,
        "paid": False,
        "signed": "2024-05-06",
        "tags": ["q3", "draft"],
        "none": [],
    }
    assert as_metadata(sent) == {**sent, "tags": ("q3", "draft"), "none": ()}


def test_it_cannot_be_changed():
    with pytest.raises(TypeError):
        as_metadata({"a": 1})["a"] = 2  # type: ignore[index]


def test_numbers_are_kept_as_every_engine_can_keep_them():
    kept = as_metadata(
        {"whole": 2021.0, "zero": -0.0, "sum": 0.1 + 0.2, "third": 1 / 3, "large": 4503599627370495.5}
    )
    assert json.dumps(dict(kept)) == (
        '{"whole": 2021, "zero": 0, "sum": 0.3, "third": 0.333333333333333, "large": 4503599627370500}'
    )


@given(drawing.metadata)
def test_what_is_kept_is_kept_as_it_is(sent):
    kept = as_metadata(sent)
    again = as_metadata(dict(kept))
    assert repr(dict(again)) == repr(dict(kept))


@given(drawing.metadata.map(as_metadata))
def test_what_is_stored_as_json_comes_back(kept):
    assert from_stored(json.loads(json.dumps(to_stored(kept)))) == kept


def test_dates_are_stored_as_instants_too():
    stored = to_stored(
        as_metadata({"signed": "2024-05-06", "tags": ["q3", "2024-01-01T01:00+01:00"], "a": "b"})
    )
    assert stored["_instants"] == {
        "signed": "2024-05-06T00:00:00.000000+00:00",
        "tags": ["2024-01-01T00:00:00.000000+00:00"],
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-05-06T07:08", "2024-05-06T07:08:00.000000+00:00"),
        ("2024-05-06 07:08:09.5", "2024-05-06T07:08:09.500000+00:00"),
        ("2024-05-06T07:08:09.123456789Z", "2024-05-06T07:08:09.123456+00:00"),
        ("2024-05-06T00:00-02:30", "2024-05-06T02:30:00.000000+00:00"),
        ("0999-01-01", "0999-01-01T00:00:00.000000+00:00"),
        *((each, None) for each in drawing.NEARLY_DATES),
    ],
)
def test_which_strings_are_dates(written, meant):
    assert instant(written) == meant


@pytest.mark.parametrize(
    ("sent", "place", "said"),
    [
        ([], "metadata:", "expected a JSON object"),
        ({"a": None}, "metadata.a:", "expected a string"),
        ({"a": {"b": 1}}, "metadata.a:", "expected a string"),
        ({"a": [1]}, "metadata.a[0]:", "only strings"),
        ({"a": ["b", ["c"]]}, "metadata.a[1]:", "only strings"),
        ({"a": ["b\0"]}, "metadata.a[0]:", "NUL"),
        ({"a": "\udfff"}, "metadata.a:", "surrogate"),
        ({"a": float("nan")}, "metadata.a:", "finite"),
        ({"a": -(2**53)}, "metadata.a:", "within"),
        ({"page_number": 1}, "metadata:", "built-in field"),
        ({"": 1}, "metadata:", "1 to 64"),
        ({"k" * 65: 1}, "metadata:", "1 to 64"),
        ({"$eq": 1}, "metadata:", "begin with $ or _"),
        ({"_instants": 1}, "metadata:", "begin with $ or _"),
        ({'"': 1}, "metadata:", "quotes"),
        ({"a\\": 1}, "metadata:", "backslashes"),
        ({"a\n": 1}, "metadata:", "control"),
        ({"a ": 1}, "metadata:", "space"),
        ({str(i): i for i in range(MAX_KEYS + 1)}, "metadata:", "65 keys exceed the limit"),
        ({"a": "x" * MAX_BYTES}, "metadata:", "8,201 bytes exceed the limit of 8,192"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_place(sent, place, said):
    with pytest.raises(BadMetadata) as caught:
        as_metadata(sent)
    assert caught.value.message.startswith(place) and said in caught.value.message


def test_as_much_as_may_be():
    assert as_metadata({"a": "x" * (MAX_BYTES - 9)}) and as_metadata({"k" * 64: 1})
    assert len(as_metadata({str(i): i for i in range(MAX_KEYS)})) == MAX_KEYS


@pytest.mark.parametrize(
    ("pair", "key", "value"),
    [
        ("year=2021", "year", 2021),
        ("rate=-0.5e1", "rate", -5),
        ("paid=true", "paid", True),
        ("paid=FALSE", "paid", False),
        ("signed=2024-05-06", "signed", "2024-05-06"),
        ("code=007", "code", "007"),
        ("phone=+49 30 1", "phone", "+49 30 1"),
        ("id=12345678901234567890", "id", "12345678901234567890"),
        ("size=1e999", "size", "1e999"),
        ("formula=a=b", "formula", "a=b"),
        ("fiscal year = 2021 ", "fiscal year", 2021),
        ("empty=", "empty", ""),
    ],
)
def test_pairs_on_the_command_line(pair, key, value):
    parsed = parse_pair(pair)
    assert parsed == (key, value) and type(parsed[1]) is type(value)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("year", "not in the form key=value"),
        ("=1", "1 to 64"),
        ("kind=a", "built-in"),
        ("a=\0", r"metadata\.a: .*NUL"),
    ],
)
def test_pairs_that_are_none(pair, said):
    with pytest.raises(BadMetadata, match=said):
        parse_pair(pair)


def test_metadata_in_text():
    assert parse_metadata('{"year": 2021, "tags": ["q3"]}') == {"year": 2021, "tags": ("q3",)}


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "7", '{"a": NaN}', '{"a": null}'])
def test_text_that_is_no_metadata(text):
    with pytest.raises(BadMetadata, match=r"^metadata"):
        parse_metadata(text)


def test_a_patch_sets_keys_and_removes_those_that_are_null():
    before = as_metadata({"year": 2021, "tags": ["q3"], "team": "north"})
    after = merge_metadata(before, {"year": 2022, "tags": None, "gone": None, "due": "2024-12-31"})
    assert after == {"year": 2022, "team": "north", "due": "2024-12-31"}
    assert merge_metadata(before, {}) == before
    with pytest.raises(BadMetadata, match="kind"):
        merge_metadata(before, {"kind": "x"})


def test_as_json_has_it():
    assert to_json({"tags": ("a", "b"), "due": "2024-12-31"}) == {"tags": ["a", "b"], "due": "2024-12-31"}
