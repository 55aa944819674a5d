"""Reads the questions of an evaluation: one JSON object a line, each with the pages that answer it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from vdr.errors import BadInput
from vdr.json_lines import read_json_lines

FILE_NAME = "queries.jsonl"
_REMEDY = "Correct the file and run the command again."
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
    """The questions in `folder`/queries.jsonl; blank lines are skipped.

    Raises BadInput where the file is missing, empty or unreadable, with the number of the first bad line.
    """
    file = folder / FILE_NAME
    if not folder.is_dir():
        raise BadInput(f"{folder} does not exist.", remedy=f"Choose a folder with pdfs/ and {FILE_NAME}.")
    if not file.is_file():
        raise BadInput(f"{folder} has no {FILE_NAME}.", remedy="Write one line per question.")
    questions = [_question(line) for line in read_json_lines(file, _Line)]
    if not questions:
        raise BadInput(f"{file} contains no questions.", remedy="Write one line per question.")
    _check_ids(questions)
    return questions


class _Line(BaseModel):
    query_id: _Text
    query: _Text
    document: _Text
    page_numbers: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)]
    evidence: list[str] = []
    source: str = ""


def _question(line: _Line) -> Question:
    pages, evidence = tuple(sorted(set(line.page_numbers))), tuple(dict.fromkeys(line.evidence))
    return Question(line.query_id, line.query, line.document, pages, evidence, line.source)


def _check_ids(questions: Sequence[Question]) -> None:
    seen: set[str] = set()
    for question in questions:
        if question.query_id in seen:
            raise BadInput(f"{FILE_NAME}: query_id {question.query_id} appears twice.", remedy=_REMEDY)
        seen.add(question.query_id)
