"""Reads files with one JSON object a line, as questions and pages to draw are kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from vdr.errors import BadInput
from vdr.faults import first_fault

_REMEDY = "Correct the file and run the command again."
Line = TypeVar("Line", bound=BaseModel)


def read_json_lines(file: Path, kind: type[Line]) -> Iterator[Line]:
    """The lines of a file, without blank ones, each checked when it is reached.

    Raises BadInput where the file cannot be read, and with the number of a line that is wrong.
    """
    try:
        # Not splitlines(): a question may contain characters that it takes for the end of a line.
        lines = file.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text.", remedy=_REMEDY) from error
    except OSError as error:
        raise BadInput(f"Cannot read {file}: {error.strerror}.", remedy=_REMEDY) from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _parse(file, number, line, kind)


def _parse(file: Path, number: int, line: str, kind: type[Line]) -> Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise BadInput(f"{file.name}, line {number}: {first_fault(error)}.", remedy=_REMEDY) from error
