"""Dates as people write them, and their days as the standard writes them: 17 May 2031 is 2031-05-17."""

import re
from collections.abc import Sequence
from datetime import date

from vdr.words.whole import MARKS

# As `plain` writes them: English and western Europe, Polish and Czech, Romanian, Turkish, Russian, Greek,
# Arabic, Hindi.
_NAMES = (
    "january jan januar janvier janv enero ene gennaio gen janeiro januari tammikuuta styczen stycznia "
    "leden ledna ianuarie ocak января январь янв ιανουαριου ιανουαριοσ يناير جانفي जनवरी",
    "february feb februar fevrier fevr febrero febbraio febr fevereiro fev februari helmikuuta luty "
    "lutego unor unora februarie subat февраля февраль фев φεβρουαριου φεβρουαριοσ فبراير فيفري फरवरी",
    "march mar marz mars marzo marco maart maaliskuuta marzec marca brezen brezna martie mart марта март "
    "мар μαρτιου μαρτιοσ مارس मार्च",
    "april apr avril avr abril abr aprile huhtikuuta kwiecien kwietnia duben dubna aprilie nisan апреля "
    "апрель апр απριλιου απριλιοσ ابريل افريل अप्रैल",
    "may mai mayo maggio mag maio mei maj toukokuuta maja kveten kvetna mayis мая маи μαιου μαιοσ مايو "
    "ماي मई",
    "june jun juni juin junio giugno giu junho kesakuuta czerwiec czerwca cerven cervna iunie haziran "
    "июня июнь июн ιουνιου ιουνιοσ يونيو جوان जून",
    "july jul juli juillet juil julio luglio lug julho heinakuuta lipiec lipca cervenec cervence iulie "
    "temmuz июля июль июл ιουλιου ιουλιοσ يوليو जुलाई",
    "august aug aout agosto ago augustus augusti elokuuta sierpien sierpnia srpen srpna agustos августа "
    "август авг αυγουστου αυγουστοσ اغسطس اوت अगस्त",
    "september sep sept septembre septiembre settembre set setembro syyskuuta wrzesien wrzesnia zari "
    "septembrie eylul сентября сентябрь сен сент σεπτεμβριου σεπτεμβριοσ سبتمبر सितंबर",
    "october oct oktober okt octobre octubre ottobre ott outubro out lokakuuta pazdziernik pazdziernika "
    "rijen rijna octombrie ekim октября октябрь окт οκτωβριου οκτωβριοσ اكتوبر अक्टूबर",
    "november nov novembre noviembre novembro marraskuuta listopad listopada listopadu noiembrie kasim "
    "ноября ноябрь ноя νοεμβριου νοεμβριοσ نوفمبر नवंबर",
    "december dec dezember dez decembre diciembre dic dicembre dezembro joulukuuta grudzien grudnia "
    "prosinec prosince decembrie aralik декабря декабрь дек δεκεμβριου δεκεμβριοσ ديسمبر दिसंबर",
)
MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
# What may stand between day, month and year: 17th of May, 17 de mayo de 2031.
_FILLERS = frozenset({"of", "the", "de", "del", "d", "st", "nd", "rd", "th", "er", "o", "г"})
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<![\d.,/-])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|(?<=\d\d.\d\d.)\d{2})(?![\d/-])")
_TOKEN = re.compile(rf"\d+|(?:[^\W\d_]|[{MARKS}])+")
_PIVOT = 70  # 69 is 2069, 70 is 1970


def days(written: str) -> list[str]:
    """The days that a text in figures may name: both where day and month could be either.

    >>> days("17/05/2031"), days("05/06/2031"), days("2031年5月17日")
    (['2031-05-17'], ['2031-06-05', '2031-05-06'], ['2031-05-17'])
    """
    found = [_day(year, month, day) for year, month, day in _YEAR_FIRST.findall(written)]
    for one, _, other, year in _YEAR_LAST.findall(written):
        found += [_day(year, other, one), _day(year, one, other)]
    return list(dict.fromkeys(day for day in found if day))


def named_day(before: Sequence[str], month: str, after: Sequence[str]) -> str:
    """The day that a month's name belongs to, the month where it has no day, "" where it has no year.

    `before` and `after` are the nearest words, the nearest first, fillers left out.

    >>> named_day(["17"], "may", ["2031"]), named_day([], "may", ["2031"])
    ('2031-05-17', '2031-05')
    """
    number = str(MONTHS[month])
    one, two, ago = [*after, "", ""][0], [*after, "", ""][1], [*before, ""][0]
    for year, day in ((one, ago), (two, one), (ago, one)):
        is_short = year is one and len(year) == len("31") and year.isdecimal()
        if (_is_year(year) or is_short) and _is_day(day) and (found := _day(year, number, day)):
            return found
    return f"{one}-{int(number):02}" if _is_year(one) else ""


def names_and_figures(shown: str) -> list[str]:
    """The words and figures of a plain text, those that only join the parts of a date left out."""
    return [token for token in _TOKEN.findall(shown) if token not in _FILLERS]


def _day(year: str, month: str, day: str) -> str:
    number = int(year)
    if len(year) < len("2031"):
        number += 2_000 if number < _PIVOT else 1_900
    try:
        return date(number, int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _is_year(word: str) -> bool:
    return len(word) == len("2031") and word.isdecimal() and word[0] in "12"


def _is_day(word: str) -> bool:
    return len(word) <= len("31") and word.isdecimal()


def month_of(day: str) -> str:
    """The month of a day.

    >>> month_of("2031-05-17")
    '2031-05'
    """
    return day[: len("2031-05")]
