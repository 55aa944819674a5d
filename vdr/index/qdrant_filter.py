"""Filters as a Qdrant server takes them, and qdrant-client's index in memory."""

from collections.abc import Collection, Sequence

from qdrant_client import models

from vdr.filters.fields import BUILT_IN
from vdr.filters.fold import fold
from vdr.index.payload import FACTS, fact, instants_path, path
from vdr.types import Filter, Operator


def qdrant_filter(filter: Filter) -> models.Filter:
    """The filter for the server. Prefixes must have been resolved; raises ValueError otherwise."""
    return fold(filter, _Qdrant())


def among_others(filter: Filter | None, without: Collection[str]) -> models.Filter | None:
    """The filter, which these points do not pass; None where all do."""
    passing = None if filter is None else qdrant_filter(filter)
    if not without:
        return passing
    return models.Filter(must=passing, must_not=[models.HasIdCondition(has_id=list(without))])


class _Qdrant:
    def all_of(self, parts: Sequence[models.Filter]) -> models.Filter:
        return models.Filter(must=list(parts))

    def any_of(self, parts: Sequence[models.Filter]) -> models.Filter:
        # No alternatives would be no constraint to the server.
        nothing = models.Filter(must=[models.HasIdCondition(has_id=[])])
        return models.Filter(should=list(parts)) if parts else nothing

    def negation(self, part: models.Filter) -> models.Filter:
        return models.Filter(must_not=[part])

    def exists(self, field: str) -> models.Filter:
        if field in BUILT_IN:
            empty = models.IsEmptyCondition(is_empty=models.PayloadField(key=field))
            return models.Filter(must_not=[empty])
        return _is_any(FACTS, [fact(field)])

    def is_text(self, field: str, values: Sequence[str]) -> models.Filter:
        if field in BUILT_IN:
            return _is_any(field, list(values))
        return _is_any(FACTS, [fact(field, value) for value in values])

    def is_number(self, field: str, values: Sequence[float]) -> models.Filter:
        if field in BUILT_IN:
            return _is_any(field, [int(value) for value in values])
        return _is_any(FACTS, [fact(field, value) for value in values])

    def is_flag(self, field: str, value: bool) -> models.Filter:
        return _is_any(FACTS, [fact(field, value)])

    def compares(self, field: str, operator: Operator, bound: float) -> models.Filter:
        side = models.Range.model_validate({operator.removeprefix("$"): bound})
        return models.Filter(must=[models.FieldCondition(key=path(field), range=side)])

    def compares_time(self, field: str, operator: Operator, bound: str) -> models.Filter:
        side = models.DatetimeRange.model_validate({operator.removeprefix("$"): bound})
        return models.Filter(must=[models.FieldCondition(key=instants_path(field), range=side)])

    def has_prefix(self, field: str, prefix: str) -> models.Filter:
        raise ValueError(f"{field} beginning with {prefix!r} was not resolved to ids.")


def _is_any(key: str, values: list[str] | list[int]) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key=key, match=models.MatchAny(any=values))])
