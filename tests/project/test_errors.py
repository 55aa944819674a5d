"""Errors: what docs/errors.md says is what the program raises."""

from collections.abc import Iterator

import pytest

from tests.project.files import table_rows, text_of
from vdr.errors import ExitCode, MissingProgram, VdrError

_COLUMNS = 4  # of the table of errors; that of exit codes has two


def tree(error: type[VdrError] = VdrError) -> Iterator[type[VdrError]]:
    yield error
    for child in error.__subclasses__():
        yield from tree(child)


def meaning(error: type[VdrError]) -> str:
    if error is VdrError:
        return "An unexpected error occurred."
    return (error.__doc__ or "").strip().splitlines()[0]


def is_raised(error: type[VdrError]) -> bool:
    """Whether it has a code of its own; what has none only brings others together."""
    return "code" in vars(error)


def test_every_code_is_documented_as_it_is() -> None:
    documented = {row[0]: row for row in table_rows(text_of("docs/errors.md")) if len(row) == _COLUMNS}
    raised = {
        f"`{error.code}`": (f"`{error.code}`", str(error.status), meaning(error), error.remedy)
        for error in filter(is_raised, tree())
        if error.__module__ == "vdr.errors"
    }
    assert documented == raised


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in filter(is_raised, tree())]
    assert len(set(codes)) == len(codes)


def test_the_whole_tree_stands_in_one_file() -> None:
    # What is declared elsewhere would be missed above, or depend on what else has been imported.
    assert {error.__module__ for error in tree()} == {"vdr.errors"}


def test_what_brings_errors_together_is_told_by_what_is_below_it() -> None:
    abstract = [error for error in tree() if not is_raised(error)]
    assert [error.__name__ for error in abstract] == ["DocumentError"]
    assert all(error.__subclasses__() for error in abstract)


def test_every_exit_code_is_documented() -> None:
    rows = [row for row in table_rows(text_of("docs/errors.md")) if len(row) < _COLUMNS]
    assert [int(code) for code, _ in rows] == sorted(ExitCode)


@pytest.mark.parametrize(
    ("program", "remedy"),
    [
        ("pdfinfo", "Install poppler-utils"),
        ("pdftohtml", "Install poppler-utils"),
        ("tesseract", "Install tesseract-ocr"),
        ("soffice", "Install LibreOffice"),
        ("unshare", "Install it"),
    ],
)
def test_a_missing_program_is_the_one_to_install(program: str, remedy: str) -> None:
    error = MissingProgram.named(program)
    assert str(error).startswith(f"{program} is not installed, or not on the PATH. {remedy}")
