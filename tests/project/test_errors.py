"""Errors: what docs/errors.md says is what the program raises."""

from collections.abc import Iterator

from tests.project.files import table_rows, text_of
from vdr.errors import VdrError


def tree(error: type[VdrError] = VdrError) -> Iterator[type[VdrError]]:
    yield error
    for child in error.__subclasses__():
        yield from tree(child)


def meaning(error: type[VdrError]) -> str:
    if error is VdrError:
        return "Something went wrong that should not have."
    return (error.__doc__ or "").strip().splitlines()[0]


def test_every_code_is_documented_as_it_is() -> None:
    documented = {row[0]: row for row in table_rows(text_of("docs/errors.md"))}
    raised = {
        f"`{error.code}`": (f"`{error.code}`", str(error.status), meaning(error), error.remedy)
        for error in tree()
        if error.__module__ == "vdr.errors"
    }
    assert documented == raised


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in tree()]
    assert len(set(codes)) == len(codes)


def test_the_whole_tree_stands_in_one_file() -> None:
    # What is declared elsewhere would be missed above, or depend on what else has been imported.
    assert {error.__module__ for error in tree()} == {"vdr.errors"}
