"""Finds the tables of a page by how its rows are set, and names their figures by row and column."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from training.pairs.layout import Cell, Row

_VALUE = re.compile(r"^[\s$€£¥%()+,.\d–—-]*\d[\s$€£¥%()+,.\d–—-]*$")
_SIGN = re.compile(r"^[\s$€£¥%)(–—-]*(?:\(\d\))*$")
_YEAR = re.compile(r"^(?:fy\s?)?(?:19|20)\d\d$", re.IGNORECASE)
_MAX_HEADER_CHARS = 40
_MAX_LABEL_CHARS = 80


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a table: the heading it stands under, its row and its column (from the top down)."""

    section: str
    row: str
    columns: tuple[str, ...]
    value: str


def is_figures_row(row: Row) -> bool:
    """Whether a row is a label with nothing but figures behind it."""
    rest = row[1:]
    return _is_label(row[0]) and any(map(_is_value, rest)) and all(_is_value(c) or _is_sign(c) for c in rest)


def table_rows(rows: Sequence[Row]) -> set[int]:
    """The places of all rows that belong to tables, headers and sections among them."""
    places = {place for place, row in enumerate(rows) if is_figures_row(row)}
    headers = {
        place
        for place, row in enumerate(rows)
        if place not in places and _is_header(row) and any(place + step in places for step in range(1, 6))
    }
    between = {p for p in range(len(rows)) if p - 1 in places and p + 1 in places and len(rows[p]) == 1}
    return places | headers | between


def figures(rows: Sequence[Row]) -> Iterator[Figure]:
    """The figures of all tables, row by row."""
    table = _Table()
    for row in rows:
        if is_figures_row(row):
            yield from table.read(row)
        elif _is_header(row):
            table.head(row)
        elif len(row) == 1 and _is_section(row[0]):
            table.section = "" if row[0].text.startswith("(") else row[0].text  # (in millions)
        else:
            table = _Table()


@dataclass
class _Table:
    headers: list[Row] = field(default_factory=list)
    section: str = ""
    has_figures: bool = False

    def head(self, row: Row) -> None:
        if self.has_figures:
            self.headers, self.has_figures = [], False
        self.section = ""
        self.headers.append(tuple(cell for cell in row if not cell.text.startswith("(")))

    def read(self, row: Row) -> Iterator[Figure]:
        self.has_figures = True
        values = [cell for cell in row[1:] if _is_value(cell)]
        if row[0].text.lower().startswith("total"):
            self.section = ""
        for place, value in enumerate(values):
            columns = tuple(self._columns(value, place, len(values)))
            if columns:
                yield Figure(self.section, row[0].text, columns, value.text)

    def _columns(self, value: Cell, place: int, count: int) -> list[str]:
        """The headers above a value, the topmost first: each is looked for above the one below it."""
        found: list[str] = []
        at = value
        for header in reversed(self.headers):
            if not header:
                continue
            at = header[place] if len(header) == count else min(header, key=lambda cell: _apart(cell, at))
            found.insert(0, at.text)
        return found


def _is_label(cell: Cell) -> bool:
    return len(cell.text) <= _MAX_LABEL_CHARS and sum(c.isalpha() for c in cell.text) >= 3


def _is_value(cell: Cell) -> bool:
    return bool(_VALUE.match(cell.text)) and not _YEAR.match(cell.text) and not _is_sign(cell)


def _is_sign(cell: Cell) -> bool:
    """Whether it is a currency, a dash or the mark of a footnote."""
    return bool(_SIGN.match(cell.text))


def _is_header(row: Row) -> bool:
    """Two short cells or more, none of them a figure; or years alone."""
    return (
        len(row) >= 2
        and all(len(cell.text) <= _MAX_HEADER_CHARS for cell in row)
        and not any(map(_is_value, row))
        and not any(cell.text.endswith(".") for cell in row)
    )


def _is_section(cell: Cell) -> bool:
    text = cell.text
    return len(text) <= _MAX_LABEL_CHARS and not text.endswith(".") and not text[0].islower()


def _apart(one: Cell, other: Cell) -> float:
    """How far apart two cells are from left to right: below 0 where they overlap."""
    return max(one.left, other.left) - min(one.right, other.right)
