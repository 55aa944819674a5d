"""Rendered pages: tables and paragraphs with questions about them, drawn in many layouts and fonts."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from training.drawing.fonts import reading_fonts
from training.pairs.config import RenderedConfig
from training.pairs.phrasing import as_phrase
from training.pairs.report_page import ReportPage, draw_page, draw_style
from training.pairs.sources import RENDERED, PageImage, SourceQuery
from vdr.errors import BadInput, MissingProgram
from vdr.json_lines import read_json_lines

_MAX_TITLE_WORDS = 9
_FONTS = "Install fonts for Latin letters (apt-get install fonts-dejavu fonts-liberation)."


class _Content(BaseModel):
    table: list[list[str]] = []
    paragraphs: list[str] = []


class _Line(BaseModel):
    page_id: str
    page: _Content
    queries: list[str] = []


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """Pages of tables and paragraphs in one house style: the fonts are the same, the layouts differ."""

    name: str
    pages: tuple[ReportPage, ...]
    fonts: tuple[Path, ...]
    long_side: int
    seed: int

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each page."""
        return tuple(_text(page) for page in self.pages)

    def images(self, page_numbers: Sequence[int]) -> Iterator[PageImage]:
        """The pages, drawn: the same name, number and seed give the same page."""
        pair = self.fonts[_number(self.name, self.seed) % len(self.fonts) :][:2] or self.fonts
        for number in page_numbers:
            rng = np.random.default_rng(_number(f"{self.name}#{number}", self.seed))
            yield number, draw_page(self.pages[number - 1], draw_style(rng, pair, self.long_side))


def read_rendered(
    config: RenderedConfig, long_side: int, seed: int
) -> tuple[list[RenderedDocument], list[SourceQuery]]:
    """The documents that the pages of a file make, so many pages each, and the questions about them.

    Raises BadInput for a file that is missing, empty or has a bad line, and MissingProgram where the fonts
    cannot be listed.
    """
    lines = list(islice(read_json_lines(config.path, _Line), config.pages))
    if not lines:
        raise BadInput(f"{config.path} contains no pages.", remedy="Write one JSON object per line.")
    fonts, documents, queries = _fonts(), list[RenderedDocument](), list[SourceQuery]()
    for number, group in enumerate(_grouped(lines, config.pages_per_document), start=1):
        name = f"{config.path.stem}-{number:04}"
        pages = tuple(_report_page(line, place) for place, line in enumerate(group, start=1))
        documents.append(RenderedDocument(name, pages, fonts, long_side, seed))
        for place, line in enumerate(group, start=1):
            queries += [
                SourceQuery(text, name, (place,), RENDERED) for text in map(str.strip, line.queries) if text
            ]
    return documents, queries


def _grouped(lines: Sequence[_Line], size: int) -> Iterator[tuple[_Line, ...]]:
    for start in range(0, len(lines), size):
        yield tuple(lines[start : start + size])


def _fonts() -> tuple[Path, ...]:
    try:
        fonts = reading_fonts()
    except FileNotFoundError as error:
        raise MissingProgram.named("fc-list") from error
    if not fonts:
        raise MissingProgram("No fonts are installed that pages can be drawn with.", remedy=_FONTS)
    return fonts


def _report_page(line: _Line, number: int) -> ReportPage:
    opening = line.page.paragraphs[0] if line.page.paragraphs else ""
    title = " ".join(as_phrase(opening.split(":")[0]).split()[:_MAX_TITLE_WORDS])
    table = tuple(tuple(map(_in_one_line, row)) for row in line.page.table)
    return ReportPage(title, table, tuple(map(_in_one_line, line.page.paragraphs)), str(number))


def _in_one_line(text: str) -> str:
    """What is drawn line by line is broken where it has to be, and nowhere else."""
    return " ".join(text.split())


def _text(page: ReportPage) -> str:
    return "\n".join([page.title, *(" ".join(row) for row in page.table), *page.paragraphs])


def _number(name: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big")
