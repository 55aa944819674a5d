"""What a page reader knows of the words of questions: how much each tells, and which others say the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

FILE = "questions.tsv"
# In BM25 a word and its relatives add up, where late interaction takes the best of them: there they count so
# much less (docs/decisions/0010-questions.md).
SUMMED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """`weights` of words that tell more or less than their rarity says, all others having 1; `related` words
    of each, the nearest first, with the share of it that they count.

    Pages know nothing of it, so it can be replaced without embedding pages again.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    related: Mapping[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)

    def weight(self, word: str) -> float:
        """How much a word of a question counts."""
        return self.weights.get(word, 1.0)

    def knows(self, word: str) -> bool:
        """Whether it says anything of a word."""
        return word in self.related or word in self.weights

    def expand(self, words: Iterable[str]) -> dict[str, tuple[str, float]]:
        """The words that may stand in a page for those asked: for whom each stands, and its share.

        A word that is itself asked is none of them; one that may stand for two stands for the nearer.
        """
        asked = list(words)
        found: dict[str, tuple[str, float]] = {}
        for word in asked:
            for other, share in self.related.get(word, ()):
                if share > found.get(other, ("", 0.0))[1]:
                    found[other] = (word, share)
        return {other: by for other, by in found.items() if other not in asked}

    def write(self, file: Path) -> None:
        """A line for each word: the word, its weight, and the related words with their shares."""
        lines = (self._line(word) for word in sorted({*self.weights, *self.related}))
        file.write_text("".join(lines), encoding="utf-8")

    def _line(self, word: str) -> str:
        near = [f"{other} {share:.2g}" for other, share in self.related.get(word, ())]
        return "\t".join([word, f"{self.weight(word):.3g}", *near]) + "\n"

    @classmethod
    def read(cls, file: Path) -> Self:
        """What `write` wrote."""
        rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
        return cls(
            {word: float(weight) for word, weight, *_ in rows if float(weight) != 1},
            {word: tuple(_share(each) for each in near) for word, _, *near in rows if near},
        )


def _share(text: str) -> tuple[str, float]:
    word, share = text.split(" ")
    return word, float(share)
