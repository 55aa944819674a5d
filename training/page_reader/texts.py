"""What rendered pages say: the words of real pages, changed in the ways print changes them, and numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_ACCENTS = {"a": "áàâäãå", "e": "éèêë", "i": "íìîï", "o": "óòôöõø", "u": "úùûü", "c": "ç", "n": "ñ", "s": "ß"}
_SIGNS = ("•", "©", "®", "™", "°", "§", "±", "€", "£", "¥")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class TextSource:
    """Draws phrases from lines of real text."""

    lines: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, lines: Iterable[Iterable[str]]) -> "TextSource":
        """Keeps the lines that hold at least two words."""
        return cls(tuple(line for line in (tuple(words) for words in lines) if len(line) > 1))

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
        form = int(rng.integers(8))
        text = (f"{value:,.0f}", f"{value:,.1f}", f"{value:,.2f}", f"{value % 100:.1f}%", f"({value:,.0f})",
                f"${value:,.0f}", f"{int(1900 + value % 150)}", f"{value % 10:.2f}")[form]  # fmt: skip
        return text if rng.random() > 0.03 else "-"


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
