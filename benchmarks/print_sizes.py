"""How well the page reader reads print of each size, from footnotes to posters.

python -m benchmarks.print_sizes [--words 40]

Words of the English list in /usr/share/dict (Debian: wamerican), in six faces of Liberation and DejaVu, black
on white letter pages, as many to a page as fit. The last line is JSON: for each size in points the share of
words that are read to the letter, in whatever case.
"""

import json
from collections.abc import Iterator
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from benchmarks.languages import right_to_the_letter
from training.drawing.canvas import Canvas, Ink
from training.drawing.fonts import Face, FontBook
from training.page_reader.measure import read_page
from training.page_reader.texts import read_word_list
from vdr.environment import read_settings
from vdr.models.embedder import load_embedder
from vdr.models.several import first_of

_SIZES_PT = (5, 6, 7, 8, 10, 12, 16, 24, 36, 48, 60, 80, 100, 120)
_FACES = tuple(Face(family, bold) for family in ("sans", "serif", "wide") for bold in (False, True))
_WIDTH, _HEIGHT, _PIXELS_A_POINT = 1_187, 1_536, 1_536 / 792
_MARGIN, _LEADING = 72, 1.3


def main(words: Annotated[int, typer.Option(min=1, help="Words of each size and face.")] = 40) -> None:
    """Draw, read and compare."""
    embedder = load_embedder(first_of(read_settings().model))
    chosen = np.random.default_rng(1).choice(read_word_list("english"), words * len(_FACES)).tolist()
    shares = {}
    for size in _SIZES_PT:
        pages = [
            read_page(embedder, page.pixels, page.page_lines)
            for number, face in enumerate(_FACES)
            for page in _pages(chosen[number :: len(_FACES)], _ink(face, size))
        ]
        shares[size] = right_to_the_letter(pages)
        typer.echo(f"{size:3} pt  {shares[size]:.3f}")
    typer.echo(json.dumps({"benchmark": "print_sizes", "words": words * len(_FACES), "right": shares}))


def _ink(face: Face, size_pt: float) -> Ink:
    return Ink(FontBook().pixel_font(face, round(size_pt * _PIXELS_A_POINT)), gray=0)


def _pages(words: list[str], ink: Ink) -> Iterator[Canvas]:
    """Pages that hold all of the words that fit a line."""
    left = [word for word in words if ink.length(word) < _WIDTH - 2 * _MARGIN]
    while left:
        page = Canvas(Image.new("L", (_WIDTH, _HEIGHT), 255))
        y = float(_MARGIN)
        while left and y + _LEADING * ink.line_height < _HEIGHT:
            row = [left.pop()]
            while left and ink.length(" ".join([*row, left[-1]])) < _WIDTH - 2 * _MARGIN:
                row.append(left.pop())
            page.line(_MARGIN, y, row, ink)
            y += _LEADING * ink.line_height
        yield page


if __name__ == "__main__":
    typer.run(main)
