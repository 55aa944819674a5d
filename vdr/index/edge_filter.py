"""Filters as Qdrant Edge takes them."""

from collections.abc import Collection, Sequence

import qdrant_edge as edge

from vdr.filters.fields import BUILT_IN
from vdr.filters.fold import fold
from vdr.index.payload import FACTS, fact, instants_path, path
from vdr.types import Filter, Operator


def edge_filter(filter: Filter) -> edge.Filter:
    """The filter for the embedded engine. Prefixes must have been resolved; raises ValueError otherwise."""
    return fold(filter, _Edge())


def among_others(filter: Filter | None, without: Collection[str]) -> edge.Filter | None:
    """The filter, which these points do not pass; None where all do."""
    passing = None if filter is None else edge_filter(filter)
    if not without:
        return passing
    among_them = edge.Filter(must=[edge.HasIdCondition(set(without))])
    return edge.Filter(must=[] if passing is None else [passing], must_not=[among_them])


class _Edge:
    def all_of(self, parts: Sequence[edge.Filter]) -> edge.Filter:
        return edge.Filter(must=list(parts))

    def any_of(self, parts: Sequence[edge.Filter]) -> edge.Filter:
        # No alternatives would be no constraint to the engine.
        return edge.Filter(should=list(parts)) if parts else edge.Filter(must=[edge.HasIdCondition(set())])

    def negation(self, part: edge.Filter) -> edge.Filter:
        return edge.Filter(must_not=[part])

    def exists(self, field: str) -> edge.Filter:
        if field in BUILT_IN:
            return edge.Filter(must_not=[edge.IsEmptyCondition(field)])
        return _on(FACTS, match=edge.MatchAny([fact(field)]))

    def is_text(self, field: str, values: Sequence[str]) -> edge.Filter:
        if field in BUILT_IN:
            return _on(field, match=edge.MatchAny(list(values)))
        return _on(FACTS, match=edge.MatchAny([fact(field, value) for value in values]))

    def is_number(self, field: str, values: Sequence[float]) -> edge.Filter:
        if field in BUILT_IN:
            return _on(field, match=edge.MatchAny([int(value) for value in values]))
        return _on(FACTS, match=edge.MatchAny([fact(field, value) for value in values]))

    def is_flag(self, field: str, value: bool) -> edge.Filter:
        return _on(FACTS, match=edge.MatchAny([fact(field, value)]))

    def compares(self, field: str, operator: Operator, bound: float) -> edge.Filter:
        return _on(path(field), side=edge.RangeFloat(**{operator.removeprefix("$"): bound}))

    def compares_time(self, field: str, operator: Operator, bound: str) -> edge.Filter:
        return _on(instants_path(field), side=edge.RangeDateTime(**{operator.removeprefix("$"): bound}))

    def has_prefix(self, field: str, prefix: str) -> edge.Filter:
        raise ValueError(f"{field} beginning with {prefix!r} was not resolved to ids.")


def _on(
    key: str, *, match: edge.MatchAny | None = None, side: edge.RangeFloat | edge.RangeDateTime | None = None
) -> edge.Filter:
    return edge.Filter(must=[edge.FieldCondition(key, match=match, range=side)])
