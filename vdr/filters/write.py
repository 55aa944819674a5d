"""A filter as JSON: the inverse of parsing it."""

from typing import Any

from vdr.types import AllOf, AnyOf, Condition, Filter, Not


def filter_to_json(filter: Filter) -> dict[str, Any]:
    """The JSON object that parse_filter reads back as the same filter."""
    match filter:
        case AllOf(filters):
            return {"$and": [filter_to_json(each) for each in filters]}
        case AnyOf(filters):
            return {"$or": [filter_to_json(each) for each in filters]}
        case Not(negated):
            return {"$not": filter_to_json(negated)}
        case Condition(field, operator, value):
            return {field: {operator.value: list(value) if isinstance(value, tuple) else value}}
