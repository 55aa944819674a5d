"""A page under construction, and how pages with their questions are declared and become a PDF."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

import numpy as np
from reportlab.pdfgen.canvas import Canvas

from training.drawing.fonts import FontBook
from training.drawing.pdf_surface import PdfSurface
from training.drawing.pixel_surface import PixelSurface
from training.drawing.scanning import ScanLook, scanned
from training.drawing.surface import WHITE, Colour, Frame, Style, Surface
from training.drawing.typesetting import Align, Column

A4 = (595.0, 842.0)
LETTER = (612.0, 792.0)
LANDSCAPE = (842.0, 595.0)
WIDESCREEN = (960.0, 540.0)

PICTURE_DPI = 144
SCAN_DPI = 150


class Evidence(StrEnum):
    """What on a page answers a question; `CHART`, `FIGURE` and `SCAN` stand in pixels alone."""

    TEXT = "Text"
    TABLE = "Table"
    CHART = "Chart"
    FIGURE = "Figure"
    SCAN = "Scan"


IN_PIXELS_ONLY = frozenset({Evidence.CHART, Evidence.FIGURE, Evidence.SCAN})


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, and the words on the page that answer it."""

    text: str
    answer: str
    evidence: tuple[Evidence, ...]
    is_for_demo: bool = False


def ask(text: str, answer: str, *evidence: Evidence, demo: bool = False) -> Question:
    """A question, its answer as it stands on the page, and where it stands: in text unless said otherwise."""
    return Question(text, answer, evidence or (Evidence.TEXT,), demo)


class Sheet:
    """One page under construction: `ink` is its surface; pictures and scans are surfaces placed on it."""

    def __init__(
        self, canvas: Canvas, size: tuple[float, float], fonts: FontBook, rng: np.random.Generator
    ) -> None:
        self.width, self.height = size
        self.frame = Frame(0, 0, *size)
        self.ink = PdfSurface(canvas, self.height, fonts)
        self.rng = rng
        self.columns: list[Column] = []
        self._pictures: list[PixelSurface] = []

    @property
    def pictured_words(self) -> tuple[str, ...]:
        """What was written into pictures and scans."""
        return tuple(word for picture in self._pictures for word in picture.words)

    def column(self, frame: Frame, body: Style, align: Align = "left", on: Surface | None = None) -> Column:
        """A column of text on the page, or on a picture."""
        self.columns.append(Column(on or self.ink, frame, body, align))
        return self.columns[-1]

    @contextmanager
    def picture(self, frame: Frame, background: Colour = WHITE) -> Iterator[PixelSurface]:
        """A surface of the frame's size, placed there as a picture when done."""
        pixels = PixelSurface(frame.width, frame.height, PICTURE_DPI, self.ink.fonts, background)
        yield pixels
        self._pictures.append(pixels)
        self.ink.image(frame, pixels.finished())

    @contextmanager
    def figure(
        self, column: Column, height: float, background: Colour = WHITE, before: float = 0, after: float = 0
    ) -> Iterator[PixelSurface]:
        """A picture across a column, which continues below it."""
        frame = Frame(column.frame.x, column.y + before, column.frame.width, height)
        with self.picture(frame, background) as pixels:
            yield pixels
        column.y = frame.bottom + after

    @contextmanager
    def scan(self, look: ScanLook) -> Iterator[PixelSurface]:
        """A surface of the page's size, placed on it as a scan when done."""
        paper = PixelSurface(self.width, self.height, SCAN_DPI, self.ink.fonts)
        yield paper
        self._pictures.append(paper)
        self.ink.jpeg(self.frame, scanned(paper.finished(), look, self.rng))


Draw = Callable[[Sheet], None]


@dataclass(frozen=True, slots=True)
class PageDesign:
    """How a page is drawn, and the questions it answers; `is_turned`: stored upright, shown turned."""

    draw: Draw
    questions: tuple[Question, ...]
    size: tuple[float, float] | None = None
    is_turned: bool = False


def page(
    *questions: Question, size: tuple[float, float] | None = None, turned: bool = False
) -> Callable[[Draw], PageDesign]:
    """Declare a page: decorate the function that draws it with the questions that it answers."""

    def declare(draw: Draw) -> PageDesign:
        return PageDesign(draw, questions, size, turned)

    return declare


@dataclass(frozen=True, slots=True)
class DocumentDesign:
    """A document: its file name, what kind it is, and its pages in order."""

    file_name: str
    kind: str
    title: str
    author: str
    pages: Sequence[PageDesign]
    size: tuple[float, float] = A4


@dataclass(frozen=True, slots=True)
class DrawnDocument:
    """A PDF, the words of each page that stand in pictures, and the pages whose text overflows."""

    pdf: bytes
    pictured_words: tuple[tuple[str, ...], ...]
    overfull_pages: tuple[int, ...]


def draw_document(design: DocumentDesign, seed: int, fonts: FontBook) -> DrawnDocument:
    """Draw every page. The seed sets noise, dust and landscapes; words and numbers are always the same."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=design.size, invariant=1, pageCompression=1)
    canvas.setTitle(design.title)
    canvas.setAuthor(design.author)
    sheets = [_draw_page(canvas, design, number, seed, fonts) for number in range(1, len(design.pages) + 1)]
    canvas.save()
    overfull = [n for n, sheet in enumerate(sheets, 1) if not all(c.has_room for c in sheet.columns)]
    return DrawnDocument(target.getvalue(), tuple(s.pictured_words for s in sheets), tuple(overfull))


def _draw_page(canvas: Canvas, design: DocumentDesign, number: int, seed: int, fonts: FontBook) -> Sheet:
    plan = design.pages[number - 1]
    width, height = plan.size or design.size
    canvas.setPageSize(
        (width, height)
    )  # reportlab itself stores the sides of a turned page the other way round
    canvas.setPageRotation(90 if plan.is_turned else 0)
    if plan.is_turned:
        canvas.transform(0, 1, -1, 0, height, 0)
    rng = np.random.default_rng([seed, crc32(design.file_name.encode()), number])
    sheet = Sheet(canvas, (width, height), fonts, rng)
    plan.draw(sheet)
    canvas.showPage()
    return sheet
