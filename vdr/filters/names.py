"""Names of documents, resolved by whoever knows them: a document has several, of which the index has one."""

from collections.abc import Callable, Sequence

from vdr.types import AllOf, AnyOf, Condition, Filter, Not, Operator

_OPPOSITES = {Operator.NE: Operator.EQ, Operator.NIN: Operator.IN}


def resolve_names(
    filter: Filter,
    ids_of: Callable[[Condition], Sequence[str]],
) -> Filter:
    """The filter with the ids of documents in place of their names, and of how ids begin.

    `ids_of` gives the ids of all documents that have a name or an id which fulfils a condition ($eq, $in,
    $prefix); if there are none, the condition never holds.
    """
    match filter:
        case AllOf(filters):
            return AllOf(tuple(resolve_names(each, ids_of) for each in filters))
        case AnyOf(filters):
            return AnyOf(tuple(resolve_names(each, ids_of) for each in filters))
        case Not(negated):
            return Not(resolve_names(negated, ids_of))
        case Condition("document_name", Operator.EQ | Operator.IN | Operator.PREFIX) | Condition(
            "document_id", Operator.PREFIX
        ):
            return Condition("document_id", Operator.IN, tuple(ids_of(filter)))
        case Condition("document_name", Operator.NE | Operator.NIN as operator, value):
            opposite = Condition("document_name", _OPPOSITES[operator], value)
            return Not(Condition("document_id", Operator.IN, tuple(ids_of(opposite))))
        case Condition():
            return filter
