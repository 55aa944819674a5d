"""Conditions on the values in a JSON column, in the two dialects that have nothing in common here."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, false, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from vdr.filters.metadata import INSTANTS
from vdr.types import Operator

COMPARISONS: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.GT: operator.gt,
    Operator.GTE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LTE: operator.le,
}
_SIGNS = {Operator.GT: ">", Operator.GTE: ">=", Operator.LT: "<", Operator.LTE: "<="}
_NUMBERS = ("integer", "real")


def json_values(column: ColumnElement[Any], dialect: str) -> "JsonValues":
    """Conditions on the values below the keys of a JSON object; they hold if any value fulfils them.

    `dialect` is sqlite or postgresql. No condition is ever NULL.
    """
    return _PostgresValues(column) if dialect == "postgresql" else _SqliteValues(column)


class _SqliteValues:
    """By json_each, which gives an array's elements, or the one value, each with its type."""

    def __init__(self, column: ColumnElement[Any]) -> None:
        self._column = column

    def exists(self, key: str) -> ColumnElement[bool]:
        return self._any(_path(key), lambda _kind, _value: ())

    def is_text(self, key: str, values: Sequence[str]) -> ColumnElement[bool]:
        return self._any(_path(key), lambda kind, value: (kind == "text", value.in_(values)))

    def is_number(self, key: str, values: Sequence[float]) -> ColumnElement[bool]:
        return self._any(_path(key), lambda kind, value: (kind.in_(_NUMBERS), value.in_(values)))

    def is_flag(self, key: str, value: bool) -> ColumnElement[bool]:
        return self._any(_path(key), lambda kind, _value: (kind == ("true" if value else "false"),))

    def compares(self, key: str, operator: Operator, bound: float) -> ColumnElement[bool]:
        compare = COMPARISONS[operator]
        return self._any(_path(key), lambda kind, value: (kind.in_(_NUMBERS), compare(value, bound)))

    def compares_time(self, key: str, operator: Operator, bound: str) -> ColumnElement[bool]:
        compare = COMPARISONS[operator]
        return self._any(_path(INSTANTS, key), lambda _kind, value: (compare(value, bound),))

    def _any(
        self, path: str, conditions: Callable[[Any, Any], Sequence[ColumnElement[bool]]]
    ) -> ColumnElement[bool]:
        each = func.json_each(self._column, path).table_valued("type", "value")
        return exists(select(1).select_from(each).where(*conditions(each.c.type, each.c.value)))


class _PostgresValues:
    """By SQL/JSON paths, in which `[*]` gives an array's elements, or the one value.

    Comparisons between kinds are unknown there, and select nothing.
    """

    def __init__(self, column: ColumnElement[Any]) -> None:
        self._column = cast(column, JSONB)

    def exists(self, key: str) -> ColumnElement[bool]:
        return self._any(_path(key), "true == true", None)

    def is_text(self, key: str, values: Sequence[str]) -> ColumnElement[bool]:
        return self._any(_path(key), "@ == $asked[*]", list(values))

    def is_number(self, key: str, values: Sequence[float]) -> ColumnElement[bool]:
        return self._any(_path(key), "@ == $asked[*]", list(values))

    def is_flag(self, key: str, value: bool) -> ColumnElement[bool]:
        return self._any(_path(key), "@ == $asked", value)

    def compares(self, key: str, operator: Operator, bound: float) -> ColumnElement[bool]:
        return self._any(_path(key), f"@ {_SIGNS[operator]} $asked", bound)

    def compares_time(self, key: str, operator: Operator, bound: str) -> ColumnElement[bool]:
        return self._any(_path(INSTANTS, key), f"@ {_SIGNS[operator]} $asked", bound)

    def _any(self, path: str, test: str, asked: object) -> ColumnElement[bool]:
        found = cast(literal(f"{path}[*] ? ({test})", String), JSONPATH)
        variables = literal({"asked": asked}, JSONB)
        return func.coalesce(func.jsonb_path_exists(self._column, found, variables), false())


JsonValues = _SqliteValues | _PostgresValues


def _path(*keys: str) -> str:
    """The path of nested keys in the syntax that both share; no key contains a quote or a backslash."""
    return "$" + "".join(f'."{key}"' for key in keys)
