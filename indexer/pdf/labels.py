"""What is printed on pages as their number: i, ii, iii, 1, 2, A-1 (ISO 32000-2, 12.4.2)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# As many as a page's corner has room for.
MAX_LABEL = 32
_ROMAN = (
    *((1_000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


@dataclass(frozen=True, slots=True)
class LabelRange:
    """Pages from the one at `index` (counted from 0) on: a prefix, and a number that begins with `first`.

    `style` is how that is written: D decimal, R and r Roman, A and a letters; any other leaves it out.
    """

    index: int
    style: str
    prefix: str
    first: int


def page_labels(ranges: Sequence[LabelRange], page_count: int) -> tuple[str, ...]:
    """The label of every page; none where these are all the same as the numbers of the pages.

    A page that no range covers, or whose label is empty, is labelled by its number.
    """
    numbers = tuple(str(number) for number in range(1, page_count + 1))
    labels = list(numbers)
    ordered = sorted((each for each in ranges if 0 <= each.index < page_count), key=lambda each: each.index)
    ends = [*(each.index for each in ordered[1:]), page_count]
    for each, end in zip(ordered, ends, strict=False):  # without ranges there is one end too many
        for index in range(each.index, end):
            labels[index] = _label(each, index) or numbers[index]
    return () if tuple(labels) == numbers else tuple(labels)


def _label(numbering: LabelRange, index: int) -> str:
    number = numbering.first + index - numbering.index
    write = _STYLES.get(numbering.style)
    label = numbering.prefix + (write(number) if write else "")
    return "".join(c for c in label if c.isprintable()).strip()[:MAX_LABEL]


def _roman(number: int) -> str:
    """Lower-case Roman; what the Romans had no numeral for, or a corner no room, in decimal digits."""
    if not 0 < number < 4_000:
        return str(number)
    written = ""
    for value, numeral in _ROMAN:
        times, number = divmod(number, value)
        written += times * numeral
    return written


def _letters(number: int) -> str:
    """The standard's a to z, then aa to zz, where a spreadsheet would go on with ab."""
    times, place = divmod(number - 1, 26)
    return chr(ord("a") + place) * (times + 1) if 0 <= times < MAX_LABEL else str(number)


_STYLES: Mapping[str, Callable[[int], str]] = {
    "D": str,
    "R": lambda number: _roman(number).upper(),
    "r": _roman,
    "A": lambda number: _letters(number).upper(),
    "a": _letters,
}
