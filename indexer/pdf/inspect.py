"""Looks at a file before it is taken in: what is it, and is it within the limits?"""

import re
from dataclasses import dataclass
from pathlib import Path

from indexer.pdf.cage import Overrun, cage
from indexer.pdf.kinds import Kind, kind_of
from vdr.errors import (
    DocumentError,
    FileTooLarge,
    NotAccepted,
    PdfBroken,
    PdfEmpty,
    PdfEncrypted,
    TooManyPages,
)
from vdr.objects.checksums import hash_of
from vdr.settings import IngestSettings

_BLOCK = 2**20
# A title may contain such a line too; it comes before.
_PAGES = re.compile(rb"^Pages:\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that was looked at once: `name` is what errors call it, `sha256` the hash of its bytes.

    `kind` is None for a file of no kind that can become a document; `suffix` is what files like it end in.
    """

    path: Path
    name: str
    size_bytes: int
    sha256: str
    kind: Kind | None
    suffix: str


def inspect(path: Path, name: str, settings: IngestSettings) -> Inspected:
    """What the file at `path` is. Raises FileTooLarge or PdfEmpty."""
    size_bytes = path.stat().st_size
    _check_size(size_bytes, name, settings)
    if size_bytes == 0:
        raise PdfEmpty(f"{name} is empty.")
    kind, suffix = kind_of(path) or (None, "")
    return Inspected(path, name, size_bytes, hash_of(path), kind, suffix)


def snapshot(path: Path, name: str, folder: Path, settings: IngestSettings) -> Path:
    """A copy in `folder` of a file that may be written to meanwhile, or of a pipe. Raises FileTooLarge."""
    _check_size(path.stat().st_size, name, settings)
    copy, size_bytes = folder / "snapshot", 0
    with path.open("rb") as source, copy.open("xb") as target:
        while block := source.read(_BLOCK):
            size_bytes += len(block)
            _check_size(size_bytes, name, settings)
            target.write(block)
    return copy


def count_pages(path: Path, name: str, settings: IngestSettings) -> int:
    """How many pages the PDF at `path` has, at least one; `name` is what errors call it.

    Raises the DocumentError that says why it cannot be taken in, or MissingProgram without poppler.
    """
    if inspect(path, name, settings).kind is not Kind.PDF:
        raise NotAccepted(f"{name} is not a PDF file.")
    return pages_of(path, name, settings)


def pages_of(pdf: Path, name: str, settings: IngestSettings) -> int:
    """How many pages a file has that is known to be a PDF. Raises as `count_pages`."""
    page_count = _ask_poppler(pdf, name, settings)
    if page_count == 0:
        raise PdfEmpty(f"{name} has no pages.")
    if page_count > settings.max_pages:
        raise TooManyPages(f"{name} has {page_count:,} pages; the limit is {settings.max_pages:,}.")
    return page_count


def _check_size(size_bytes: int, name: str, settings: IngestSettings) -> None:
    if size_bytes > settings.max_file_bytes:
        raise FileTooLarge(f"{name} is {size_bytes:,} bytes; the limit is {settings.max_file_bytes:,}.")


def is_locked(pdf: Path, name: str, settings: IngestSettings) -> bool:
    """Whether a PDF asks for a password. Raises as `count_pages` for what else is wrong with it."""
    try:
        pages_of(pdf, name, settings)
    except PdfEncrypted:
        return True
    return False


def _ask_poppler(path: Path, name: str, settings: IngestSettings) -> int:
    timeout_s = settings.page_timeout_s
    with cage(settings, timeout_s) as caged:
        caged.program("pdfinfo", keeps_complaints=True)
        try:
            _, told = caged.read(["pdfinfo", path.resolve()], timeout_s)
        except Overrun as error:
            raise PdfBroken(f"{name} could not be opened within {timeout_s:g} s.") from error
        counts = _PAGES.findall(told)
        if not counts:
            raise _explain(caged.complaints("pdfinfo"), name)
        return int(counts[-1])


def _explain(complaint: str, name: str) -> DocumentError:
    if "Incorrect password" in complaint:
        return PdfEncrypted(f"{name} is password-protected.")
    if "larger than number of objects" in complaint:  # then it says "Wrong page range" as well
        return PdfBroken(f"{name} is damaged: its page count is impossible.")
    if "Invalid page count 0" in complaint or "Wrong page range" in complaint:
        return PdfEmpty(f"{name} has no pages.")
    return PdfBroken(f"{name} is damaged and cannot be opened.")
