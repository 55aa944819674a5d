"""Reads questions about PDFs that people labelled: JSON lines or CSV, each with the pages that answer it."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError

from training.pairs.config import Columns
from training.pairs.sources import LABELLED, SourceDocument, SourceQuery
from vdr.errors import BadInput
from vdr.faults import first_fault, first_field

SUFFIXES = (".jsonl", ".csv")
_REMEDY = "Correct the file and run the command again."
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Row = Mapping[str, Any]


def read_labelled(file: Path, columns: Columns) -> list[SourceQuery]:
    """The questions in a .jsonl or .csv file; blank lines are skipped.

    In a CSV, several page numbers of a question are separated by spaces, commas or semicolons. Raises
    BadInput for a file that is missing, empty or unreadable, with the number of the first bad line.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")  # spreadsheets put a mark before it
    except FileNotFoundError as error:
        raise BadInput(f"{file} does not exist.", remedy="") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text.", remedy=_REMEDY) from error
    except OSError as error:
        raise BadInput(f"Cannot read {file}: {error.strerror}.", remedy=_REMEDY) from error
    rows = _csv_rows(file, text) if file.suffix == ".csv" else _json_rows(file, text)
    questions = [_question(file, number, row, columns) for number, row in rows]
    if not questions:
        raise BadInput(f"{file} contains no questions.", remedy="Write one line per question.")
    return questions


def check_pages(
    queries: Sequence[SourceQuery], documents: Sequence[SourceDocument], refused: Sequence[str]
) -> list[SourceQuery]:
    """The questions about documents that could be taken in.

    Raises BadInput for a question about a document that was never given, or a page that it does not have.
    """
    page_counts = {document.name: len(document.texts) for document in documents}
    for query in queries:
        said = f"The question {query.text!r} is about"
        if query.document in refused:
            continue
        if query.document not in page_counts:
            raise BadInput(
                f"{said} {query.document}, which is not among the PDFs.",
                remedy="Add that PDF to the command.",
            )
        if query.page_numbers[-1] > page_counts[query.document]:
            page = f"page {query.page_numbers[-1]} of {query.document}"
            raise BadInput(f"{said} {page}, which has {page_counts[query.document]}.", remedy=_REMEDY)
    return [query for query in queries if query.document not in refused]


def _numbers(value: object) -> object:
    return value.replace(",", " ").replace(";", " ").split() if isinstance(value, str) else value


class _Line(BaseModel):
    query: _Text
    document: _Text
    page_numbers: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1), BeforeValidator(_numbers)]


def _csv_rows(file: Path, text: str) -> Iterator[tuple[int, Row]]:
    reader = csv.DictReader(StringIO(text))
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:  # a quote that is never closed
        raise BadInput(f"{file.name}, line {reader.line_num}: {error}.", remedy=_REMEDY) from error


def _json_rows(file: Path, text: str) -> Iterator[tuple[int, Row]]:
    # Not splitlines(): a question may contain characters that it takes for the end of a line.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, _json_row(file, number, line)


def _json_row(file: Path, number: int, line: str) -> Row:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadInput(f"{file.name}, line {number} is not JSON: {error.msg}.", remedy=_REMEDY) from error
    if not isinstance(row, dict):
        raise BadInput(f"{file.name}, line {number} is not a JSON object.", remedy=_REMEDY)
    return row


def _question(file: Path, number: int, row: Row, columns: Columns) -> SourceQuery:
    wanted = {name: getattr(columns, name) for name in _Line.model_fields}
    try:
        line = _Line.model_validate({name: row[column] for name, column in wanted.items() if column in row})
    except ValidationError as error:
        said = f"{wanted[first_field(error)]}: {first_fault(error, below=1)}"
        raise BadInput(f"{file.name}, line {number}: {said}.", remedy=_REMEDY) from error
    return SourceQuery(line.query, line.document, tuple(sorted(set(line.page_numbers))), LABELLED)
