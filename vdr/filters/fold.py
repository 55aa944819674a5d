"""A filter taken apart for an engine: what all translators have in common."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from vdr.filters.values import instant
from vdr.types import AllOf, AnyOf, Condition, Filter, Not, Operator, Scalar

T = TypeVar("T")


class Target(Protocol[T]):
    """What an engine must be able to say; `T` is a condition of its own.

    A field of several values fulfils a condition if any of them does, as `vdr.filters.evaluate` has it.
    """

    def all_of(self, parts: Sequence[T]) -> T:
        """Every part holds; always without parts."""

    def any_of(self, parts: Sequence[T]) -> T:
        """A part holds; never without parts."""

    def negation(self, part: T) -> T:
        """The part does not hold."""

    def exists(self, field: str) -> T:
        """The field has a value."""

    def is_text(self, field: str, values: Sequence[str]) -> T:
        """A value is one of these strings."""

    def is_number(self, field: str, values: Sequence[float]) -> T:
        """A value is one of these numbers."""

    def is_flag(self, field: str, value: bool) -> T:
        """A value is this truth."""

    def compares(self, field: str, operator: Operator, bound: float) -> T:
        """A value is a number on this side of the bound."""

    def compares_time(self, field: str, operator: Operator, bound: str) -> T:
        """A value is an instant on this side of the bound, which is one as `instant` writes it."""

    def has_prefix(self, field: str, prefix: str) -> T:
        """A value is a string that begins so."""


def fold(filter: Filter, target: Target[T]) -> T:
    """The filter, one that parse_filter accepts, in the words of an engine."""
    match filter:
        case AllOf(filters):
            return target.all_of([fold(each, target) for each in filters])
        case AnyOf(filters):
            return target.any_of([fold(each, target) for each in filters])
        case Not(negated):
            return target.negation(fold(negated, target))
        case Condition():
            return _condition(filter, target)


def _condition(condition: Condition, target: Target[T]) -> T:
    field, value = condition.field, condition.value
    values = value if isinstance(value, tuple) else (value,)
    match condition.operator:
        case Operator.EQ | Operator.IN:
            return _one_of(field, values, target)
        case Operator.NE | Operator.NIN:
            return target.negation(_one_of(field, values, target))
        case Operator.EXISTS:
            exists = target.exists(field)
            return exists if value else target.negation(exists)
        case Operator.PREFIX:
            return target.has_prefix(field, str(value))
        case comparison:
            return _compares(field, comparison, values[0], target)


def _one_of(field: str, values: Sequence[Scalar], target: Target[T]) -> T:
    texts = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    parts = [target.is_flag(field, value) for value in (True, False) if any(each is value for each in values)]
    if texts:
        parts.append(target.is_text(field, texts))
    if numbers:
        parts.append(target.is_number(field, numbers))
    return parts[0] if len(parts) == 1 else target.any_of(parts)


def _compares(field: str, operator: Operator, bound: Scalar, target: Target[T]) -> T:
    if isinstance(bound, str):
        moment = instant(bound)
        return target.any_of([]) if moment is None else target.compares_time(field, operator, moment)
    return target.any_of([]) if isinstance(bound, bool) else target.compares(field, operator, bound)
