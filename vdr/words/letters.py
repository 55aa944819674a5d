"""Letters as they are compared: without case and accents, in one form wherever Unicode has several."""

import re
import unicodedata

# Marks of these blocks (Indic scripts, Thai, Lao, Tibetan, Burmese, Khmer, Kana) are vowels and the like,
# without which words fall together; those of all other scripts are accents and points that people leave out.
_MARKS_TO_KEEP = re.compile(r"[\u0900-\u109f\u1780-\u17ff\u3099\u309a\ua8e0-\ua8ff\uaa60-\uaa7f]")
# Letters that Unicode does not take for another one with an accent, though people type them so; what
# Persian and Urdu keyboards have for Arabic letters; and hyphens, which alone are written within words.
_ALIKE = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
    | {"ς": "σ", "ک": "ك", "ی": "ي", "ى": "ي", "ٱ": "ا", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ە": "ه"}
    | dict.fromkeys("\u2010\u2011\ufe63", "-")
    | dict.fromkeys("\u2019\u02bc", "'")
    | {"\u0640": "", "\u0901": "\u0902", "\u093c": "", "ʼ": "'"}
)
_THAI_MARKS = re.compile(r"[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece]{2,}")


# Nasals of Devanagari before another letter, which as often are written as a point.
_NASAL = re.compile("[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])")


def plain(text: str) -> str:
    """The text in lower case, letters brought to the form that they are compared in; digits are 0 to 9.

    >>> plain("São ﬁve ２٣ ﷲ")
    'sao five 23 الله'
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'").lower()).lower()
    shown = "".join(map(_kept, decomposed)).translate(_ALIKE)
    return unicodedata.normalize("NFC", _NASAL.sub("\u0902", _in_order(shown)))


def _kept(character: str) -> str:
    if character.isascii():
        return character
    kind = unicodedata.category(character)
    if kind == "Cf":  # soft hyphens, joiners, directions: drawn or obeyed, not read
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind == "Mn" and not _MARKS_TO_KEEP.match(character):
        return ""
    return character


def _in_order(text: str) -> str:
    """Marks of Thai and Lao in one order: programs write them in any, and all look alike."""
    return _THAI_MARKS.sub(lambda marks: "".join(sorted(marks[0])), text).replace("เเ", "แ")
