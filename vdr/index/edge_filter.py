"""Filters as Qdrant Edge takes them."""

from collections.abc import Sequence

import qdrant_edge as edge

from vdr.filters.fold import fold
from vdr.filters.metadata import flag_word
from vdr.index.payload import flags_path, instants_path, path
from vdr.types import Filter, Operator


def edge_filter(filter: Filter) -> edge.Filter:
    """The filter for the embedded engine. Prefixes must have been resolved; raises ValueError otherwise."""
    return fold(filter, _Edge())


class _Edge:
    def all_of(self, parts: Sequence[edge.Filter]) -> edge.Filter:
        return edge.Filter(must=list(parts))

    def any_of(self, parts: Sequence[edge.Filter]) -> edge.Filter:
        # No alternatives would be no constraint to the engine.
        return edge.Filter(should=list(parts)) if parts else _filter(edge.HasIdCondition(set()))

    def negation(self, part: edge.Filter) -> edge.Filter:
        return edge.Filter(must_not=[part])

    def exists(self, field: str) -> edge.Filter:
        return edge.Filter(must_not=[edge.IsEmptyCondition(path(field))])

    def is_text(self, field: str, values: Sequence[str]) -> edge.Filter:
        return _filter(edge.FieldCondition(path(field), match=edge.MatchAny(list(values))))

    def is_number(self, field: str, values: Sequence[float]) -> edge.Filter:
        # Matching a value would tell 1 from 1.0.
        ranges = [edge.RangeFloat(gte=value, lte=value) for value in values]
        return edge.Filter(should=[edge.FieldCondition(path(field), range=each) for each in ranges])

    def is_flag(self, field: str, value: bool) -> edge.Filter:
        match = edge.MatchAny([flag_word(value)])
        return _filter(edge.FieldCondition(flags_path(field), match=match))

    def compares(self, field: str, operator: Operator, bound: float) -> edge.Filter:
        side = edge.RangeFloat(**{operator.removeprefix("$"): bound})
        return _filter(edge.FieldCondition(path(field), range=side))

    def compares_time(self, field: str, operator: Operator, bound: str) -> edge.Filter:
        side = edge.RangeDateTime(**{operator.removeprefix("$"): bound})
        return _filter(edge.FieldCondition(instants_path(field), range=side))

    def has_prefix(self, field: str, prefix: str) -> edge.Filter:
        raise ValueError(f"{field} beginning with {prefix!r} was not resolved to ids.")


def _filter(condition: edge.FieldCondition | edge.HasIdCondition) -> edge.Filter:
    return edge.Filter(must=[condition])
