"""Whether confidence means what it says: of words read with confidence p, a share p should be right."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.page_reader.measure import letters_of, matched
from vdr.types import PageWords

_BINS = 15  # as in the paper
Floats = npt.NDArray[np.float64]


class Judged(NamedTuple):
    """Words read: their confidence (words,), and whether they are right (words,), 1 or 0."""

    confidence: Floats
    right: Floats


class Bin(NamedTuple):
    """Words whose confidence lies between two numbers: how many, their mean confidence, the share right."""

    words: int
    confidence: float
    right: float


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


def calibration_error(judged: Judged) -> float:
    """The expected calibration error: sum over bins of share of words x |share right - mean confidence|.

    15 bins of equal width (Guo et al., On Calibration of Modern Neural Networks, ICML 2017).
    Raises ValueError where there are no words.
    """
    if not len(judged.right):
        raise ValueError("No words were read where the text layer has any.")
    return sum(b.words * abs(b.right - b.confidence) for b in reliability(judged)) / len(judged.right)


def reliability(judged: Judged, bins: int = _BINS) -> list[Bin]:
    """The bins that hold words, from the least sure to the surest."""
    places = np.minimum((np.clip(judged.confidence, 0, 1) * bins).astype(int), bins - 1)
    return [
        Bin(int(here.sum()), float(judged.confidence[here].mean()), float(judged.right[here].mean()))
        for here in (places == number for number in range(bins))
        if here.any()
    ]


def _with_letters(page: PageWords) -> list[float]:
    return [word.confidence for word in page.read if letters_of(word)]
