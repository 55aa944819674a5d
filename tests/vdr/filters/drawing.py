"""Documents and filters as hypothesis draws them: few keys and values, odd ones, so that they often meet."""

from hypothesis import strategies as st

from vdr.filters.values import LARGEST_NUMBER, SMALLEST_FRACTION, instant

KEYS = ("year", "tags", "a.b", "Straße 5", "it's [0]", "true", "名前", "n" * 64, "metadata", "a{b}?(@)")
NAMES = ("a.pdf", "A.pdf", "ab.pdf", "a%.pdf", "ä.pdf", "a\u0308.pdf")
TEXTS = (
    "",
    "q3",
    "Q3",
    "q3 ",
    "1",
    "1.0",
    "true",
    "null",
    "$eq",
    "$asked",
    "%",
    "'",
    '"',
    "\\",
    "\u2028",
    "é",
    "e\u0301",
    "😀",
    "[]",
)
DATES = (
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "2024-01-01T00:00",
    "2024-01-01 02:00+02:00",
    "2023-12-31T23:59:59.999999Z",
    "2024-01-01T00:00:00.000001",
    "2024-01-01T00:00:00.0000019Z",
    "1969-12-31",
    "0001-01-01",
    "9999-12-31T23:59:59.999999Z",
)
NEARLY_DATES = (
    "2024-13-01",
    "2024-02-30",
    "2024-1-1",
    " 2024-01-01",
    "2024-01-01T00:00:00z",
    "2024-01-01T00:00:00 UTC",
    "2024-01-01T00:00+01",
    "20240101",
    "2024-W01-1",
    "0001-01-01T00:00+05:00",
    "2024",
    "２０２４-01-01",
)
NUMBERS = (0, 1, -1, 1.0, -0.0, 0.1, 0.3, 0.1 + 0.2, 1 / 3, 2021, 2021.5, 1e15, 1e-300, 5e-8)
EXTREMES = (LARGEST_NUMBER, -LARGEST_NUMBER, LARGEST_NUMBER - 1, float(LARGEST_NUMBER), SMALLEST_FRACTION)

any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
texts = st.one_of(st.sampled_from(TEXTS + DATES + NEARLY_DATES), any_text)
numbers = st.one_of(
    st.sampled_from(NUMBERS + EXTREMES),
    st.integers(-LARGEST_NUMBER, LARGEST_NUMBER),
    st.floats(-LARGEST_NUMBER, LARGEST_NUMBER, allow_subnormal=False).filter(
        lambda drawn: drawn == 0 or abs(drawn) >= SMALLEST_FRACTION
    ),
)
scalars = st.one_of(texts, numbers, st.booleans())
dates = st.one_of(
    st.sampled_from(DATES),
    st.datetimes().map(lambda drawn: drawn.isoformat()),
    st.dates().map(lambda drawn: drawn.isoformat()),
)
metadata = st.dictionaries(st.sampled_from(KEYS), st.one_of(scalars, st.lists(texts, max_size=3)), max_size=4)

whole_numbers = st.integers(0, 4)
instants = dates.map(instant)
kinds = st.sampled_from(("pdf", "docx", "PDF"))
# The same bytes may have been sent under several names.
several_names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(tuple)
built_in = st.fixed_dictionaries(
    {
        "document_name": st.one_of(st.sampled_from(NAMES), several_names),
        "page_number": whole_numbers,
        "page_count": whole_numbers,
        "added_at": instants,
    },
    optional={"page_label": st.sampled_from(("i", "1", "")), "kind": kinds},
)
ids = st.sampled_from(("d0", "d1", "d2", "D0"))


def _on(field, values, ordered=None):
    """Conditions on a field by a value, by several, and by order where its values have one."""
    several = st.lists(values, min_size=1, max_size=3)
    operators = st.one_of(
        values,
        st.builds(lambda name, value: {name: value}, st.sampled_from(("$eq", "$ne")), values),
        st.builds(lambda name, value: {name: value}, st.sampled_from(("$in", "$nin")), several),
        st.builds(lambda value: {"$exists": value}, st.booleans()),
        *([] if ordered is None else [_ordered(ordered)]),
    )
    return st.builds(lambda name, operator: {name: operator}, field, operators)


def _ordered(values):
    comparisons = st.sampled_from(("$gt", "$gte", "$lt", "$lte"))
    return st.dictionaries(comparisons, values, min_size=1, max_size=2)


_on_metadata = _on(st.sampled_from(KEYS), scalars, st.one_of(numbers, dates))
_on_documents = st.one_of(
    _on(st.just("document_id"), ids),
    _on(st.just("document_name"), st.sampled_from(NAMES)),
    st.sampled_from(("a", "A", "a%", "ä", "a\u0308", "ab.pdf", "b")).map(
        lambda prefix: {"document_name": {"$prefix": prefix}}
    ),
    _on(st.just("page_count"), whole_numbers, whole_numbers),
    _on(st.just("kind"), kinds),
    _ordered(dates).map(lambda bounds: {"added_at": bounds}),
)
_on_pages = st.one_of(
    _on(st.just("page_number"), whole_numbers, whole_numbers),
    _on(st.just("page_label"), st.sampled_from(("i", "1", ""))),
)


def _nested(conditions):
    return st.recursive(
        conditions,
        lambda parts: st.one_of(
            st.lists(parts, min_size=1, max_size=3).map(lambda drawn: {"$and": drawn}),
            st.lists(parts, min_size=1, max_size=3).map(lambda drawn: {"$or": drawn}),
            parts.map(lambda drawn: {"$not": drawn}),
            st.builds(
                lambda *drawn: {key: value for each in drawn for key, value in each.items()}, parts, parts
            ),
        ),
        max_leaves=6,
    )


document_filters = _nested(st.one_of(_on_metadata, _on_metadata, _on_documents))
filters = _nested(st.one_of(_on_metadata, _on_metadata, _on_documents, _on_pages))
