"""The values that metadata and filters may contain, and their normal form.

All engines must compare values alike, so numbers stay within what each of them keeps exactly. Functions here
raise ValueError with the reason; whoever calls them knows the place.
"""

import math
import re
from datetime import UTC, datetime

# Engines compare as 64-bit floats, and so do JavaScript clients: above 2^53 - 1 integers fall together.
LARGEST_NUMBER = 2**53 - 1
# Closer to zero than this a float loses digits.
SMALLEST_FRACTION = 1e-300
# JSON readers and databases disagree about the last bit of floats that are written with more digits.
SIGNIFICANT_DIGITS = 15

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?"
_ISO = re.compile(rf"{_DATE}(?:[T ]{_TIME}(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def number(value: float) -> int | float:
    """The number to 15 significant digits; a whole one as an int, whatever it came as."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number must be finite")
    if abs(value) > LARGEST_NUMBER:
        raise ValueError(f"numbers must be within ±{LARGEST_NUMBER} (2^53 - 1); send larger ones as strings")
    if value and abs(value) < SMALLEST_FRACTION:
        raise ValueError(f"a number other than 0 must be at least {SMALLEST_FRACTION} in absolute value")
    if value == int(value):
        return int(value)
    rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    return int(rounded) if rounded.is_integer() else rounded


def text(value: str) -> str:
    """The string itself; PostgreSQL cannot store some that Python can."""
    if "\0" in value:
        raise ValueError("a string must not contain NUL characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a string must not contain half of a surrogate pair") from error
    return value


def instant(value: str) -> str | None:
    """An ISO 8601 date or time in UTC, to the microsecond, such that strings sort as times do; else None.

    A date is its midnight; without a time zone UTC is meant.
    """
    if _ISO.fullmatch(value) is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # no such day or hour, or before the year 1 or after 9999 in UTC
        return None
    return utc.isoformat(timespec="microseconds")
