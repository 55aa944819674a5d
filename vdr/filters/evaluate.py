"""What filters mean. Every engine must answer as this plain evaluator does.

- A field that is missing, or an empty list, has no values; a list has its elements, all else is one value.
- A condition holds if any value of the field fulfils it.
- `$eq` and `$in` compare exactly: strings character by character, dates among them; true and false only with
  themselves, never with 1 and 0; integers and floats as the numbers they are.
- `$gt $gte $lt $lte` with a number look at numbers alone; with an ISO 8601 date or time they look at strings
  that are such, and compare instants: a date is its midnight, without a time zone UTC is meant. With a value
  of any other kind they do not hold.
- `$prefix` holds for strings that begin with it, character by character.
- `$exists: true` holds if the field has values, `$exists: false` if it has none.
- `$ne`, `$nin` and `$not` hold exactly where `$eq`, `$in` and the filter do not, so also for missing fields.
- All of no filters hold always, any of no filters and `$in` of no values never.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from vdr.filters.values import instant
from vdr.types import AllOf, AnyOf, Condition, Filter, Not, Operator, Scalar

_COMPARISONS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.GT: operator.gt,
    Operator.GTE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LTE: operator.le,
}


def matches(filter: Filter, fields: Mapping[str, Scalar | tuple[str, ...]]) -> bool:
    """Whether the filter holds for a page or document with these fields: built-in ones and metadata."""
    match filter:
        case AllOf(filters):
            return all(matches(each, fields) for each in filters)
        case AnyOf(filters):
            return any(matches(each, fields) for each in filters)
        case Not(negated):
            return not matches(negated, fields)
        case Condition(field):
            found = fields.get(field, ())
            return _holds(filter, found if isinstance(found, tuple) else (found,))


def _holds(condition: Condition, values: tuple[Scalar, ...]) -> bool:
    asked = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    match condition.operator:
        case Operator.EQ | Operator.IN:
            return any(_is_same(value, each) for value in values for each in asked)
        case Operator.NE | Operator.NIN:
            return not any(_is_same(value, each) for value in values for each in asked)
        case Operator.EXISTS:
            return bool(values) is asked[0]
        case Operator.PREFIX:
            return any(isinstance(value, str) and value.startswith(str(asked[0])) for value in values)
        case comparison:
            return any(_compares(_COMPARISONS[comparison], value, asked[0]) for value in values)


def _is_same(value: Scalar, asked: Scalar) -> bool:
    return _kind(value) is _kind(asked) and value == asked


def _compares(comparison: Callable[[Any, Any], bool], value: Scalar, asked: Scalar) -> bool:
    if _kind(value) is not _kind(asked):
        return False
    if isinstance(value, str) and isinstance(asked, str):
        moment, bound = instant(value), instant(asked)
        return moment is not None and bound is not None and comparison(moment, bound)
    return not isinstance(value, bool) and comparison(value, asked)


def _kind(value: Scalar) -> type:
    return float if type(value) is int else type(value)
