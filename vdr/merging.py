"""Puts the words of a page's sources together."""

import numpy as np

from vdr.legible import legible_words
from vdr.types import FloatArray, PageWords, Print, Word

_PAIRS_AT_ONCE = 1_000_000  # 50 MB or so; a drawing of 10,000 words read twice would take gigabytes
_HIDDEN = 0.5  # of a word's box that the text layer may cover before the word is one it has already


def merged(words: PageWords) -> tuple[Word, ...]:
    """The text layer's words, and after them those that OCR found where the text layer has none."""
    return words.text_layer + uncovered(words.ocr or (), words.text_layer)


def completed(words: PageWords) -> tuple[Word, ...]:
    """What a page says, for models that read: its text layer, completed by OCR.

    What the page reader read comes where neither of them has a word.
    """
    known = merged(words)
    return known + uncovered(legible_words(words.read), known)


def text_of(words: PageWords) -> tuple[str, ...]:
    """The same without the places of the words."""
    return tuple(word.text for word in completed(words))


def merged_prints(text_layer: Print, ocr: Print) -> Print:
    """The same of words as they stand on a page."""
    if not ocr.texts or not text_layer.texts:
        return text_layer if text_layer.texts else ocr
    kept = np.flatnonzero(_covered(ocr.boxes, text_layer.boxes) < _HIDDEN)
    texts = (ocr.texts[place] for place in kept)
    return Print((*text_layer.texts, *texts), np.concatenate([text_layer.boxes, ocr.boxes[kept]]))


def uncovered(words: tuple[Word, ...], by: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words that stand where none of the others does."""
    if not words or not by:
        return words
    covered = _covered(_boxes(words), _boxes(by))
    return tuple(word for word, share in zip(words, covered, strict=True) if share < _HIDDEN)


def _boxes(words: tuple[Word, ...]) -> FloatArray:
    return np.array([(w.box.x0, w.box.y0, w.box.x1, w.box.y1) for w in words], np.float32)


def _covered(boxes: FloatArray, by: FloatArray) -> FloatArray:
    """The largest share of each of `boxes` (n, 4) that any one of `by` (m, 4) covers; shape (n,)."""
    rows = max(1, _PAIRS_AT_ONCE // len(by))
    parts = (boxes[start : start + rows] for start in range(0, len(boxes), rows))
    return np.concatenate([_covered_at_once(part, by) for part in parts])


def _covered_at_once(boxes: FloatArray, by: FloatArray) -> FloatArray:
    corner = np.maximum(boxes[:, None, :2], by[None, :, :2])  # (n, m, 2)
    opposite = np.minimum(boxes[:, None, 2:], by[None, :, 2:])
    shared = np.clip(opposite - corner, 0, None).prod(axis=2)  # (n, m)
    area = np.clip(boxes[:, 2:] - boxes[:, :2], 1e-9, None).prod(axis=1)
    share: FloatArray = shared.max(axis=1) / area
    return share
