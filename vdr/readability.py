"""How well a page could be read: whether OCR should look at it, and what people are told."""

from vdr.legible import sureness
from vdr.merging import merged, uncovered
from vdr.types import PageWords

# Of print in scripts that the reader does not know it believes 0.2 to 0.8, of ordinary print 0.97 and more
# (benchmarks/readability.py).
LOW = 0.85
_FEWEST_LETTERS = 12  # fewer are flecks or a page number
_PARAGRAPH = 100  # letters: pages of sound text have a few that stand in a chart or a logo


def readability(words: PageWords) -> float | None:
    """The share of letters that are likely read right, of those that neither text layer nor OCR has.

    By the reader's confidence, which is calibrated on print in Latin letters. None where there are hardly any
    such letters: the page is blank or has its text, or nothing reads pixels.
    """
    share, letters = _beside_text(words)
    return share if letters >= _FEWEST_LETTERS else None


def is_hardly_read(words: PageWords) -> bool:
    """Whether a paragraph or more is mostly guessed."""
    share, letters = _beside_text(words)
    return letters >= _PARAGRAPH and share < LOW


def _beside_text(words: PageWords) -> tuple[float, int]:
    """What share of the letters read, that no text has, are likely right, and how many there are."""
    return sureness(uncovered(words.read, merged(words)))
