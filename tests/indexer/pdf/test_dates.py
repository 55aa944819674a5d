"""Dates of PDFs and of XMP, whole, cut short and wrong."""

import pytest

from indexer.pdf.dates import pdf_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("D:20310517093000+02'00'", "2031-05-17T07:30:00"),
        ("D:20310517093000-05'30", "2031-05-17T15:00:00"),
        ("D:20310517093000Z00'00'", "2031-05-17T09:30:00"),
        ("D:20310517093000", "2031-05-17T09:30:00"),
        ("20310517", "2031-05-17T00:00:00"),
        ("D:203105", "2031-05-01T00:00:00"),
        ("D:2031", "2031-01-01T00:00:00"),
        ("2031-05-17T09:30:00+02:00", "2031-05-17T07:30:00"),
        ("2031-05-17T09:30:00.25Z", "2031-05-17T09:30:00"),
        ("2031-05-17 09:30", "2031-05-17T09:30:00"),
        ("2031-05", "2031-05-01T00:00:00"),
    ],
)
def test_dates(written: str, expected: str) -> None:
    assert pdf_date(written) == f"{expected}.000000+00:00"


@pytest.mark.parametrize(
    "written", ["", "yesterday", "D:20310231", "D:20311301", "D:00000101", "D:00010101000000+10'00'", "D:9"]
)
def test_what_is_no_date(written: str) -> None:
    assert pdf_date(written) is None
