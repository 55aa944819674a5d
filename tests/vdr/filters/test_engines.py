"""Every engine finds what the plain evaluator says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vdr.filters import drawing, engines
from vdr.errors import BadFilter
from vdr.filters import as_metadata, matches, parse_filter
from vdr.filters.fields import BUILT_IN
from vdr.filters.parse import MAX_CONDITIONS
from vdr.filters.values import LARGEST_NUMBER
from vdr.index.edge_filter import edge_filter
from vdr.index.payload import FACTS, PAYLOAD_INDEXES
from vdr.index.qdrant_filter import qdrant_filter
from vdr.types import AllOf, AnyOf, Condition, Not, Operator

EXAMPLES = 250


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    with engines.edge(tmp_path_factory.mktemp("shard")) as engine:
        yield engine


@pytest.fixture(scope="module")
def qdrant():
    with engines.qdrant() as engine:
        yield engine


@pytest.fixture(scope="module")
def http():
    with engines.http() as engine:
        yield engine


@pytest.fixture(scope="module")
def sqlite():
    with engines.sql("sqlite://") as engine:
        yield engine


@pytest.fixture(scope="module")
def postgresql(postgres):
    with engines.sql(postgres.database().replace("postgresql:", "postgresql+psycopg:")) as engine:
        yield engine


@pytest.fixture(params=["edge", "qdrant", "http"], scope="module")
def index(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def catalogue(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["edge", "qdrant", "http", "sqlite", "postgresql"], scope="module")
def engine(request):
    return request.getfixturevalue(request.param)


@st.composite
def documents(draw):
    drawn = draw(st.lists(st.tuples(drawing.built_in, drawing.metadata), min_size=1, max_size=6))
    return [
        {**as_metadata(metadata), **built_in, "document_id": f"d{i}"}
        for i, (built_in, metadata) in enumerate(drawn)
    ]


def check(engine, held, asked):
    engine.load(held)
    for each in asked:
        expected = {i for i, fields in enumerate(held) if matches(each, fields)}
        assert engine.find(each) == expected, each


def several(filters):
    return st.lists(filters.map(parse_filter), min_size=1, max_size=6)


@settings(max_examples=EXAMPLES)
@given(held=documents(), asked=several(drawing.filters))
def test_the_index_agrees(index, held, asked):
    check(index, held, asked)


@settings(max_examples=EXAMPLES)
@given(held=documents(), asked=several(drawing.document_filters))
def test_the_catalogue_agrees(catalogue, held, asked):
    check(catalogue, held, asked)


def document(number=0, **metadata):
    return {
        "document_id": f"d{number}",
        "document_name": "a.pdf",
        "page_number": 1,
        "page_count": 1,
        "added_at": "2024-01-01T00:00:00.000000+00:00",
        **as_metadata(metadata),
    }


PAIRS = [drawing.TEXTS, drawing.DATES, drawing.NEARLY_DATES, drawing.NUMBERS + drawing.EXTREMES]
VALUES = [*(value for values in PAIRS for value in values), True, False]


def test_every_odd_value_equals_what_it_should(engine):
    held = [document(i, value=value) for i, value in enumerate(VALUES)]
    check(engine, held, [parse_filter({"value": value}) for value in VALUES])


@pytest.mark.parametrize("operator", ["$gt", "$gte", "$lt", "$lte"])
def test_every_odd_value_is_ordered_as_it_should_be(engine, operator):
    held = [document(i, value=value) for i, value in enumerate(VALUES)]
    bounds = [*drawing.DATES, *drawing.NUMBERS, *drawing.EXTREMES]
    check(engine, held, [parse_filter({"value": {operator: bound}}) for bound in bounds])


def test_numbers_next_to_each_other_are_told_apart(engine):
    values = [
        LARGEST_NUMBER,
        LARGEST_NUMBER - 1,
        0.123456789012345,
        0.123456789012346,
        1e-300,
        1.00000000000001,
    ]
    held = [document(i, value=value) for i, value in enumerate(values)]
    check(engine, held, [parse_filter({"value": value}) for value in values])
    engine.load(held)
    assert engine.find(parse_filter({"value": values[2]})) == {2}


def test_groups_of_nothing_and_lists_of_nothing(engine):
    nothing, everything = AnyOf(()), AllOf(())
    no_ids = Condition("document_id", Operator.IN, ())
    asked = [
        nothing,
        everything,
        no_ids,
        Not(nothing),
        Not(everything),
        Not(no_ids),
        AllOf((everything, no_ids)),
    ]
    check(engine, [document(0), document(1, tags=["q3"])], asked)
    assert engine.find(no_ids) == set()


def test_as_many_values_and_conditions_as_may_be(engine):
    values = [f"v{i}" for i in range(999)]
    conditions = [{"value": {"$in": [i, str(i)]}} for i in range(MAX_CONDITIONS)]
    asked = [{"value": {"$in": [*values, 3]}}, {"value": {"$in": list(range(1_000))}}, {"$or": conditions}]
    held = [document(0, value="v998"), document(1, value=3), document(2, value=999), document(3)]
    check(engine, held, [parse_filter(each) for each in asked])


@pytest.mark.parametrize("field", ["page_number", "page_label"])
def test_the_catalogue_has_no_pages(catalogue, field):
    for asked in ({field: {"$exists": True}}, {"$not": {"$or": [{"a": 1}, {field: {"$exists": False}}]}}):
        with pytest.raises(BadFilter, match=f"{field} belongs to pages"):
            catalogue.find(parse_filter(asked))


def test_rows_older_than_metadata_have_none(catalogue):
    catalogue.load([document(0, a=1, signed="2024-01-01")])
    catalogue.forget_metadata()
    for asked in ({"a": 1}, {"a": {"$exists": True}}, {"signed": {"$gte": "2024-01-01"}}, {"a": {"$lt": 2}}):
        assert catalogue.find(parse_filter(asked)) == set()
        assert catalogue.find(parse_filter({"$not": asked})) == {0}


@pytest.mark.parametrize("translate", [edge_filter, qdrant_filter])
def test_an_engine_of_the_index_takes_no_prefixes(translate):
    with pytest.raises(ValueError, match="'Rep' was not resolved"):
        translate(parse_filter({"$not": {"document_name": {"$prefix": "Rep"}}}))


def test_every_built_in_field_is_indexed():
    assert set(PAYLOAD_INDEXES) == {*BUILT_IN, FACTS}
