"""Pages made ready from what is kept of them, for a generation that is built beside the one that serves."""

import io
from pathlib import Path

from PIL import Image

from indexer.pdf.closer import closer_look
from indexer.pdf.prepare import FEW_WORDS, PreparedPage, PreparedPages, prepare_pages
from indexer.pdf.text_layer import read_text_layer
from vdr.closer import CLOSER_LOOK, is_legible
from vdr.errors import NotFound, ObjectDamaged, PageFailed
from vdr.objects.store import ObjectStore
from vdr.settings import IngestSettings
from vdr.types import PageRef


def stored_pages(
    objects: ObjectStore, document_id: str, pdf: Path, page_numbers: range, settings: IngestSettings
) -> PreparedPages:
    """A run of pages with the images and words that are kept; nothing is drawn.

    Where something of the run is missing or damaged, all of it is made of the PDF, as `prepare_pages` does.
    """
    try:
        pages = [_page(objects, PageRef(document_id, number)) for number in page_numbers]
    except (NotFound, ObjectDamaged):
        return prepare_pages(pdf, page_numbers, settings)
    for page in pages:
        if not is_legible(page.text_layer, page.image.size, FEW_WORDS):
            _look_closer(page, pdf, settings)
    return PreparedPages(page_numbers, tuple(pages), ())


def _page(objects: ObjectStore, page: PageRef) -> PreparedPage:
    webp, words = objects.page_image(page), objects.document_words(page)
    image = Image.open(io.BytesIO(webp)).convert("RGB")
    return PreparedPage(page.page_number, image, webp, words.text_layer, words.ocr, is_stored=True)


def _look_closer(page: PreparedPage, pdf: Path, settings: IngestSettings) -> None:
    """Print that is too small on the image can be read from the PDF, as it was before."""
    number = page.page_number
    try:
        (text,) = read_text_layer(pdf, range(number, number + 1), settings)
    except (PageFailed, ValueError):  # without it there is no knowing how large the page is
        return
    look = closer_look(pdf, number, (text.width, text.height), settings)
    if look is not None:
        page.image.info[CLOSER_LOOK] = look
