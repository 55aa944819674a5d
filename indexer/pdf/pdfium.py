"""Draws pages by pdfium, in a process of its own: see `draw.py`."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from indexer.pdf.cage import Overrun, cage
from vdr.errors import PageFailed, PageTimeout
from vdr.rooms import as_program
from vdr.settings import IngestSettings

_MODES = {b"P5": ("L", 1), b"P6": ("RGB", 3)}


def draw_by_pdfium(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[Image.Image]:
    """The images of the pages, as many as it could draw. Raises PageFailed."""
    command = pdfium_command(pdf, page_numbers, settings.page_long_side, "rgb")
    try:
        with cage(settings, settings.page_timeout_s) as caged:
            printed = caged.output(command, settings.page_timeout_s, program=sys.executable)
    except Overrun as error:
        seconds = f"{settings.page_timeout_s:g} s"
        raise PageTimeout(f"Page {page_numbers.start} took longer than {seconds} to rasterize.") from error
    try:
        return list(_images(io.BytesIO(printed)))
    except ValueError as error:  # a crash leaves half an image
        raise PageFailed(f"Page {page_numbers.start} cannot be rasterized.") from error


def pdfium_command(pdf: Path, page_numbers: range, long_side: int, colors: str) -> list[str | Path]:
    """The command, for the cage, that prints pages as PNM."""
    numbers = (page_numbers.start, page_numbers.stop - 1, long_side)
    return ["python", *as_program("indexer.pdf.draw"), pdf.resolve(), *map(str, numbers), colors]


def _images(file: BinaryIO) -> Iterator[Image.Image]:
    while header := read_header(file):
        mode, size, row_bytes = header
        yield Image.frombytes(mode, size, file.read(row_bytes * size[1]))


def read_header(file: BinaryIO) -> tuple[str, tuple[int, int], int] | None:
    """Mode, (width, height) and bytes a row of the PNM image that follows; None at the end."""
    magic, size = file.readline().strip(), file.readline().split()
    file.readline()  # the largest value, 255
    if magic not in _MODES or len(size) != 2:
        return None
    mode, channels = _MODES[magic]
    width, height = map(int, size)
    return mode, (width, height), channels * width
