"""The characters the page reader can write down, and how text is brought to them."""

import unicodedata

_LATIN = "".join(chr(c) for c in range(0xC0, 0x100) if chr(c) not in "×÷") + "ŒœŠšŽžŸ"
_SIGNS = "•€£¥©®™°§±×·µ"
OTHER = "\ufffd"
BLANK, SPACE = 0, 1
ALPHABET = " " + "".join(chr(c) for c in range(0x21, 0x7F)) + _LATIN + _SIGNS + OTHER
SIZE = len(ALPHABET) + 1

_INDEX = {character: index for index, character in enumerate(ALPHABET, start=1)}
_LIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-")
    | dict.fromkeys("\u25cf\u25aa\u25a0\u2023\u25e6\u25cb\uf0b7", "•")
    | {"\u2044": "/", "\u2026": "...", "\u2122": "™", "\u00b5": "µ", "\u03bc": "µ"}
)


def normalize(text: str) -> str:
    """`text` in the characters of the alphabet; look-alikes become one, what is unknown becomes OTHER.

    >>> normalize("ﬁve “%” – naïve")
    'five "%" - naïve'
    """
    text = unicodedata.normalize("NFKC", text.translate(_LIKE)).translate(_LIKE)
    return "".join(c if c in _INDEX else OTHER for c in text)


def encode(text: str) -> list[int]:
    """Class indices (1-based; 0 is the CTC blank) of a normalized text."""
    return [_INDEX[c] for c in text]


def decode(indices: list[int]) -> str:
    """The text of class indices without blanks."""
    return "".join(ALPHABET[i - 1] for i in indices)
