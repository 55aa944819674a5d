"""Words as tensors: how often each stands in a page or a query, and what it looks like there."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from vdr.page_reader.codes import hash_words
from vdr.page_reader.hashes import NO_HASH
from vdr.page_reader.traits import word_traits
from vdr.prints import print_weights
from vdr.types import Word
from vdr.words import wholes

Features = dict[str, Any]
TRAITS = 5
_LARGEST = 4.0


class Occurrences(NamedTuple):
    """A distinct term of a page.

    How often it occurs, counted by confidence and size of print; its best confidence; how high its largest
    print is, as a share of the page; how near to the top it stands, from 0 to 1.
    """

    times: float
    confidence: float
    height: float
    top: float


def count_words(words: Sequence[Word]) -> dict[str, Occurrences]:
    """The distinct terms of read words."""
    counted: dict[str, Occurrences] = {}
    for word, large in zip(words, print_weights(words), strict=True):
        height, top = word.box.y1 - word.box.y0, max(1 - word.box.y0, 0.0)
        here = Occurrences(word.confidence * large, word.confidence, height, top)
        for term in wholes(word.text):
            before = counted.get(term)
            counted[term] = here if before is None else _both(before, here)
    return counted


def _both(one: Occurrences, other: Occurrences) -> Occurrences:
    return Occurrences(
        one.times + other.times,
        max(one.confidence, other.confidence),
        max(one.height, other.height),
        max(one.top, other.top),
    )


def word_features(counted: Sequence[Mapping[str, Occurrences]]) -> Features:
    """Words as tensors: hashes (batch, words, longest), traits (batch, words, TRAITS), counts and confidences
    (batch, words).

    Rows with fewer words end in words that occur 0 times. Trainers know the inputs of a column by the name
    `input_ids`.
    """
    rows = [hash_words(list(words)) for words in counted]
    counts = [torch.tensor([each.times for each in words.values()]) for words in counted]
    confidence = [torch.tensor([each.confidence for each in words.values()]) for words in counted]
    longest = max((row.shape[1] for row in rows), default=1)
    wide = [F.pad(row, (0, longest - row.shape[1]), value=NO_HASH) for row in rows]
    return {
        "input_ids": pad_sequence(wide, batch_first=True, padding_value=NO_HASH),
        "word_traits": pad_sequence([_traits(words) for words in counted], batch_first=True),
        "word_counts": pad_sequence(counts, batch_first=True),
        "word_confidence": pad_sequence(confidence, batch_first=True),
    }


def _traits(words: Mapping[str, Occurrences]) -> torch.Tensor:
    """What can be said of words never seen (words, TRAITS): whether they contain a digit, are a year, how
    long they are; in a page also their size compared with its other words, and how near the top they are."""
    if not words:
        return torch.zeros(0, TRAITS)
    usual = statistics.median(each.height for each in words.values()) or 1.0
    return torch.tensor(
        [
            (
                *word_traits(word),
                math.log2(min(max(each.height / usual, 1 / _LARGEST), _LARGEST)) if each.height else 0.0,
                each.top**4,  # of the page's height only the first tenths are told apart
            )
            for word, each in words.items()
        ]
    )
