"""Terms as the version before split them: indexes built by it are asked for them too.

It knew no marks of letters but accents, so that words of India, Thailand and their neighbours fell apart, and
took the voicing marks of Japanese for such. `vdr check --repair` brings an index to the rule of today.
"""

import re
import unicodedata

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W_{_UNSPACED}]"
_TERM = re.compile(rf"[{_UNSPACED}]+|{_LETTER}+(?:[.,'-]{_LETTER}+)*")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_FOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)


def earlier_terms(text: str) -> list[str]:
    """The terms of a text that is not ASCII, of which the rule is the same."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'").lower())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).lower().translate(_FOLDED)
    return [part for term in _TERM.findall(plain) for part in _parts(term)]


def _parts(term: str) -> list[str]:
    if len(term) == 1 or not _IS_UNSPACED.match(term):
        return [term]
    return [term[place : place + 2] for place in range(len(term) - 1)]
