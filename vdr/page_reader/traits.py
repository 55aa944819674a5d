"""What words look like, also those never seen: the traits by which a page reader may weigh them."""

import re
from functools import lru_cache

# Of the size of a word and how near the top it stands, a question says nothing.
QUERY_TRAITS = (0.0, 0.0)
_YEAR = re.compile("(19|20)[0-9]{2}")
_LONG = 12


@lru_cache(16_384)
def word_traits(word: str) -> tuple[float, float, float]:
    """Whether a word contains a digit, is a year, and how long it is."""
    has_digit = any(c.isdigit() for c in word)
    return float(has_digit), float(_YEAR.fullmatch(word) is not None), min(len(word), _LONG) / _LONG
