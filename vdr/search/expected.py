"""What an answer has to show: a number where a question asks how many, a date for when, a name for who."""

import re
from collections.abc import Callable, Sequence, Set

from vdr.words import MONTHS, wholes

Shows = Callable[[Sequence[str]], bool]

_NUMBER = re.compile(
    r"""\bhow\ (?:much|many|long|old|large|big|far|high|tall|deep|fast|often)\b
    |\bpercent|%|\bnumber\ of|\bamount|\btotal\b|\brat(?:e|io)\b|\bprice|\bcost|\baverage\b|\bdifference\b
    |\bcombien\b|\bpourcentage|\bwie\ ?viele?\b|\bprozent|\banzahl\b|\bcuánt|\bporcentaje|\bquant[oiae]s?\b
    |\bpercentual|\bhoeveel\b|\bhur\ m[åy]|\bhvor\ m|\bile\b|\bkolik\b|\bсколько\b|\bпроцент
    |多少|幾|几|何[人件個円年回%％]|いくら|いくつ|몇|얼마|كم|कितन|כמה""",
    re.VERBOSE | re.IGNORECASE,
)
_DATE = re.compile(
    r"""\bwhen\b|\b(?:what|which)\ (?:year|date|day|month|quarter)\b|\bquand\b|\bquelle\ (?:date|année)\b
    |\bwann\b|\bin\ welchem\ jahr\b|\bcuándo\b|\bqu[ée]\ (?:año|fecha)\b|\bquando\b|\bin\ che\ anno\b
    |\bwanneer\b|\bnär\b|\bhvornår\b|\bkiedy\b|\bkdy\b|\bкогда\b|\bв\ каком\ году\b
    |何時|いつ|何年|什么时候|哪一?年|언제|متى|कब|מתי""",
    re.VERBOSE | re.IGNORECASE,
)
_NAME = re.compile(
    r"""\bwh(?:o|om|ose|ere)\b|\b(?:what|which)\ (?:country|city|state|company|person)\b
    |\bqui\ (?:est|a|sont)\b|\boù\b|\bwer\b|\bwen\b|\bwo\b|\bquién
    |\bdónde\b|\bchi\b|\bdove\b|\bquem\b|\bonde\b|\bwaar\b|\bkto\b|\bgdzie\b
    |\bкто\b|\bгде\b""",
    re.VERBOSE | re.IGNORECASE,
)
_YEAR = re.compile(r"\D*(?:19|20)\d\d\D*")


def expected(question: str) -> Shows | None:
    """Tells whether words show what a question asks for and does not say; None if it asks for anything.

    Names are words with a capital in the middle of a sentence, which many scripts do not have.
    """
    said = frozenset(wholes(question))
    if _DATE.search(question):
        return lambda texts: any(_is_date(text, said) for text in texts)
    if _NUMBER.search(question):
        return lambda texts: any(_is_number(text, said) for text in texts)
    if _NAME.search(question):
        return lambda texts: any(_is_name(text, said) for text in texts[1:])
    return None


def _is_number(text: str, said: Set[str]) -> bool:
    has_digit = any(character.isdigit() for character in text)
    return has_digit and not _YEAR.fullmatch(text) and said.isdisjoint(wholes(text))


def _is_date(text: str, said: Set[str]) -> bool:
    if text.isalpha():
        return text.lower() in MONTHS and text.lower() not in said
    return bool(re.search(r"(?:1\d|20)\d\d|[年년月]|\d[./-]\d", text)) and said.isdisjoint(wholes(text))


def _is_name(text: str, said: Set[str]) -> bool:
    return text[:1].isupper() and said.isdisjoint(wholes(text))
