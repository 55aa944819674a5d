"""Numbers as people write them, and what they are worth: 12,480.50 and 12 480,50 are both 12480.5."""

import re
from collections.abc import Sequence

_SEPARATORS = ".,' "
NUMBER = re.compile(rf"\d+(?:[{_SEPARATORS}]\d+)*")
# A number with what stands around it in a word: a sign, a currency, brackets, an end of sentence.
ALONE = re.compile(rf"[^\w]*({NUMBER.pattern})[^\w°]*")
_UNITS = """
    mm cm dm m km nm µm μm um ft yd mi nmi mg µg μg ug g kg t lb lbs oz ml cl dl l ltr hl gal bbl
    ms µs μs s sec min h hr hrs d w kw mw gw wh kwh mwh gwh va kva v mv kv ma ah mah ω kω mω hz khz mhz ghz
    pa hpa kpa mpa bar mbar psi n kn nm j kj mj cal kcal k c f db dba ppm ppb mol lx lm cd rpm dpi px
    kb mb gb tb kbit mbit gbit bit m2 m3 cm2 cm3 mm2 km2 dm3 ha ac km/h m/s kmh mph kt kn l/min m3/h rad deg
    мм см м км г кг т мл л квт вт ква в а гц руб 公里 公斤 米 吨 元 円 원
"""
UNITS = frozenset(_UNITS.split())
WITH_UNIT = re.compile(rf"[^\w]*({NUMBER.pattern})°?([^\W\d_][^\W_]*(?:/[^\W\d_]+\d?)?)[^\w]*")
UNIT_ALONE = re.compile(r"°?([^\W\d_]+[23]?(?:/[^\W\d_]+\d?)?)[^\w]*")


def values(written: str) -> list[str]:
    """What a number may be worth, in digits with a point and without zeros at the end.

    One of which that is not clear has several: 1.045 is a thousand and more in German. Empty for what is no
    number, like 1.2.10 or 192.168.0.1.

    >>> values("12,480.50"), values("1.045"), values("3,5"), values("1.2.10")
    (['12480.5'], ['1.045', '1045'], ['3.5'], [])
    """
    groups = re.split(rf"[{_SEPARATORS}]", written)
    marks = [character for character in written if character in _SEPARATORS]
    if not marks:
        return [_value(written)]
    if len(set(marks)) == 1:
        return _of_one_mark(groups, marks[0])
    *before, last = marks
    is_decimal = last in ".," and last not in before and len(set(before)) == 1
    return [_value("".join(groups[:-1]), groups[-1])] if is_decimal and _is_grouped(groups[:-1]) else []


def _of_one_mark(groups: list[str], mark: str) -> list[str]:
    whole = [_value("".join(groups))] if _is_grouped(groups) else []
    return whole if len(groups) > 2 or mark not in ".," else [_value(*groups), *whole]


def _is_grouped(groups: Sequence[str]) -> bool:
    """Whether digits are in groups of thousands, or of hundreds above those as in India."""
    first, *between, last = groups
    sizes = {len(group) for group in between}
    return first[0] != "0" and len(first) <= 3 and len(last) == 3 and (sizes <= {3} or sizes == {2})


def _value(whole: str, decimals: str = "") -> str:
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
