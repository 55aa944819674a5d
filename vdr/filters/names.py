"""Prefixes of document names, resolved by whoever knows the names: the engines of the index cannot."""

from collections.abc import Callable, Sequence

from vdr.types import AllOf, AnyOf, Condition, Filter, Not, Operator


def resolve_names(
    filter: Filter,
    ids_of: Callable[[str], Sequence[str]],
) -> Filter:
    """The filter with every $prefix on document_name replaced by the ids of the documents so named.

    `ids_of` gives the ids of all documents whose name begins with a string; if there are none, the
    condition never holds.
    """
    match filter:
        case AllOf(filters):
            return AllOf(tuple(resolve_names(each, ids_of) for each in filters))
        case AnyOf(filters):
            return AnyOf(tuple(resolve_names(each, ids_of) for each in filters))
        case Not(negated):
            return Not(resolve_names(negated, ids_of))
        case Condition(_, Operator.PREFIX, value):
            return Condition("document_id", Operator.IN, tuple(ids_of(str(value))))
        case Condition():
            return filter
