"""One form for names that look alike: file systems and keyboards write the same letter in different ways."""

import unicodedata


def composed(name: str) -> str:
    """The name in Unicode's composed form (NFC): macOS writes ü as u and two dots, people type one letter.

    >>> composed("u\\u0308ber.pdf") == "\\u00fcber.pdf"
    True
    """
    return unicodedata.normalize("NFC", name)
