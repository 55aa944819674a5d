"""Makes a run of pages ready for the embedder: page images, their WebP bytes, words of the text layer."""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from indexer.pdf.closer import closer_look
from indexer.pdf.rasterize import RasterizedPage, page_ranges, rasterize_range
from indexer.pdf.text_layer import TextLayer, read_text_layer
from indexer.progress import StepSeconds
from vdr.closer import CLOSER_LOOK, is_legible
from vdr.errors import PageFailed
from vdr.settings import IngestSettings
from vdr.types import PageError, PageVectors, Word

_logger = logging.getLogger(__name__)

# A dense filing page of 1,536 px at quality 75, methods 0, 1, 2, 4: 58, 74, 92, 263 ms of one core and
# 198, 196, 176, 172 kB.
_WEBP_QUALITY = 75
_WEBP_METHOD = 0
# A text layer of fewer says nothing of the print on the page.
FEW_WORDS = 5


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page the embedder can take, with what will be stored along with its vectors.

    `ocr` are words that OCR has found before, None where it has not been. Of one that `is_stored` image and
    words are kept already.
    """

    page_number: int
    image: Image.Image
    webp: bytes
    text_layer: tuple[Word, ...]
    ocr: tuple[Word, ...] | None = None
    is_stored: bool = False


@dataclass(frozen=True, slots=True)
class PreparedPages:
    """A run of pages, those that cannot be indexed apart from the others.

    `read` are the words of `pages` where something reads them beside the embedder, `vectors` those of `pages`
    once they are embedded: a run whose storing is tried again has them.
    """

    page_numbers: range
    pages: tuple[PreparedPage, ...]
    errors: tuple[PageError, ...]
    read: list[tuple[Word, ...]] = field(default_factory=list)
    vectors: list[PageVectors] = field(default_factory=list)
    seconds: StepSeconds = field(default_factory=StepSeconds)


def prepare_pages(pdf: Path, page_numbers: range, settings: IngestSettings) -> PreparedPages:
    """Rasterizes a run of pages and reads their text layer, each through poppler.

    A page that cannot be rasterized becomes a PageError; one whose text layer cannot be read is indexed by
    its looks alone. Raises MissingProgram without poppler.
    """
    seconds = StepSeconds()
    with seconds.measure("rasterize"):
        # A process for each few, as the time limit is for them.
        pieces = page_ranges(page_numbers, settings)
        rasterized = [page for piece in pieces for page in rasterize_range(pdf, piece, settings)]
    with seconds.measure("text"):
        texts = {text.page_number: text for text in _read_texts(pdf, rasterized, settings)}
    with seconds.measure("encode_image"):
        prepared = [_prepare(pdf, page, texts.get(page[0]), settings) for page in rasterized]
    return PreparedPages(
        page_numbers,
        tuple(page for page in prepared if isinstance(page, PreparedPage)),
        tuple(page for page in prepared if isinstance(page, PageError)),
        seconds=seconds,
    )


def _prepare(
    pdf: Path, page: RasterizedPage, text: TextLayer | None, settings: IngestSettings
) -> PreparedPage | PageError:
    number, image = page
    if isinstance(image, PageFailed):
        return PageError(number, image.code, image.message)
    if text is not None and text.is_missing:  # poppler then draws a dot, or a copy of another page
        return PageError(number, PageFailed.code, f"The PDF lists page {number} but does not contain it.")
    words = text.words_on(image.size) if text is not None else ()
    look = closer_look(pdf, number, (text.width, text.height), settings) if text is not None else None
    if look is not None and not is_legible(words, image.size, FEW_WORDS):
        image.info[CLOSER_LOOK] = look
    return PreparedPage(number, image, webp_of(image), words)


def _read_texts(pdf: Path, rasterized: list[RasterizedPage], settings: IngestSettings) -> Iterator[TextLayer]:
    """The text of pages that have an image; what poppler cannot draw it would only be killed over again."""
    numbers = [number for number, image in rasterized if not isinstance(image, PageFailed)]
    if len(numbers) == len(rasterized):
        yield from _read_run(pdf, range(numbers[0], numbers[-1] + 1), settings)
        return
    for number in numbers:
        yield from _read_run(pdf, range(number, number + 1), settings)


def _read_run(pdf: Path, page_numbers: range, settings: IngestSettings) -> Iterator[TextLayer]:
    try:
        yield from _read_whole(pdf, page_numbers, settings)
    except PageFailed as error:
        if len(page_numbers) == 1:
            _logger.warning("%s is indexed without its text layer: %s", pdf, error)
            return
        for number in page_numbers:
            yield from _read_run(pdf, range(number, number + 1), settings)


def _read_whole(pdf: Path, page_numbers: range, settings: IngestSettings) -> list[TextLayer]:
    """The text of a run. Raises PageFailed where poppler came to its own end before that of the pages."""
    texts = read_text_layer(pdf, page_numbers, settings)
    if len(texts) < len(page_numbers):
        raise PageFailed(f"Poppler ended at the text of page {page_numbers.start + len(texts)}.")
    return texts


def webp_of(image: Image.Image) -> bytes:
    """An image as pages are stored."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_METHOD)
    return buffer.getvalue()
