"""Turns PDF pages into page images: in processes of their own, a small range of pages at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from PIL import Image

from indexer.ahead import ahead
from indexer.pdf.pdfium import draw_by_pdfium
from indexer.pdf.poppler import draw_by_poppler, is_blank
from vdr.errors import PageFailed
from vdr.settings import IngestSettings, Rasterizer

RasterizedPage = tuple[int, Image.Image | PageFailed]

# Every poppler process parses the PDF's structure again. Long side 1,536, one process, ms per page in ranges
# of 1, 4, 8 and 16 pages: a 503-page filing 162, 86, 78, 56; a 106-page report 174, 121, 108, 91. A page
# costs the same at the end of the filing as at its beginning, so nothing is quadratic in the number of pages.
# 8 pages give most of the gain for half the memory of 16. Over the pipe: PPM 78, JPEG 63 (lossy), PNG 499.
_RANGE_PAGES = 8
# As many as the largest batch of an embedder on a GPU: 0.2 GB of RGB, for each run that is made ready ahead.
_MOST_PAGES = 32
_PAGE_PIXELS = 1_536**2


def rasterize(pdf: Path, page_numbers: Sequence[int], settings: IngestSettings) -> Iterator[RasterizedPage]:
    """The pages in order, each with its RGB image (long side exactly `page_long_side`) or the error.

    `settings.rasterize_workers` processes run at once; memory contains one small range of pages
    for each of them and one more, whatever the PDF. Raises MissingProgram without poppler.
    """
    tasks = (
        partial(rasterize_range, pdf, numbers, settings) for numbers in page_ranges(page_numbers, settings)
    )
    with closing(ahead(tasks, settings.rasterize_workers)) as done:
        for pages in done:
            yield from pages


def page_ranges(
    page_numbers: Sequence[int], settings: IngestSettings, at_once: int = _RANGE_PAGES
) -> list[range]:
    """Cuts ascending page numbers into runs, on a grid that only the settings and `at_once` decide.

    A page is always together with the same neighbours, if they are there too. A run is rasterized in one
    process, unless an embedder wants more `at_once`: it has as many pages, as far as their images are small
    enough.
    """
    pages = min(max(at_once, _RANGE_PAGES), _MOST_PAGES)
    size = max(1, min(pages, pages * _PAGE_PIXELS // settings.page_long_side**2))
    ranges: list[range] = []
    for number in page_numbers:
        last = ranges[-1] if ranges else range(0)
        if last and number == last.stop and (number - 1) % size != 0:
            ranges[-1] = range(last.start, number + 1)
        else:
            ranges.append(range(number, number + 1))
    return ranges


def rasterize_range(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[RasterizedPage]:
    """The pages of one run, from one process where all goes well.

    When it takes longer than `page_timeout_s` or yields too few pages, it is killed and every page is
    tried alone, so that only the broken one is lost; that one is left to the other rasterizer.
    """
    draw, draw_instead = _in_order(settings.rasterizer)
    pages = _drawn(draw, pdf, page_numbers, settings)
    return [_once_more(draw_instead, pdf, page, settings) for page in pages]


Draw = Callable[[Path, range, IngestSettings], list[Image.Image]]


def _in_order(first: Rasterizer) -> tuple[Draw, Draw]:
    if first is Rasterizer.POPPLER:
        return draw_by_poppler, draw_by_pdfium
    return draw_by_pdfium, draw_by_poppler


def _drawn(draw: Draw, pdf: Path, page_numbers: range, settings: IngestSettings) -> list[RasterizedPage]:
    try:
        images = draw(pdf, page_numbers, settings)
    except PageFailed as error:
        images, failure = [], error
    else:
        failure = PageFailed(f"Page {page_numbers.start} cannot be drawn.")
    if len(images) == len(page_numbers):
        return list(zip(page_numbers, images, strict=True))
    if len(page_numbers) == 1:
        return [(page_numbers.start, failure)]
    return [page for n in page_numbers for page in _drawn(draw, pdf, range(n, n + 1), settings)]


def _once_more(
    draw_instead: Draw, pdf: Path, page: RasterizedPage, settings: IngestSettings
) -> RasterizedPage:
    """The page as the other rasterizer draws it, where the first has failed.

    Pdfium leaves a page blank that it cannot draw: poppler says whether it is.
    """
    number, image = page
    is_in_doubt = draw_instead is draw_by_poppler and not isinstance(image, PageFailed) and is_blank(image)
    if not isinstance(image, PageFailed) and not is_in_doubt:
        return page
    ((_, other),) = _drawn(draw_instead, pdf, range(number, number + 1), settings)
    if is_in_doubt:
        return number, other
    return page if isinstance(other, PageFailed) or is_blank(other) else (number, other)
