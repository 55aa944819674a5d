"""Whether the words that the page reader reads with confidence p are right in a share p."""

from collections.abc import Sequence

import numpy as np

from training.evaluate.reliability import Judged
from training.page_reader.measure import letters_of, matched
from vdr.types import PageWords


def judge(pages: Sequence[PageWords]) -> Judged:
    """The words read in the place of a word of the text layer, right to the letter (accents aside) or not.

    A word where the text layer has none is left out: it may be misread, or stand in a picture.
    """
    confidence: list[float] = []
    right: list[bool] = []
    for page in pages:
        # The other way round: for each word read, those of the text layer in its place.
        swapped = PageWords(text_layer=page.read, read=page.text_layer)
        for word, (key, true) in zip(_with_letters(page), matched(swapped), strict=True):
            if true:
                confidence.append(word)
                right.append(key in true)
    return Judged(np.array(confidence, np.float64), np.array(right, np.float64))


def joined(each: Sequence[Judged]) -> Judged:
    """The words of all."""
    return Judged(np.concatenate([j.confidence for j in each]), np.concatenate([j.right for j in each]))


def _with_letters(page: PageWords) -> list[float]:
    return [word.confidence for word in page.read if letters_of(word)]
