"""What the web UI tells people to do is something that people can do there."""

import re
from collections.abc import Iterator

import pytest

from app.ui.remedies import _REMEDIES, remedy_for_people
from vdr.errors import BadInput, NotFound, PdfBroken, VdrError


def tree(error: type[VdrError] = VdrError) -> Iterator[type[VdrError]]:
    yield error
    for child in error.__subclasses__():
        yield from tree(child)


@pytest.mark.parametrize("error", list(tree()), ids=lambda error: error.__name__)
def test_no_remedy_speaks_to_programs(error: type[VdrError]) -> None:
    remedy = remedy_for_people(error("Something is wrong."))
    assert not re.search(r"VDR_|/v1|`|qpdf|--\w|vdr \w+ ", remedy)
    assert remedy.endswith(".")


def test_every_remedy_is_of_an_error() -> None:
    assert _REMEDIES.keys() <= {error.code for error in tree()}


def test_what_was_said_for_one_case_stays() -> None:
    assert remedy_for_people(NotFound("No page 9.", remedy="Enter a page from 1 to 8.")) == (
        "Enter a page from 1 to 8."
    )
    assert remedy_for_people(BadInput("No.", remedy="Set VDR_X.")).startswith("Ask whoever runs this service")
    assert "print or export" in remedy_for_people(PdfBroken("a.pdf is damaged."))
