"""Real PDFs as training pages: poppler's images with the lines of the text layer."""

import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from training.page_reader.pages import GrayImage, LineWord, TextLine

_WIDE_GAP = 0.8
_MIN_WORDS = 5
_XHTML = "{http://www.w3.org/1999/xhtml}"


def pdf_pages(pdf: Path, long_side: int) -> Iterator[tuple[int, GrayImage, list[TextLine]]]:
    """Page index, gray image and text lines of every page with a text layer of at least a few words."""
    layout = _layout(pdf)
    with TemporaryDirectory() as folder:
        command = ["pdftoppm", "-gray", "-scale-to", str(long_side), str(pdf), f"{folder}/page"]
        subprocess.run(command, check=True, capture_output=True)
        for index, (page, file) in enumerate(zip(layout, sorted(Path(folder).iterdir()), strict=False)):
            with Image.open(file) as opened:
                image = np.asarray(opened.convert("L"))
            lines = _lines(page, image.shape[1] / float(page.attrib["width"]))
            if sum(len(line.words) for line in lines) >= _MIN_WORDS:
                yield index, image, lines


def _layout(pdf: Path) -> list[ElementTree.Element]:
    output = subprocess.run(
        ["pdftotext", "-bbox-layout", str(pdf), "-"], check=True, capture_output=True
    ).stdout
    text = output.decode("utf-8", errors="replace")
    text = "".join(c for c in text if c >= " " or c == "\n")
    return list(ElementTree.fromstring(text).iter(f"{_XHTML}page"))


def _lines(page: ElementTree.Element, scale: float) -> list[TextLine]:
    lines = []
    for element in page.iter(f"{_XHTML}line"):
        found = (_word_box(word, scale) for word in element.iter(f"{_XHTML}word"))
        boxes = sorted((box for box in found if box is not None), key=lambda box: box[1])
        lines += [_text_line(piece) for piece in _pieces(boxes)]
    return lines


WordBox = tuple[str, float, float, float, float]


def _word_box(word: ElementTree.Element, scale: float) -> WordBox | None:
    """Text, x0, x1, y0, y1 in pixels; None for words that stand upright or have no size."""
    x0, x1, y0, y1 = (float(word.attrib[k]) * scale for k in ("xMin", "xMax", "yMin", "yMax"))
    text = (word.text or "").strip()
    is_rotated = len(text) > 2 and (y1 - y0) > 1.5 * (x1 - x0)
    if not text or x1 - x0 < 1 or y1 - y0 < 1 or is_rotated:
        return None
    return text, x0, x1, y0, y1


def _pieces(boxes: list[WordBox]) -> Iterator[list[WordBox]]:
    if not boxes:
        return
    height = median(y1 - y0 for _, _, _, y0, y1 in boxes)
    piece = [boxes[0]]
    for left, right in pairwise(boxes):
        if right[1] - left[2] > _WIDE_GAP * height:
            yield piece
            piece = []
        piece.append(right)
    yield piece


def _text_line(boxes: list[WordBox]) -> TextLine:
    centre = median((y0 + y1) / 2 for *_, y0, y1 in boxes)
    height = median(y1 - y0 for *_, y0, y1 in boxes)
    return TextLine(tuple(LineWord(text, x0, x1) for text, x0, x1, _, _ in boxes), centre, centre, height)
