"""The PDFs of a build: those that can be taken in, with the layout of their pages."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.pdf.inspect import count_pages
from indexer.pdf.rasterize import rasterize
from training.pairs.layout import PageLayout
from training.pairs.read_layout import read_layout
from training.pairs.sources import PageImage
from vdr.errors import DocumentError, PageTimeout
from vdr.objects.checksums import hash_of
from vdr.settings import IngestSettings

# pdftohtml reads the whole structure of a PDF each time; this many pages a time keep its output small.
_RUN = 50


@dataclass(frozen=True, slots=True)
class PdfDocument:
    """A PDF with the layout of each of its pages."""

    name: str
    path: Path
    layouts: tuple[PageLayout, ...]
    settings: IngestSettings

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each page."""
        return tuple(layout.text for layout in self.layouts)

    def images(self, page_numbers: Sequence[int]) -> Iterator[PageImage]:
        """The pages, rasterized."""
        return rasterize(self.path, page_numbers, self.settings)


@dataclass(frozen=True, slots=True)
class PdfDocuments:
    """The PDFs that can be taken in, and a word about each that cannot and about pages without text.

    `copies` are further names of theirs, of files with the same bytes.
    """

    documents: tuple[PdfDocument, ...]
    refused: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    copies: Mapping[str, str] = field(default_factory=dict)


def open_pdfs(paths: Sequence[Path], settings: IngestSettings) -> PdfDocuments:
    """Every PDF once, by its bytes, under its file name or, where two share that, under its path.

    Raises MissingProgram without poppler; what is wrong with a single PDF is said in the result.
    """
    documents, warnings, seen = list[PdfDocument](), list[str](), dict[str, str]()
    refused, copies = list[str](), dict[str, str]()
    for name, path in zip(_names(paths), paths, strict=True):
        try:
            layouts = _layouts(path, count_pages(path, name, settings), settings, warnings)
        except DocumentError as error:
            refused.append(name)
            warnings.append(str(error))
            continue
        first = seen.setdefault(hash_of(path), name)
        if first != name:
            copies[name] = first
            warnings.append(f"{name} is identical to {first}.")
            continue
        documents.append(PdfDocument(name, path, layouts, settings))
        warnings += _about_text(name, layouts)
    return PdfDocuments(tuple(documents), tuple(refused), tuple(warnings), copies)


def _names(paths: Sequence[Path]) -> list[str]:
    shared = Counter(path.name for path in paths)
    return [path.as_posix() if shared[path.name] > 1 else path.name for path in paths]


def _layouts(
    path: Path, page_count: int, settings: IngestSettings, warnings: list[str]
) -> tuple[PageLayout, ...]:
    found: dict[int, PageLayout] = {}
    for start in range(1, page_count + 1, _RUN):
        numbers = range(start, min(start + _RUN, page_count + 1))
        try:
            found |= {each.page_number: each for each in read_layout(path, numbers, settings)}
        except PageTimeout as error:
            warnings.append(f"{path.name}: {error.message}")
    return tuple(found.get(number, PageLayout(number)) for number in range(1, page_count + 1))


def _about_text(name: str, layouts: Sequence[PageLayout]) -> list[str]:
    silent = sum(not layout.rows for layout in layouts)
    if not silent:
        return []
    return [
        f"{silent} page of {name} has no text." if silent == 1 else f"{silent} pages of {name} have no text."
    ]
