"""Draws pages by poppler, through pdf2image."""

from pathlib import Path

from pdf2image import convert_from_path
from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError
from PIL import Image

from indexer.pdf.cage import Cage, Overrun, cage
from vdr.errors import PageFailed, PageTimeout
from vdr.settings import IngestSettings

_OUT_OF_MEMORY = "Out of memory"
_ERRORS = ("Syntax Error", "Internal Error")


def draw_by_poppler(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[Image.Image]:
    """The images of the pages, as many as it could draw. Raises PageFailed, and MissingProgram without it."""
    try:
        with cage(settings, settings.page_timeout_s) as caged:
            caged.program("pdfinfo", keeps_complaints=True)
            caged.program("pdftoppm", keeps_complaints=True)
            # pdf2image asks it too, and waits for as long as it takes.
            caged.read(["pdfinfo", pdf.resolve()], settings.page_timeout_s)
            caged.repeat("pdfinfo")
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
            if _page_errors(caged) and any(map(is_blank, loaded)):
                raise PageFailed(f"Page {page_numbers.start} is damaged and cannot be drawn.")
            return loaded
    except (PDFPopplerTimeoutError, Overrun) as error:
        seconds = f"{settings.page_timeout_s:g} s"
        raise PageTimeout(f"Page {page_numbers.start} took longer than {seconds} to rasterize.") from error
    except (PDFPageCountError, OSError, ValueError) as error:  # a crash of poppler leaves half an image
        raise PageFailed(f"Page {page_numbers.start} cannot be rasterized.") from error


def is_blank(image: Image.Image) -> bool:
    """Whether an image is of one color."""
    return image.getcolors(maxcolors=1) is not None


def _page_errors(caged: Cage) -> set[str]:
    """Errors in pages. Those that pdfinfo has too are of the file as a whole, and make no page blank."""
    drawing, opening = (set(caged.complaints(name).splitlines()) for name in ("pdftoppm", "pdfinfo"))
    return {line for line in drawing - opening if line.startswith(_ERRORS)}


def _loaded(image: Image.Image) -> Image.Image:
    image.load()  # from here on the image keeps only its pixels, not poppler's output as well
    return image
