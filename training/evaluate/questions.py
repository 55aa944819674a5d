"""Reads the questions of an evaluation: one JSON object a line, each with the pages that answer it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from vdr.errors import BadInput

FILE_NAME = "queries.jsonl"
_REMEDY = "Correct the file and run again."
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one document; `page_numbers` are all the pages that hold a part of the answer.

    `evidence` says what kinds of evidence they hold, `source` where the question comes from ("" if unknown).
    """

    query_id: str
    text: str
    document: str
    page_numbers: tuple[int, ...]
    evidence: tuple[str, ...] = ()
    source: str = ""


def read_questions(folder: Path) -> list[Question]:
    """The questions in `folder`/queries.jsonl; blank lines are passed over.

    Raises BadInput where the file is missing, empty or unreadable, with the number of the first bad line.
    """
    file = folder / FILE_NAME
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}.", remedy=f"Name a folder with pdfs/ and {FILE_NAME}.")
    if not file.is_file():
        raise BadInput(f"There is no {FILE_NAME} in {folder}.", remedy="Write a line for each question.")
    questions = list(_parse(_lines(file)))
    if not questions:
        raise BadInput(f"There are no questions in {file}.", remedy="Write a line for each question.")
    _check_ids(questions)
    return questions


class _Line(BaseModel):
    query_id: _Text
    query: _Text
    document: _Text
    page_numbers: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)]
    evidence: list[str] = []
    source: str = ""


def _lines(file: Path) -> list[str]:
    try:
        # Not splitlines(): a question may hold characters that it takes for the end of a line.
        return file.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text.", remedy=_REMEDY) from error


def _parse(lines: Sequence[str]) -> Iterator[Question]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            read = _Line.model_validate_json(line)
        except ValidationError as error:
            raise BadInput(f"{FILE_NAME}, line {number}: {_reason(error)}", remedy=_REMEDY) from error
        pages = tuple(sorted(set(read.page_numbers)))
        evidence = tuple(dict.fromkeys(read.evidence))
        yield Question(read.query_id, read.query, read.document, pages, evidence, read.source)


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}." if where else f"{first['msg']}."


def _check_ids(questions: Sequence[Question]) -> None:
    seen: set[str] = set()
    for question in questions:
        if question.query_id in seen:
            raise BadInput(f"{FILE_NAME}: there are two questions {question.query_id}.", remedy=_REMEDY)
        seen.add(question.query_id)
