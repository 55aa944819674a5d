"""Filters as a Qdrant server takes them, and qdrant-client's index in memory."""

from collections.abc import Sequence

from qdrant_client import models

from vdr.filters.fold import fold
from vdr.filters.metadata import flag_word
from vdr.index.payload import flags_path, instants_path, path
from vdr.types import Filter, Operator


def qdrant_filter(filter: Filter) -> models.Filter:
    """The filter for the server. Prefixes must have been resolved; raises ValueError otherwise."""
    return fold(filter, _Qdrant())


class _Qdrant:
    def all_of(self, parts: Sequence[models.Filter]) -> models.Filter:
        return models.Filter(must=list(parts))

    def any_of(self, parts: Sequence[models.Filter]) -> models.Filter:
        # No alternatives would be no constraint to the server.
        return models.Filter(should=list(parts)) if parts else _filter(models.HasIdCondition(has_id=[]))

    def negation(self, part: models.Filter) -> models.Filter:
        return models.Filter(must_not=[part])

    def exists(self, field: str) -> models.Filter:
        return models.Filter(
            must_not=[models.IsEmptyCondition(is_empty=models.PayloadField(key=path(field)))]
        )

    def is_text(self, field: str, values: Sequence[str]) -> models.Filter:
        return _filter(models.FieldCondition(key=path(field), match=models.MatchAny(any=list(values))))

    def is_number(self, field: str, values: Sequence[float]) -> models.Filter:
        # Matching a value would tell 1 from 1.0.
        ranges = [models.Range(gte=value, lte=value) for value in values]
        return models.Filter(should=[models.FieldCondition(key=path(field), range=each) for each in ranges])

    def is_flag(self, field: str, value: bool) -> models.Filter:
        match = models.MatchAny(any=[flag_word(value)])
        return _filter(models.FieldCondition(key=flags_path(field), match=match))

    def compares(self, field: str, operator: Operator, bound: float) -> models.Filter:
        side = models.Range.model_validate({operator.removeprefix("$"): bound})
        return _filter(models.FieldCondition(key=path(field), range=side))

    def compares_time(self, field: str, operator: Operator, bound: str) -> models.Filter:
        side = models.DatetimeRange.model_validate({operator.removeprefix("$"): bound})
        return _filter(models.FieldCondition(key=instants_path(field), range=side))

    def has_prefix(self, field: str, prefix: str) -> models.Filter:
        raise ValueError(f"{field} beginning with {prefix!r} was not resolved to ids.")


def _filter(condition: models.FieldCondition | models.HasIdCondition) -> models.Filter:
    return models.Filter(must=[condition])
