"""What counts as a word, for the sparse indexes and for the page reader alike."""

import re
import unicodedata

_TERM = re.compile(r"[a-z0-9]+(?:[.,'-][a-z0-9]+)*")


def terms(text: str) -> list[str]:
    """The terms of a text in order: lower-case, without accents; numbers keep their inner points and commas.

    >>> terms("Net sales rose 3.5% to $1,452.4 – São Paulo's best")
    ['net', 'sales', 'rose', '3.5', '1,452.4', 'sao', "paulo's", 'best']
    """
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _TERM.findall(plain.lower())
