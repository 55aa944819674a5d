"""Which program should draw pages: how long each takes, and how well the page reader reads what it draws.

    python -m benchmarks.rasterizers FOLDER [--pages 8]

FOLDER has PDFs. Of each, the same run of pages is drawn by poppler and by pdfium, and the words of the text
layer are looked for among those that the page reader finds. The last line is JSON: seconds of processor time
per page and the share of words read, for both and as a ratio.
"""

import json
import resource
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from PIL import Image

from indexer.paths import find_pdfs
from indexer.pdf.inspect import count_pages
from indexer.pdf.pdfium import draw_by_pdfium
from indexer.pdf.poppler import draw_by_poppler
from indexer.pdf.rasterize import Draw
from indexer.pdf.text_layer import read_text_layer
from vdr.environment import read_settings
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.several import first_of
from vdr.settings import IngestSettings
from vdr.types import Word

_DRAW: dict[str, Draw] = {"poppler": draw_by_poppler, "pdfium": draw_by_pdfium}
_LEAST_WORDS = 20  # below it, a page says nothing about reading
_LEAST_LETTERS = 3


@dataclass(slots=True)
class Measured:
    """What one program took and gave, over all PDFs."""

    seconds_a_page: list[float] = field(default_factory=list)
    drawn: int = 0
    words: int = 0
    words_read: int = 0


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with PDFs.")],
    pages: Annotated[int, typer.Option(help="Pages of each PDF.")] = 8,
) -> None:
    """Measure both programs on the same pages."""
    settings, embedder = IngestSettings(), load_embedder(first_of(read_settings().model))
    measured = {name: Measured() for name in _DRAW}
    for pdf in find_pdfs([str(folder)]):
        run = _middle(count_pages(pdf, pdf.name, settings), pages)
        text = {page.page_number: page.words for page in read_text_layer(pdf, run, settings)}
        for name, draw in _DRAW.items():
            images = _timed(draw, pdf, run, settings, measured[name])
            _read(embedder, images, [text.get(number, ()) for number in run], measured[name])
    typer.echo(json.dumps({"benchmark": "rasterizers", **_told(measured)}))


def _middle(page_count: int, most: int) -> range:
    start = max((page_count - most) // 2, 0) + 1
    return range(start, min(start + most, page_count + 1))


def _timed(
    draw: Draw, pdf: Path, run: range, settings: IngestSettings, measured: Measured
) -> list[Image.Image]:
    before = _children_s()
    images = draw(pdf, run, settings)
    measured.seconds_a_page.append((_children_s() - before) / len(run))
    measured.drawn += len(images)
    return images


def _children_s() -> float:
    """Seconds of processor time of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _read(
    embedder: Embedder,
    images: Sequence[Image.Image],
    expected: Sequence[Sequence[Word]],
    measured: Measured,
) -> None:
    for vectors, words in zip(embedder.encode_pages(images), expected, strict=False):
        wanted = Counter(word.text for word in words if len(word.text) >= _LEAST_LETTERS)
        if wanted.total() >= _LEAST_WORDS:
            found = Counter(word.text for word in vectors.words)
            measured.words += wanted.total()
            measured.words_read += (wanted & found).total()


def _told(measured: dict[str, Measured]) -> dict[str, object]:
    told = {
        name: {
            "pages_drawn": each.drawn,
            "ms_per_page": {
                "median": round(1_000 * median(each.seconds_a_page), 1),
                "mean": round(1_000 * sum(each.seconds_a_page) / len(each.seconds_a_page), 1),
                "slowest": round(1_000 * max(each.seconds_a_page), 1),
            },
            "words": each.words,
            "share_read": round(each.words_read / each.words, 4) if each.words else None,
        }
        for name, each in measured.items()
    }
    poppler, pdfium = (sum(each.seconds_a_page) for each in measured.values())
    return {**told, "pdfium_over_poppler": round(pdfium / poppler, 3)}


if __name__ == "__main__":
    typer.run(main)
