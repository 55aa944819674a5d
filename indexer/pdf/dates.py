"""Dates as PDFs write them: D:20310517093000Z (ISO 32000-2, 7.9.4), and in XMP 2031-05-17T09:30:00Z."""

import re
from datetime import UTC, datetime, timedelta, timezone

_PARTS = re.compile(
    r"\s*(?:D:)?(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.\d+)?)?)?)?)?)?"
    r"\s*(?:Z|([+-])(\d\d)(?:[':]?(\d\d))?)?",
    re.ASCII,
)


def pdf_date(written: str) -> str | None:
    """The date in ISO 8601, in UTC to the microsecond; None where it is none.

    What is left out is the least there is; without a time zone UTC is meant.

    >>> pdf_date("D:20310517093000+02'00'")
    '2031-05-17T07:30:00.000000+00:00'
    """
    found = _PARTS.match(written)
    if found is None:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = found.groups()
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-ahead if sign == "-" else ahead)
        date = (int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
        return datetime(*date, tzinfo=zone).astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):  # the 31st of February, or before the year 1 in UTC
        return None
