"""Filters as conditions of SQL over the documents, for SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, false, func, not_, or_, select, true

from vdr.catalogue.json_values import COMPARISONS, JsonValues, json_values
from vdr.errors import BadFilter
from vdr.filters.fields import BUILT_IN, OF_A_PAGE
from vdr.filters.fold import fold
from vdr.types import Filter, Operator

# Built-in fields whose columns are called otherwise.
_COLUMNS = {"added_at": "created_at"}
_NAME = "document_name"


def sql_filter(filter: Filter, documents: FromClause, names: FromClause, dialect: str) -> ColumnElement[bool]:
    """The filter as a condition on rows of `documents`, whose `metadata` is JSON as to_stored makes it.

    `names` has the `name`s of each `document_id`, of which a document may have several. `dialect` is sqlite
    or postgresql. Raises BadFilter for what differs between the pages of a document.
    """
    metadata = json_values(documents.c.metadata, dialect)
    return fold(filter, _Sql(documents, names, metadata, "C" if dialect == "postgresql" else "BINARY"))


class _Sql:
    """Names are rows, other built-in fields columns, everything else is in metadata. No condition is NULL."""

    def __init__(self, documents: FromClause, names: FromClause, metadata: JsonValues, bytewise: str) -> None:
        self._documents, self._names, self._metadata = documents, names, metadata
        self._bytewise = bytewise

    def all_of(self, parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        return and_(true(), *parts)

    def any_of(self, parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        return or_(false(), *parts)

    def negation(self, part: ColumnElement[bool]) -> ColumnElement[bool]:
        return not_(part)

    def exists(self, field: str) -> ColumnElement[bool]:
        if field == _NAME:
            return self._named(true())
        return self._column(field).is_not(None) if field in BUILT_IN else self._metadata.exists(field)

    def is_text(self, field: str, values: Sequence[str]) -> ColumnElement[bool]:
        if field == _NAME:
            return self._named(self._names.c.name.in_(values))
        if field not in BUILT_IN:
            return self._metadata.is_text(field, values)
        column = self._column(field)
        return _known(column, column.in_(values))

    def is_number(self, field: str, values: Sequence[float]) -> ColumnElement[bool]:
        if field not in BUILT_IN:
            return self._metadata.is_number(field, values)
        column = self._column(field)
        return _known(column, column.in_(values))

    def is_flag(self, field: str, value: bool) -> ColumnElement[bool]:
        return self._metadata.is_flag(field, value)

    def compares(self, field: str, operator: Operator, bound: float) -> ColumnElement[bool]:
        if field not in BUILT_IN:
            return self._metadata.compares(field, operator, bound)
        column = self._column(field)
        return _known(column, COMPARISONS[operator](column, bound))

    def compares_time(self, field: str, operator: Operator, bound: str) -> ColumnElement[bool]:
        if field not in BUILT_IN:
            return self._metadata.compares_time(field, operator, bound)
        # Times are kept as `instant` writes them, so their order is that of their bytes.
        column = self._column(field)
        return _known(column, COMPARISONS[operator](column.collate(self._bytewise), bound))

    def has_prefix(self, field: str, prefix: str) -> ColumnElement[bool]:
        # LIKE disregards case in SQLite.
        if field == _NAME:
            return self._named(func.substr(self._names.c.name, 1, len(prefix)) == prefix)
        column = self._column(field)
        return _known(column, func.substr(column, 1, len(prefix)) == prefix)

    def _named(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """The documents a name of which fulfils a condition."""
        return self._documents.c.document_id.in_(select(self._names.c.document_id).where(condition))

    def _column(self, field: str) -> ColumnElement[Any]:
        if field in OF_A_PAGE:
            raise BadFilter(
                f"{field} belongs to pages and cannot select documents.",
                remedy="Remove it, or search pages instead.",
            )
        return self._documents.c[_COLUMNS.get(field, field)]


def _known(column: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(column.is_not(None), condition)
