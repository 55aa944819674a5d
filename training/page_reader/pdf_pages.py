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

from training.drawing.page_lines import GrayImage, LineWord, PageLines, PixelBox, TextLine

_WIDE_GAP = 0.8
_MIN_WORDS = 5
_XHTML = "{http://www.w3.org/1999/xhtml}"


def pdf_pages(pdf: Path, long_side: int) -> Iterator[tuple[int, GrayImage, PageLines]]:
    """Page index, gray image and text of every page with a text layer of at least a few words.

    The text layer does not tell whether words that stand upright read upwards: they are not learned from.
    """
    layout = _layout(pdf)
    with TemporaryDirectory() as folder:
        command = ["pdftoppm", "-gray", "-scale-to", str(long_side), str(pdf), f"{folder}/page"]
        subprocess.run(command, check=True, capture_output=True)
        for file in sorted(Path(folder).iterdir()):  # one fewer for each page that cannot be drawn
            index = int(file.stem.rpartition("-")[2]) - 1
            with Image.open(file) as opened:
                image = np.asarray(opened.convert("L"))
            text = _text(layout[index], _scale(layout[index], image)) if index < len(layout) else PageLines()
            if sum(len(line.words) for line in text.lines) >= _MIN_WORDS:
                yield index, image, text


def _scale(page: ElementTree.Element, image: GrayImage) -> float:
    """Pixels a point, by the long sides: the text layer tells those of a turned page as they were before."""
    long_side = max(float(page.attrib["width"]), float(page.attrib["height"]))
    return max(image.shape) / long_side if long_side > 0 else 0.0  # as of a page that is not there


def _layout(pdf: Path) -> list[ElementTree.Element]:
    output = subprocess.run(
        ["pdftotext", "-bbox-layout", str(pdf), "-"], check=True, capture_output=True
    ).stdout
    text = output.decode("utf-8", errors="replace")
    text = "".join(c for c in text if c >= " " or c == "\n")
    return list(ElementTree.fromstring(text).iter(f"{_XHTML}page"))


def _text(page: ElementTree.Element, scale: float) -> PageLines:
    lines: list[TextLine] = []
    unread: list[PixelBox] = []
    for element in page.iter(f"{_XHTML}line"):
        boxes = [_word_box(word, scale) for word in element.iter(f"{_XHTML}word")]
        boxes = [(text, box) for text, box in boxes if text and box.x1 - box.x0 >= 1 and box.y1 - box.y0 >= 1]
        unread += [box for text, box in boxes if _is_upright(text, box)]
        level = sorted((each for each in boxes if not _is_upright(*each)), key=lambda each: each[1].x0)
        lines += [_text_line(piece) for piece in _pieces(level)]
    return PageLines(tuple(lines), (), tuple(unread))


WordBox = tuple[str, PixelBox]


def _word_box(word: ElementTree.Element, scale: float) -> WordBox:
    sides = (float(word.attrib[side]) * scale for side in ("xMin", "yMin", "xMax", "yMax"))
    return (word.text or "").strip(), PixelBox(*sides)


def _is_upright(text: str, box: PixelBox) -> bool:
    return len(text) > 2 and (box.y1 - box.y0) > 1.5 * (box.x1 - box.x0)


def _pieces(boxes: list[WordBox]) -> Iterator[list[WordBox]]:
    if not boxes:
        return
    height = median(box.y1 - box.y0 for _, box in boxes)
    piece = [boxes[0]]
    for left, right in pairwise(boxes):
        if right[1].x0 - left[1].x1 > _WIDE_GAP * height:
            yield piece
            piece = []
        piece.append(right)
    yield piece


def _text_line(boxes: list[WordBox]) -> TextLine:
    centre = median((box.y0 + box.y1) / 2 for _, box in boxes)
    height = median(box.y1 - box.y0 for _, box in boxes)
    return TextLine(tuple(LineWord(text, box.x0, box.x1) for text, box in boxes), centre, centre, height)
