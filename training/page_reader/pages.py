"""Training pages: a gray image and its lines of text, on disk one .npy and one JSON line each."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vdr.page_reader.reading import turned_back
from vdr.types import Box, Word

GrayImage = npt.NDArray[np.uint8]
LINES_FILE = "lines.jsonl"
RENDERED = "rendered"


@dataclass(frozen=True, slots=True)
class LineWord:
    """A word of a line and its horizontal extent in pixels."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """A piece of a line without wide gaps: words left to right, centre line from y0 to y1, height."""

    words: tuple[LineWord, ...]
    y0: float
    y1: float
    height: float

    @property
    def x0(self) -> float:
        """Left end in pixels."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Right end in pixels."""
        return self.words[-1].x1


@dataclass(frozen=True, slots=True)
class PixelBox:
    """A rectangle in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class PageLines:
    """The text of a page.

    `lines` are level or nearly so. `upright` lines read from the bottom to the top and are given as they
    stand once the page is turned clockwise by a quarter. In the boxes of `unread` stands text that is not to
    be learned from, neither that it is there nor that it is not.
    """

    lines: tuple[TextLine, ...] = ()
    upright: tuple[TextLine, ...] = ()
    unread: tuple[PixelBox, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """A page on disk: where it comes from, and its text."""

    image_file: str
    source: str
    text: PageLines

    def image(self, folder: Path) -> GrayImage:
        """The gray image, memory-mapped."""
        pixels: GrayImage = np.load(folder / self.image_file, mmap_mode="r")
        return pixels


def written(text: PageLines, shape: Sequence[int]) -> tuple[Word, ...]:
    """The words of a page of that (height, width), each in its box, as a text layer would have them."""
    height, width = shape
    level = (_placed(word, line, width, height) for line in text.lines for word in line.words)
    turned = (_placed(word, line, height, width) for line in text.upright for word in line.words)
    upright = (replace(word, box=turned_back(word.box)) for word in turned)
    return (*level, *upright)


def _placed(word: LineWord, line: TextLine, width: int, height: int) -> Word:
    along = ((word.x0 + word.x1) / 2 - line.x0) / max(line.x1 - line.x0, 1e-6)
    middle = line.y0 + (line.y1 - line.y0) * along
    top, bottom = (middle - line.height / 2) / height, (middle + line.height / 2) / height
    return Word(word.text, Box(word.x0 / width, top, word.x1 / width, bottom))


class PageWriter:
    """Appends pages to a folder; what is complete on disk is never written again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        _cut_torn_line(folder / LINES_FILE)
        self.done = {page.image_file for page in read_pages(folder)}

    def write(self, name: str, image: GrayImage, source: str, text: PageLines) -> None:
        """Stores the image, then the JSON line that makes it count."""
        np.save(self._folder / name, image)
        page = TrainingPage(name, source, text)
        with (self._folder / LINES_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(page), ensure_ascii=False) + "\n")
        self.done.add(name)


def _cut_torn_line(path: Path) -> None:
    """Drops what a killed writer left of its last line."""
    if path.exists():
        with path.open("rb+") as file:
            file.truncate(file.read().rfind(b"\n") + 1)


def read_pages(folder: Path) -> Iterator[TrainingPage]:
    """All pages of a folder; a torn last line (the writer was killed) is skipped."""
    path = folder / LINES_FILE
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield _page(json.loads(line))


def _page(record: dict[str, Any]) -> TrainingPage:
    text = record["text"]
    lines, upright = (tuple(map(_line, text[name])) for name in ("lines", "upright"))
    unread = tuple(PixelBox(**box) for box in text["unread"])
    return TrainingPage(record["image_file"], record["source"], PageLines(lines, upright, unread))


def _line(record: dict[str, Any]) -> TextLine:
    words = tuple(LineWord(**word) for word in record["words"])
    return TextLine(words, record["y0"], record["y1"], record["height"])
