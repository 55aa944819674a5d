"""Reads the layout of PDF pages through pdftohtml, which alone of poppler's programs tells what is bold."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.pdf.cage import Overrun, cage
from training.pairs.layout import Fragment, PageLayout, lay_out
from vdr.errors import PageTimeout
from vdr.settings import IngestSettings

_PAGE = re.compile(r'<page number="(\d+)"')  # what pdftohtml says of links may stand before it
_FONT = re.compile(r'\s*<fontspec id="(\d+)" size="(-?[\d.]+)"')
_NUMBER = r'"(-?[\d.]+)"'
_TEXT = re.compile(
    rf'\s*<text top={_NUMBER} left={_NUMBER} width={_NUMBER} height={_NUMBER} font="(\d+)">(.*)</text>'
)
_BOX = re.compile(r"^Page\s+(\d+)\s+(MediaBox|CropBox|rot):\s+(.*)$", re.MULTILINE)
_ZOOM = 1.5  # what pdftohtml counts in: so many to a point
_TAG = re.compile(r"(<[^>]*>)")
_MAX_FRAGMENTS = 20_000  # a page with more is not one that people read


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of a page that its crop box shows."""

    left: float
    top: float
    right: float
    bottom: float

    def contains(self, fragment: Fragment) -> bool:
        """Whether the middle of a fragment is in it."""
        across = (fragment.left + fragment.right) / 2
        return self.left <= across <= self.right and self.top <= fragment.middle <= self.bottom


def read_layout(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[PageLayout]:
    """The layout of a run of pages, of what their crop boxes show; a page that poppler cannot find is absent.

    Raises PageTimeout when pdftohtml took longer than `page_timeout_s` and was killed, MissingProgram where
    it is not installed.
    """
    timeout_s = settings.page_timeout_s
    which = ["-f", str(page_numbers.start), "-l", str(page_numbers.stop - 1), str(pdf.resolve())]
    command = ["pdftohtml", "-q", "-xml", "-i", "-hidden", "-stdout", "-enc", "UTF-8", "-zoom", str(_ZOOM)]
    try:
        with cage(settings, timeout_s) as caged:
            _, told = caged.read([*command, *which], timeout_s)
            _, boxes = caged.read(["pdfinfo", "-box", *which], timeout_s)  # pdftohtml shows all of a page
    except Overrun as error:
        raise PageTimeout(
            f"Reading the text of page {page_numbers.start} took longer than {timeout_s:g} s."
        ) from error
    lines = told.decode(errors="ignore").splitlines()
    return list(parse_layout(lines, shown_parts(boxes.decode(errors="ignore"))))


def shown_parts(told: str) -> dict[int, Shown]:
    """What each page shows, by its number, from the output of `pdfinfo -box`; in pdftohtml's units."""
    boxes: dict[int, dict[str, list[float]]] = {}
    for number, name, values in _BOX.findall(told):
        boxes.setdefault(int(number), {})[name] = [float(value) for value in values.split()]
    return {
        number: _shown(each["MediaBox"], each["CropBox"], each["rot"])
        for number, each in boxes.items()
        if "MediaBox" in each  # not of a page that poppler cannot find
    }


def parse_layout(lines: Iterable[str], shown: Mapping[int, Shown] = {}) -> Iterator[PageLayout]:
    """The pages in the output of `pdftohtml -xml`; lines other than pages, fonts and text are skipped.

    So is text outside of what a page has `shown`.
    """
    number, fragments, sizes = 0, list[Fragment](), dict[str, float]()
    for line in lines:
        if match := _TEXT.match(line):
            if len(fragments) < _MAX_FRAGMENTS:
                fragments += _fragments(match, sizes)
        elif match := _FONT.match(line):
            sizes[match[1]] = float(match[2])
        elif match := _PAGE.search(line):
            number, fragments = int(match[1]), []
        elif line.strip() == "</page>":
            part = shown.get(number)
            yield lay_out(number, (each for each in fragments if part is None or part.contains(each)))


def _shown(media: Sequence[float], crop: Sequence[float], turn: Sequence[float]) -> Shown:
    # Cut off on the left, on top, on the right, below; a page turned clockwise has on top what was left.
    cut = [crop[0] - media[0], media[3] - crop[3], media[2] - crop[2], crop[1] - media[1]]
    quarters = int(turn[0]) // 90 % 4
    left, top, right, bottom = cut[-quarters:] + cut[:-quarters]
    width, height = media[2] - media[0], media[3] - media[1]
    if quarters % 2:
        width, height = height, width
    return Shown(_ZOOM * left, _ZOOM * top, _ZOOM * (width - right), _ZOOM * (height - bottom))


def _fragments(match: re.Match[str], sizes: dict[str, float]) -> Iterator[Fragment]:
    """The pieces of one line of text between its tags; how far each reaches is told by its letters."""
    top, left, width, height = (float(value) for value in match.groups()[:4])
    pieces = list(_pieces(match[6]))
    letters = sum(len(text) for text, _ in pieces)
    size = sizes.get(match[5], height) or height
    for text, is_bold in pieces:
        right = left + width * len(text) / letters
        # The blanks at the ends stand for gaps, and would hide them.
        lead, trail = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
        blank = width / letters
        if text.strip():
            yield Fragment(
                text.strip(), left + lead * blank, top, right - trail * blank, top + height, size, is_bold
            )
        left = right


def _pieces(inner: str) -> Iterator[tuple[str, bool]]:
    bold = 0
    for part in filter(None, _TAG.split(inner)):
        if part == "<b>":
            bold += 1
        elif part == "</b>":
            bold -= 1
        elif not part.startswith("<"):
            yield _clean(part), bold > 0


def _clean(raw: str) -> str:
    # Control characters, soft hyphens and private-use glyphs are drawn, not written.
    return "".join(c if c.isprintable() else " " for c in html.unescape(raw).replace("\u00a0", " "))
