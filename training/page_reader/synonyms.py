"""Which words may stand in a page for the words of a question: their other forms, and words of like meaning.

Likeness is the cosine of the words' vectors in a sentence encoder; of what is near, opposites and words that
are distinguished in lists are left out. A word never counts more than the one it stands for: a share is cut
by how much rarer it is, so that a rare relative does not drown a common word.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from training.page_reader.opposites import are_opposites
from vdr.types import FloatArray
from vdr.words import ASKING_WORDS, wholes

# Chosen on TAT-QA's training questions (docs/decisions/0010-questions.md).
FORM_SHARE, SYNONYM_SHARE = 0.5, 0.3
LIKE = 0.63
MOST_FORMS, MOST_SYNONYMS = 4, 4
_NEIGHBOURS = 40
_ROWS = 2_000
_WORD = re.compile("[a-z]{3,}")
_OFTEN, _OFTEN_TOGETHER, _TOGETHER = 5, 0.1, 3
_PREFIXES = (
    "un",
    "in",
    "im",
    "ir",
    "il",
    "dis",
    "non",
    "de",
    "mis",
    "under",
    "over",
    "anti",
    "sub",
    "super",
    "inter",
)

Related = dict[str, tuple[tuple[str, float], ...]]


@dataclass(frozen=True)
class Corpus:
    """What pages say about words: on how many each occurs, how often, and how often two stand together."""

    pages: int
    pages_with: Counter[str]
    times: Counter[str]
    together: Counter[tuple[str, str]]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Corpus":
        """Counts the terms of page texts."""
        pages, pages_with, times = 0, Counter[str](), Counter[str]()
        together = Counter[tuple[str, str]]()
        for text in texts:
            words = wholes(text)
            pages += 1
            pages_with.update(set(words))
            times.update(words)
            for distance in range(1, _TOGETHER + 1):
                together.update(zip(words, words[distance:], strict=False))
        return cls(pages, pages_with, times, together)

    def idf(self, word: str) -> float:
        """BM25's, of a word that may be on no page."""
        count = self.pages_with[word]
        return math.log1p((self.pages - count + 0.5) / (count + 0.5))

    def are_listed(self, one: str, other: str) -> bool:
        """Whether two words often stand side by side, as in "assets and liabilities"."""
        count = self.together[one, other] + self.together[other, one]
        return count >= _OFTEN and count >= _OFTEN_TOGETHER * min(self.times[one], self.times[other])


def vocabulary(corpus: Corpus, word_list: Path, model: SentenceTransformer) -> list[str]:
    """The words of a list, one a line, that pages hold or the model knows in one piece; no names."""
    known = set(model.tokenizer.get_vocab())
    listed = {line.strip() for line in word_list.read_text(encoding="utf-8").splitlines()}
    return sorted(
        word
        for word in listed - ASKING_WORDS
        if _WORD.fullmatch(word) and (word in known or corpus.pages_with[word] > 1)
    )


def relate(words: Sequence[str], vectors: FloatArray, corpus: Corpus) -> Related:
    """The related words of each, from unit vectors (words, dims), with the shares that they count."""
    told = _Told(words, corpus)
    near = _neighbours(vectors)
    found = {
        word: _chosen(word, [(words[n], like) for n, like in row], told)
        for word, row in zip(words, near, strict=True)
    }
    return {word: chosen for word, chosen in found.items() if chosen}


class _Told:
    """What is known of two words besides how near their vectors are."""

    def __init__(self, words: Sequence[str], corpus: Corpus) -> None:
        self.corpus = corpus
        vocabulary = frozenset(words)
        self._stems = {word: frozenset(_stems(word)) & vocabulary | {word} for word in words}

    def are_forms(self, one: str, other: str) -> bool:
        """Whether two words are one word inflected."""
        return not self._stems[one].isdisjoint(self._stems[other])

    def are_opposed(self, one: str, other: str) -> bool:
        return (
            are_opposites({one, *_stems(one)}, {other, *_stems(other)})
            or _is_negated(*sorted((one, other), key=len))
            or self.corpus.are_listed(one, other)
        )

    def stem(self, word: str) -> str:
        return min(self._stems[word], key=lambda stem: (len(stem), stem))

    def share(self, one: str, other: str, share: float) -> float:
        return share * min(1.0, self.corpus.idf(one) / self.corpus.idf(other))


def _chosen(word: str, near: Sequence[tuple[str, float]], told: _Told) -> tuple[tuple[str, float], ...]:
    forms = [(other, FORM_SHARE) for other, _ in near if told.are_forms(word, other)][:MOST_FORMS]
    synonyms: dict[str, tuple[str, float]] = {}
    for other, like in near:
        if like >= LIKE and not told.are_forms(word, other) and not told.are_opposed(word, other):
            share = SYNONYM_SHARE * (1 + (like - LIKE) / (1 - LIKE)) / 2
            synonyms.setdefault(told.stem(other), (other, share))
    chosen = forms + list(synonyms.values())[:MOST_SYNONYMS]
    shares = ((other, round(told.share(word, other, share), 3)) for other, share in chosen)
    return tuple(sorted((each for each in shares if each[1] > 0), key=lambda each: -each[1]))


def _neighbours(vectors: FloatArray) -> Iterator[list[tuple[int, float]]]:
    """Of each row of unit vectors (words, dims) the nearest rows and their cosines, the nearest first."""
    most = min(_NEIGHBOURS + 1, len(vectors))
    for start in range(0, len(vectors), _ROWS):
        cosines = vectors[start : start + _ROWS] @ vectors.T  # (rows, words)
        for place, row in enumerate(cosines, start):
            nearest = np.argpartition(-row, most - 1)[:most]
            ordered = nearest[np.argsort(-row[nearest], kind="stable")]
            yield [(int(n), float(row[n])) for n in ordered if n != place]


def _stems(word: str) -> Iterator[str]:
    """What a word may be an inflected form of, by the rules of English spelling."""
    for ending, instead in (
        ("ies", "y"),
        ("ied", "y"),
        ("es", ""),
        ("s", ""),
        ("ed", ""),
        ("ed", "e"),
        ("ing", ""),
        ("ing", "e"),
    ):
        if word.endswith(ending) and not word.endswith("ss"):
            stem = word.removesuffix(ending) + instead
            yield stem
            if len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1]


def _is_negated(short: str, long: str) -> bool:
    """Whether one word is the other with a prefix that turns it: paid, unpaid."""
    for prefix in _PREFIXES:
        rest = long.removeprefix(prefix)
        if rest != long and len(_shared(rest, short)) >= max(4, len(short) - 3):
            return True
    return False


def _shared(one: str, other: str) -> str:
    count = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return one[:count]


def embed(words: Sequence[str], model: SentenceTransformer) -> FloatArray:
    """Unit vectors (words, dims)."""
    vectors: FloatArray = model.encode(
        list(words), batch_size=256, normalize_embeddings=True, show_progress_bar=False
    )
    return vectors
