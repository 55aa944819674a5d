"""Reads the layout of PDF pages through pdftohtml, which alone of poppler's programs tells what is bold."""

import html
import re
from collections.abc import Iterable, Iterator
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
_TAG = re.compile(r"(<[^>]*>)")
_MAX_FRAGMENTS = 20_000  # a page with more is not one that people read


def read_layout(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[PageLayout]:
    """The layout of a run of pages; a page that poppler cannot find is absent.

    Raises PageTimeout when pdftohtml took longer than `page_timeout_s` and was killed, MissingProgram where
    it is not installed.
    """
    timeout_s = settings.page_timeout_s
    command = ["pdftohtml", "-q", "-xml", "-i", "-hidden", "-stdout", "-enc", "UTF-8"]
    command += ["-f", str(page_numbers.start), "-l", str(page_numbers.stop - 1), str(pdf.resolve())]
    try:
        with cage(settings, timeout_s) as caged:
            _, told = caged.read(command, timeout_s)
    except Overrun as error:
        raise PageTimeout(
            f"Reading the text of page {page_numbers.start} took longer than {timeout_s:g} s."
        ) from error
    return list(parse_layout(told.decode(errors="ignore").splitlines()))


def parse_layout(lines: Iterable[str]) -> Iterator[PageLayout]:
    """The pages in the output of `pdftohtml -xml`; lines other than pages, fonts and text are skipped."""
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
            yield lay_out(number, fragments)


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
