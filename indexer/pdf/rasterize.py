"""Turns PDF pages into page images: poppler in processes of its own, a small range of pages at a time."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from pdf2image import convert_from_path
from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError
from PIL import Image

from indexer.ahead import ahead
from indexer.pdf.cage import Cage, cage
from vdr.errors import PageFailed, PageTimeout
from vdr.settings import IngestSettings

RasterizedPage = tuple[int, Image.Image | PageFailed]

# Every poppler process parses the PDF's structure again. Long side 1,536, one process, ms per page in ranges
# of 1, 4, 8 and 16 pages: a 503-page filing 162, 86, 78, 56; a 106-page report 174, 121, 108, 91. A page
# costs the same at the end of the filing as at its beginning, so nothing is quadratic in the number of pages.
# 8 pages give most of the gain for half the memory of 16. Over the pipe: PPM 78, JPEG 63 (lossy), PNG 499.
_RANGE_PAGES = 8
_OUT_OF_MEMORY = "Out of memory"
_ERRORS = ("Syntax Error", "Internal Error")
_RANGE_PIXELS = _RANGE_PAGES * 1_536**2


def rasterize(pdf: Path, page_numbers: Sequence[int], settings: IngestSettings) -> Iterator[RasterizedPage]:
    """The pages in order, each with its RGB image (long side exactly `page_long_side`) or the error.

    `settings.rasterize_workers` poppler processes run at once; memory contains one small range of pages
    for each of them and one more, whatever the PDF. Raises MissingProgram without poppler.
    """
    tasks = (
        partial(rasterize_range, pdf, numbers, settings) for numbers in page_ranges(page_numbers, settings)
    )
    with closing(ahead(tasks, settings.rasterize_workers)) as done:
        for pages in done:
            yield from pages


def page_ranges(page_numbers: Sequence[int], settings: IngestSettings) -> list[range]:
    """Cuts ascending page numbers into runs to rasterize at once, on a grid that only the settings decide.

    A page is always together with the same neighbours, if they are there too.
    """
    size = max(1, min(_RANGE_PAGES, _RANGE_PIXELS // settings.page_long_side**2))
    ranges: list[range] = []
    for number in page_numbers:
        last = ranges[-1] if ranges else range(0)
        if last and number == last.stop and (number - 1) % size != 0:
            ranges[-1] = range(last.start, number + 1)
        else:
            ranges.append(range(number, number + 1))
    return ranges


def rasterize_range(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[RasterizedPage]:
    """The pages of one run, from one poppler process where all goes well.

    When it takes longer than `page_timeout_s` or yields too few pages, it is killed and every page is
    tried alone, so that only the broken one is lost.
    """
    try:
        images = _run_poppler(pdf, page_numbers, settings)
    except PageFailed as error:
        images, failure = [], error
    else:
        failure = PageFailed(f"Poppler produced no image of page {page_numbers.start}.")
    if len(images) == len(page_numbers):
        return list(zip(page_numbers, images, strict=True))
    if len(page_numbers) == 1:
        return [(page_numbers.start, failure)]
    return [page for n in page_numbers for page in rasterize_range(pdf, range(n, n + 1), settings)]


def _run_poppler(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[Image.Image]:
    try:
        with cage(settings, settings.page_timeout_s) as caged:
            caged.program("pdfinfo", keeps_complaints=True)
            caged.program("pdftoppm", keeps_complaints=True)
            images = convert_from_path(
                pdf.resolve(),
                first_page=page_numbers.start,
                last_page=page_numbers.stop - 1,
                size=settings.page_long_side,
                use_cropbox=True,
                timeout=settings.page_timeout_s,
                poppler_path=str(caged.programs),
            )
            # It then continues with pages that are blank or cut off, and exits with success.
            if _OUT_OF_MEMORY in caged.complaints("pdftoppm"):
                raise PageFailed(f"Page {page_numbers.start} needs more memory than allowed.")
            loaded = [_loaded(image) for image in images]
            if _page_errors(caged) and any(map(_is_blank, loaded)):
                raise PageFailed(f"Page {page_numbers.start} is damaged and cannot be drawn.")
            return loaded
    except PDFPopplerTimeoutError as error:
        seconds = f"{settings.page_timeout_s:g} s"
        raise PageTimeout(f"Page {page_numbers.start} took longer than {seconds} to rasterize.") from error
    except (PDFPageCountError, OSError, ValueError) as error:  # a crash of poppler leaves half an image
        raise PageFailed(f"Page {page_numbers.start} cannot be rasterized.") from error


def _page_errors(caged: Cage) -> set[str]:
    """Errors in pages. Those that pdfinfo has too are of the file as a whole, and make no page blank."""
    drawing, opening = (set(caged.complaints(name).splitlines()) for name in ("pdftoppm", "pdfinfo"))
    return {line for line in drawing - opening if line.startswith(_ERRORS)}


def _is_blank(image: Image.Image) -> bool:
    return image.getcolors(maxcolors=1) is not None


def _loaded(image: Image.Image) -> Image.Image:
    image.load()  # from here on the image keeps only its pixels, not poppler's output as well
    return image
