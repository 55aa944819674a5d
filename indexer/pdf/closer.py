"""Draws large pages in tiles at the scale of their print, for readers to look at them more closely."""

import sys
from collections.abc import Iterator
from math import ceil, sqrt
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from indexer.pdf.cage import Overrun, cage
from indexer.pdf.pdfium import pdfium_command, read_header
from vdr.closer import CloserLook, Tile
from vdr.settings import IngestSettings, Rasterizer
from vdr.types import Box

_LARGE_POINTS = 1_032.0  # a legal page has 1,008
_PIXELS_A_POINT = 150 / 72  # a page of A4 has 1,754 pixels then
_MOST_PIXELS = 100_000_000  # of a page in tiles; A0 has 35 million
_TILE, _OVERLAP = 2_048, 256  # a word of ordinary print is less than half the overlap long


def closer_look(
    pdf: Path, page_number: int, points: tuple[float, float], settings: IngestSettings
) -> CloserLook | None:
    """How to look more closely at a page of that (width, height); None at one of ordinary size."""
    long_side = _long_side(points, settings)
    if max(points) <= _LARGE_POINTS or long_side <= settings.page_long_side:
        return None
    return lambda: _tiles(pdf, page_number, long_side, settings)


def _long_side(points: tuple[float, float], settings: IngestSettings) -> int:
    width, height = (max(side * _PIXELS_A_POINT, 1.0) for side in points)
    most = min(_MOST_PIXELS, settings.max_file_bytes)  # it lies in a file meanwhile, a byte for a pixel
    return int(max(width, height) * min(1.0, sqrt(most / (width * height))))


def _tiles(pdf: Path, page_number: int, long_side: int, settings: IngestSettings) -> Iterator[Tile]:
    """The page in tiles from top to bottom; none if it cannot be drawn. In memory is one row of them."""
    with cage(settings, settings.page_timeout_s) as caged:
        for command, program in _commands(pdf, page_number, long_side, settings):
            try:
                printed = caged.printed(command, settings.page_timeout_s, program=program)
            except Overrun:
                continue
            with printed.open("rb") as file:
                if header := read_header(file):
                    _, size, row_bytes = header
                    yield from _cut(file, size, row_bytes)
                    return


def _commands(
    pdf: Path, page_number: int, long_side: int, settings: IngestSettings
) -> list[tuple[list[str | Path], str | None]]:
    """What prints the page in gray, first choice first; each with the program to run, if not by its name."""
    number = str(page_number)
    poppler: list[str | Path] = ["pdftoppm", "-gray", "-cropbox", "-scale-to", str(long_side)]
    poppler += ["-f", number, "-l", number, pdf.resolve()]
    pdfium = pdfium_command(pdf, range(page_number, page_number + 1), long_side, "gray")
    both: list[tuple[list[str | Path], str | None]] = [(poppler, None), (pdfium, sys.executable)]
    return both if settings.rasterizer is Rasterizer.POPPLER else both[::-1]


def _cut(file: BinaryIO, size: tuple[int, int], row_bytes: int) -> Iterator[Tile]:
    width, height = size
    columns, rows = _spans(width), _spans(height)
    kept, kept_from = b"", 0
    for top, bottom in rows:
        kept = kept[(top - kept_from) * row_bytes :]
        kept += file.read(bottom * row_bytes - top * row_bytes - len(kept))
        kept_from = top
        if len(kept) < (bottom - top) * row_bytes:  # it ended too early
            return
        band = Image.frombuffer("L", (width, bottom - top), kept, "raw", "L", 0, 1)
        for left, right in columns:
            image = band.crop((left, 0, right, bottom - top))
            x, y = _core(left, right, width), _core(top, bottom, height)
            box = Box(left / width, top / height, right / width, bottom / height)
            yield Tile(image, box, Box(x[0], y[0], x[1], y[1]))


def _spans(length: int) -> list[tuple[int, int]]:
    """Equal parts of a length, none longer than a tile, that overlap."""
    count = max(1, ceil((length - _OVERLAP) / (_TILE - _OVERLAP)))
    step = (length - _OVERLAP) / count if count > 1 else length
    return [(round(n * step), min(round((n + 1) * step) + _OVERLAP, length)) for n in range(count)]


def _core(start: int, end: int, length: int) -> tuple[float, float]:
    """The part of a tile, as shares of the whole, whose words are its own."""
    half = _OVERLAP / 2
    return (start + half) / length if start else 0.0, (end - half) / length if end < length else 1.0
