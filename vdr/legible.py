"""How sure words read from pixels are, and which are shown: search may gain by a guess, reading does not."""

from collections.abc import Iterable
from dataclasses import replace

from vdr.types import PageWords, Word

_LEAST = 0.2  # chance that a word is right: below it most are flecks, rules and print on its side


def is_legible(confidence: float) -> bool:
    """Is a word of this confidence shown?"""
    return confidence >= _LEAST


def legible(words: PageWords) -> PageWords:
    """The words of a page that are shown."""
    ocr = None if words.ocr is None else legible_words(words.ocr)
    return replace(words, read=legible_words(words.read), ocr=ocr)


def legible_words(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Those of the words that are shown."""
    return tuple(word for word in words if is_legible(word.confidence))


def sureness(words: Iterable[Word]) -> tuple[float, int]:
    """The mean confidence of the words' letters, and how many letters there are."""
    weighed = [(len(word.text), word.confidence) for word in words]
    letters = sum(length for length, _ in weighed)
    return sum(length * confidence for length, confidence in weighed) / max(letters, 1), letters
