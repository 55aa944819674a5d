"""Metadata of many documents in one file, by file name: CSV, or JSON lines."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from vdr.errors import BadMetadata
from vdr.filters.metadata import as_metadata, parse_value
from vdr.types import Metadata

NAME = "name"

_JSON_LINES = frozenset({".jsonl", ".ndjson"})
_Row = tuple[int, str, dict[str, object]]


def read_metadata_file(path: Path) -> dict[str, Metadata]:
    """The metadata of each file that it names. Raises BadMetadata, which names file and line.

    CSV begins with a row of headings, the first of which is `name`; an empty cell means no value. JSON lines
    are objects with a `name` each.
    """
    found: dict[str, Metadata] = {}
    for line, name, data in _rows(path):
        place = f"{path.name}, line {line}"
        if not name:
            raise BadMetadata(f"{place}: the file name is missing.")
        if name in found:
            raise BadMetadata(f"{place}: {name} appears more than once.")
        found[name] = as_metadata(data, f"{place}: metadata")
    return found


def _rows(path: Path) -> Iterator[_Row]:
    kind = path.suffix.lower()
    if kind != ".csv" and kind not in _JSON_LINES:
        raise BadMetadata(f"{path.name} is neither CSV (.csv) nor JSON lines (.jsonl).")
    try:
        content = path.read_text("utf-8-sig")
    except OSError as error:
        raise BadMetadata(f"Cannot read {path.name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadMetadata(f"{path.name}, line {line}: not UTF-8 text.") from error
    return _csv_rows(path, content) if kind == ".csv" else _json_rows(path, content)


def _csv_rows(path: Path, content: str) -> Iterator[_Row]:
    lines = csv.reader(StringIO(content, newline=""), strict=True)
    try:
        headings = _headings(path, next(lines, []))
        for cells in lines:
            if not cells:
                continue
            if len(cells) != len(headings):
                place = f"{path.name}, line {lines.line_num}"
                raise BadMetadata(f"{place}: {len(cells)} values for {len(headings)} columns.")
            values = zip(headings[1:], cells[1:], strict=True)
            yield lines.line_num, cells[0].strip(), {key: parse_value(cell) for key, cell in values if cell}
    except csv.Error as error:
        raise BadMetadata(f"{path.name}, line {lines.line_num}: {error}.") from error


def _headings(path: Path, cells: list[str]) -> list[str]:
    headings = [cell.strip() for cell in cells]
    if headings[:1] != [NAME]:
        raise BadMetadata(f"{path.name}, line 1: the first column must be {NAME}.")
    twice = next((each for i, each in enumerate(headings) if each in headings[:i]), None)
    if twice is not None:
        raise BadMetadata(f"{path.name}, line 1: two columns are named {twice!r}.")
    return headings


def _json_rows(path: Path, content: str) -> Iterator[_Row]:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path.name}, line {number}"
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadMetadata(f"{place}: invalid JSON ({error}).") from error
        if not isinstance(data, dict) or not isinstance(data.get(NAME), str):
            raise BadMetadata(f'{place}: expected an object with a "{NAME}".')
        yield number, data[NAME], {key: value for key, value in data.items() if key != NAME}
