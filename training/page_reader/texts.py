"""What rendered pages say: words of real pages and of lists, changed as print changes them, and numbers."""

import calendar
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Word lists as Debian's packages wfrench, wngerman and so on install them.
DICTIONARIES = Path("/usr/share/dict")
LANGUAGES = {
    "english": "american-english",
    "french": "french",
    "german": "ngerman",
    "spanish": "spanish",
    "portuguese": "portuguese",
    "italian": "italian",
    "dutch": "dutch",
    "swedish": "swedish",
    "danish": "danish",
    "norwegian": "bokmaal",
    "catalan": "catalan",
}
_HELD_OUT_SHARE = 0.1
LISTED_SHARE = 0.4
_LISTED_LINES, _LISTED_LINE = 150, 12

_ACCENTS = {"a": "áàâäãå", "e": "éèêë", "i": "íìîï", "o": "óòôöõø", "u": "úùûü", "c": "ç", "n": "ñ", "s": "ß"}
_SIGNS = ("•", "©", "®", "™", "°", "§", "±", "€", "£", "¥")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_MONTHS = tuple(calendar.month_name)[1:]
_FIELDS = (
    *("Invoice No.", "Date", "Due date", "Customer", "Order no.", "Ship to", "Bill to", "Terms", "Quantity"),
    *("Unit price", "Amount", "Subtotal", "Tax", "VAT", "Total", "Balance due", "Account", "Phone", "Fax"),
    *("E-mail", "Reference", "Page", "Name", "Address", "Signature", "Department"),
)


@dataclass(frozen=True)
class TextSource:
    """Draws phrases from lines of real text; a share of pages is written with words of one list instead."""

    lines: tuple[tuple[str, ...], ...]
    lists: tuple[tuple[str, ...], ...] = ()
    listed_share: float = LISTED_SHARE

    @classmethod
    def of(
        cls,
        lines: Iterable[Iterable[str]],
        lists: Iterable[tuple[str, ...]] = (),
        listed_share: float = LISTED_SHARE,
    ) -> "TextSource":
        """Keeps the lines that hold at least two words."""
        kept = (line for line in (tuple(words) for words in lines) if len(line) > 1)
        return cls(tuple(kept), tuple(lists), listed_share)

    def for_page(self, rng: np.random.Generator) -> "TextSource":
        """What one page is written with: the lines, or words of one list."""
        if not self.lists or (self.lines and rng.random() >= self.listed_share):
            return self
        words = self.lists[rng.integers(len(self.lists))]
        chosen = rng.integers(len(words), size=(_LISTED_LINES, _LISTED_LINE))
        return TextSource(tuple(_sentence([words[i] for i in line], rng) for line in chosen))

    def sentence(self, rng: np.random.Generator, words: int) -> str:
        """About `words` words of running text from consecutive lines."""
        at = int(rng.integers(len(self.lines)))
        chosen: list[str] = []
        while len(chosen) < words:
            chosen += self.lines[at % len(self.lines)]
            at += 1
        return " ".join(_vary(word, rng) for word in chosen[:words])

    def phrase(self, rng: np.random.Generator, words: int) -> str:
        """A label of up to `words` words, cased as labels are."""
        line = self.lines[rng.integers(len(self.lines))]
        start = int(rng.integers(max(len(line) - words, 0) + 1))
        text = " ".join(_vary(word, rng) for word in line[start : start + words])
        case = rng.random()
        return text.upper() if case < 0.2 else text.title() if case < 0.45 else text

    def number(self, rng: np.random.Generator) -> str:
        """A figure as tables hold them."""
        value = float(np.exp(rng.uniform(0, 14)))
        form = int(rng.integers(12))
        text = (f"{value:,.0f}", f"{value:,.1f}", f"{value:,.2f}", f"{value % 100:.1f}%", f"({value:,.0f})",
                f"${value:,.0f}", f"{int(1900 + value % 150)}", f"{value % 10:.2f}", f"€{value:,.2f}",
                f"£{value % 1000:.2f}", f"-{value % 100:.1f}", f"{value:.0f}")[form]  # fmt: skip
        return text if rng.random() > 0.03 else "-"

    def field(self, rng: np.random.Generator) -> tuple[str, str]:
        """A label of a form and what is filled in: a date, an amount, a code, a name, an address."""
        name = str(rng.choice(_FIELDS)) if rng.random() < 0.6 else self.phrase(rng, 2)
        code = "".join(rng.choice(list(_CODES), int(rng.integers(4, 12))))
        day, month, year = int(rng.integers(1, 29)), int(rng.integers(12)), int(rng.integers(1980, 2040))
        word = "".join(c for c in self.phrase(rng, 1).lower() if c.isascii() and c.isalpha()) or "office"
        values = (
            self.number(rng),
            code,
            f"{code[:3]}-{int(rng.integers(10_000))}",
            f"{_MONTHS[month]} {day}, {year}",
            f"{day:02d}/{month + 1:02d}/{year}",
            f"{year}-{month + 1:02d}-{day:02d}",
            f"{word}@{word[::-1]}.com",
            f"www.{word}.org/{year}",
            f"+{int(rng.integers(1, 99))} {int(rng.integers(100, 999))} {int(rng.integers(1000, 9999))}",
            self.phrase(rng, 3).title(),
        )
        return name + (":" if rng.random() < 0.5 else ""), values[rng.integers(len(values))]


def word_lists(languages: Iterable[str] = LANGUAGES) -> tuple[tuple[str, ...], ...]:
    """The installed lists of the languages, without the words kept for measuring."""
    installed = (read_word_list(language) for language in languages)
    kept = (tuple(word for word in words if not is_held_out_word(word)) for words in installed)
    return tuple(words for words in kept if words)


def accented(lists: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Of each list that has any, the words with a letter that English lacks, as a list of their own."""
    found = (tuple(word for word in words if not word.isascii()) for words in lists)
    return tuple(words for words in found if words)


def read_word_list(language: str) -> tuple[str, ...]:
    """The words of a language of LANGUAGES; none where its list is not installed."""
    file = DICTIONARIES / LANGUAGES[language]
    if not file.exists():
        return ()
    content = file.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError:  # some lists are older than that
        text = content.decode("latin-1")
    return tuple(word for word in text.split() if len(word) > 1)


def is_held_out_word(word: str) -> bool:
    """Some words, chosen by their hash, are kept for measuring how well languages are read."""
    return zlib.crc32(word.encode()) % 1000 < 1000 * _HELD_OUT_SHARE


def _sentence(words: list[str], rng: np.random.Generator) -> tuple[str, ...]:
    """Words with the capitals, commas and quotes of a sentence."""
    marks = rng.random(len(words))
    dressed = [
        f"{word}," if mark < 0.08 else f'"{word}"' if mark < 0.1 else f"({word})" if mark < 0.11
        else word.capitalize() if mark < 0.22 else word
        for word, mark in zip(words, marks, strict=True)
    ]  # fmt: skip
    return (dressed[0].capitalize(), *dressed[1:-1], f"{words[-1]}{'.' if marks[0] < 0.8 else ';'}")


def _vary(word: str, rng: np.random.Generator) -> str:
    chance = rng.random()
    if chance < 0.03:
        return "".join(
            rng.choice(list(_ACCENTS[c])) if c in _ACCENTS and rng.random() < 0.4 else c for c in word
        )
    if chance < 0.06:
        return "".join(rng.choice(list(_LETTERS), int(rng.integers(3, 11))))
    if chance < 0.08:
        return "".join(rng.choice(list(_CODES), int(rng.integers(2, 9))))
    if chance < 0.10:
        return word.upper()
    if chance < 0.11:
        return str(rng.choice(_SIGNS)) + word
    return word
