"""The words of a page as JSON."""

import json
from collections.abc import Sequence
from sys import intern
from typing import Any

import numpy as np
from pydantic_core import from_json

from vdr.legible import is_legible
from vdr.types import BOX_DECIMALS, Box, PageTexts, PageWords, Print, Word


def encode_words(words: PageWords) -> bytes:
    """The words, their boxes rounded to a hundred-thousandth of the page."""
    rows = {
        name: _rows(found)
        for name, found in (("text_layer", words.text_layer), ("read", words.read))
        if found
    }
    if words.ocr is not None:
        rows["ocr"] = _rows(words.ocr)
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def decode_words(encoded: bytes) -> PageWords:
    """The words that were encoded."""
    rows = json.loads(encoded)
    ocr = _words(rows["ocr"]) if "ocr" in rows else None
    return PageWords(_words(rows.get("text_layer", ())), _words(rows.get("read", ())), ocr)


def has_read_words(encoded: bytes) -> bool:
    """Whether words that were read are among those that were encoded."""
    return b'"read":[' in encoded


def decode_texts(encoded: bytes) -> PageTexts:
    """The words that were encoded without their boxes, which takes far less time."""
    rows = json.loads(encoded)
    return PageTexts(
        *(tuple(row[0] for row in rows.get(source, ())) for source in ("text_layer", "read", "ocr"))
    )


def decode_print(encoded: bytes) -> tuple[Print, Print, Print]:
    """What is shown of the text layer, of the words read, and of OCR, with the boxes as arrays."""
    rows = from_json(encoded)  # in half of the time that json takes
    text_layer, read, ocr = (_print(rows.get(source, ())) for source in ("text_layer", "read", "ocr"))
    return text_layer, read, ocr


def _print(rows: Sequence[Sequence[Any]]) -> Print:
    shown = [row[:5] for row in rows if is_legible(row[5])]
    if not shown:
        return Print()
    texts, *sides = zip(*shown, strict=True)
    # Most words of a page are on others too, and what is kept once takes a third of the memory.
    return Print(tuple(map(intern, texts)), np.array(sides, np.float32).T)


def _rows(words: Sequence[Word]) -> list[list[str | float]]:
    rounded = np.round(np.array([_numbers(word) for word in words], np.float64), BOX_DECIMALS).tolist()
    return [[word.text, *numbers] for word, numbers in zip(words, rounded, strict=True)]


def _numbers(word: Word) -> tuple[float, ...]:
    return (word.box.x0, word.box.y0, word.box.x1, word.box.y1, word.confidence)


def _words(rows: Sequence[tuple[str, float, float, float, float, float]]) -> tuple[Word, ...]:
    return tuple(Word(text, Box(x0, y0, x1, y1), confidence) for text, x0, y0, x1, y1, confidence in rows)
