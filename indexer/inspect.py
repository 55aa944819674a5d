"""Looks at a file before it is taken in: is it a PDF that poppler can open, and within the limits?"""

from pathlib import Path

from pdf2image import pdfinfo_from_path
from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError

from indexer.cage import cage
from vdr.errors import (
    DocumentError,
    FileTooLarge,
    NotAPdf,
    PdfBroken,
    PdfEmpty,
    PdfEncrypted,
    TooManyPages,
)
from vdr.settings import IngestSettings

_HEADER = b"%PDF-"
_HEADER_WITHIN = 1024  # readers accept the header anywhere in the first 1,024 bytes


def count_pages(path: Path, name: str, settings: IngestSettings) -> int:
    """How many pages the PDF at `path` has, at least one; `name` is what errors call it.

    Raises the DocumentError that says why it cannot be taken in, or MissingProgram without poppler.
    """
    check_file(path, name, settings)
    page_count = _ask_poppler(path, name, settings)
    if page_count == 0:
        raise PdfEmpty(f"{name} has no pages.")
    if page_count > settings.max_pages:
        raise TooManyPages(f"{name} has {page_count:,} pages; the limit is {settings.max_pages:,}.")
    return page_count


def check_file(path: Path, name: str, settings: IngestSettings) -> None:
    """Raises FileTooLarge, PdfEmpty or NotAPdf, going by size and content and never by the name."""
    size_bytes = path.stat().st_size
    if size_bytes > settings.max_file_bytes:
        raise FileTooLarge(f"{name} has {size_bytes:,} bytes; the limit is {settings.max_file_bytes:,}.")
    if size_bytes == 0:
        raise PdfEmpty(f"{name} has no bytes.")
    with path.open("rb") as file:
        if _HEADER not in file.read(_HEADER_WITHIN):
            raise NotAPdf(f"{name} is not a PDF, going by its content.")


def _ask_poppler(path: Path, name: str, settings: IngestSettings) -> int:
    timeout_s = settings.page_timeout_s
    try:
        with cage(settings) as caged:
            caged.program("pdfinfo")
            told = pdfinfo_from_path(path.resolve(), timeout=timeout_s, poppler_path=str(caged.programs))
            return int(told["Pages"])
    except PDFPopplerTimeoutError as error:
        raise PdfBroken(f"{name} could not be opened within {timeout_s:g} s.") from error
    except PDFPageCountError as error:
        raise _explain(str(error), name) from error


def _explain(complaint: str, name: str) -> DocumentError:
    if "Incorrect password" in complaint:
        return PdfEncrypted(f"{name} needs a password.")
    if "larger than number of objects" in complaint:  # then it says "Wrong page range" as well
        return PdfBroken(f"{name} is damaged: it counts more pages than it can hold.")
    if "Invalid page count 0" in complaint or "Wrong page range" in complaint:
        return PdfEmpty(f"{name} has no pages.")
    return PdfBroken(f"{name} is damaged: poppler cannot open it.")
