"""Reads a PDF's text layer: the words of each page and where they stand, through pdftotext."""

import html
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from unicodedata import bidirectional

from indexer.pdf.cage import cage, kill_group
from vdr.errors import PageTimeout
from vdr.settings import IngestSettings
from vdr.types import Box, Word

_MAX_WORDS = 20_000  # the densest of some 8,900 real pages has 1,689; this many is an attack on memory
_MAX_LINE = 65_536
# Classes of the Unicode bidirectional algorithm (UAX #9), by how they are read in a word from the right:
# letters and numbers from the left, separators as well if they are between such, marks after their letter.
_RIGHT_TO_LEFT = {"R", "AL"}
_KINDS = {"L": "l", "EN": "l", "AN": "l", "ET": "l", "ES": "s", "CS": "s", "NSM": "m"}
_RUN = re.compile(r"(?:l(?:[lsm]*l)?|.)m*")
_SHOWN_HYPHEN = re.compile(r"(?<=\w)\u00ad$")
# Where Thai fonts of Windows and of the Mac keep marks that are drawn higher or further left, for U+F700 on.
_THAI_GLYPHS = dict(
    enumerate(
        "\u0e10\u0e34\u0e35\u0e36\u0e37\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e0d\u0e31\u0e4d"
        "\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e38\u0e39\u0e3a",
        start=0xF700,
    )
)
_NUMBER = rb'"(-?[0-9.]+)"'
_PAGE = re.compile(rb"\s*<page width=%b height=%b>" % (_NUMBER, _NUMBER))
_WORD = re.compile(rb"\s*<word xMin=%b yMin=%b xMax=%b yMax=%b>(.*)</word>" % ((_NUMBER,) * 4))


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The text layer of one page as poppler tells it: sizes and boxes in points.

    `width` and `height` are those of the crop box before the page is turned; the boxes are those of the
    page as shown. Both are 0 for a page that poppler counts but cannot find.
    """

    page_number: int
    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def is_missing(self) -> bool:
        """Whether the PDF counts this page without having it."""
        return self.width <= 0 or self.height <= 0

    def words_on(self, image_size: tuple[int, int]) -> tuple[Word, ...]:
        """The words with boxes as fractions of the page image; its (width, height) tells if it was turned."""
        if self.is_missing:
            return ()
        is_turned = (self.width > self.height) != (image_size[0] > image_size[1])
        width, height = (self.height, self.width) if is_turned else (self.width, self.height)
        scaled = (Word(word.text, _fraction(word.box, width, height)) for word in self.words)
        return tuple(word for word in scaled if word.box.x0 < word.box.x1 and word.box.y0 < word.box.y1)


def read_text_layer(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[TextLayer]:
    """The text layer of a run of pages; a page without text has no words, a page poppler dropped is absent.

    Raises PageTimeout when pdftotext took longer than `page_timeout_s` and was killed, MissingProgram where
    it is not installed.
    """
    command = ["pdftotext", "-bbox", "-cropbox", "-q", "-enc", "UTF-8"]
    command += ["-f", str(page_numbers.start), "-l", str(page_numbers.stop - 1), str(pdf.resolve()), "-"]
    timeout_s = settings.page_timeout_s
    with (
        cage(settings, timeout_s) as caged,
        caged.start(command) as process,
        _killed_after(process, timeout_s) as was_killed,
    ):
        pages = list(parse_text_layer(_lines(process), page_numbers.start))
        process.wait()
    if was_killed.is_set():
        raise PageTimeout(f"Reading the text of page {page_numbers.start} took longer than {timeout_s:g} s.")
    return pages


def parse_text_layer(lines: Iterable[bytes], first_page: int) -> Iterator[TextLayer]:
    """The pages in the output of `pdftotext -bbox`; lines that are neither page nor word are skipped."""
    page_number, size, words = first_page - 1, (0.0, 0.0), list[Word]()
    for line in lines:
        if match := _WORD.match(line):
            if len(words) < _MAX_WORDS and (text := _clean(match[5])):
                words.append(Word(text, Box(*(float(number) for number in match.groups()[:4]))))
        elif match := _PAGE.match(line):
            page_number, size, words = page_number + 1, (float(match[1]), float(match[2])), []
        elif line.strip() == b"</page>":
            yield TextLayer(page_number, *size, tuple(words))


def _lines(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    # Longer lines are cut: a file must not be able to fill the memory with one that never ends.
    return iter(lambda: process.stdout.readline(_MAX_LINE) if process.stdout else b"", b"")


@contextmanager
def _killed_after(process: subprocess.Popen[bytes], timeout_s: float) -> Iterator[Event]:
    """Kills the process when the time is up, and sets the event; the process is gone after the block."""
    was_killed = Event()

    def kill() -> None:
        was_killed.set()
        kill_group(process)

    timer = Timer(timeout_s, kill)
    timer.start()
    try:
        yield was_killed
    finally:
        timer.cancel()
        kill_group(process)


def _clean(raw: bytes) -> str:
    text = html.unescape(raw.decode(errors="ignore")).translate(_THAI_GLYPHS)
    # A soft hyphen shows where a line ends. Elsewhere it is drawn, not written, as are control characters and
    # glyphs of private use.
    shown = "".join(c for c in _SHOWN_HYPHEN.sub("-", text) if c.isprintable())
    return _as_read(shown) if any(bidirectional(c) in _RIGHT_TO_LEFT for c in shown) else shown


def _as_read(shown: str) -> str:
    """A word of Hebrew or Arabic from its first character to its last; poppler tells them from left to right.

    Numbers and Latin letters in it are read as they stand; marks follow what they belong to.
    """
    kinds = "".join(_KINDS.get(bidirectional(character), "r") for character in shown)
    return "".join(reversed([shown[slice(*run.span())] for run in _RUN.finditer(kinds)]))


def _fraction(box: Box, width: float, height: float) -> Box:
    return Box(
        _clipped(box.x0 / width),
        _clipped(box.y0 / height),
        _clipped(box.x1 / width),
        _clipped(box.y1 / height),
    )


def _clipped(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 5)
