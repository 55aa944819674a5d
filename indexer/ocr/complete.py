"""Completing the words of an indexed document by OCR: one choreography, for a command and a durable job."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image

from indexer.ingest import AtOnce, Execution, check_attempt
from indexer.library import Library
from indexer.ocr.pages import is_wanted, languages_of, read_pages
from indexer.pdf.closer import closer_look
from indexer.pdf.prepare import webp_of
from indexer.pdf.rasterize import page_ranges
from indexer.pdf.text_layer import read_text_layer
from indexer.words import set_terms
from vdr.closer import is_legible, read_closely
from vdr.errors import PageFailed
from vdr.settings import IngestSettings, OcrMode
from vdr.types import Document, PageRef, PageVectors, PageWords, Word


def complete_document(
    library: Library,
    document_id: str,
    attempt: int,
    *,
    execution: Execution = AtOnce(),  # noqa: B008 - without state
    before_run: Callable[[], None] = lambda: None,
    after_run: Callable[[int], None] = lambda _: None,
) -> None:
    """Let OCR see the pages of a document that it has not seen, one run after the other.

    The catalogue knows how far it is, so no step is noted: a run that is done again changes nothing and costs
    seconds. `before_run` is called before each, `after_run` with its number of pages after it. Whatever is
    raised, the document stays as it is, without the rest.
    """
    try:
        document = execution.insist(lambda: check_attempt(library, document_id, attempt))
        runs = ocr_runs(library, document)
        for run in runs:
            before_run()
            execution.insist(partial(complete_run, library, document_id, attempt, run))
            after_run(len(run))
        if not runs:  # it is no longer wanted
            execution.insist(lambda: library.catalogue.end_ocr(document_id))
    except Exception:
        execution.insist(lambda: give_up_ocr(library, document_id, attempt))
        raise


def ocr_runs(library: Library, document: Document) -> list[range]:
    """The runs of pages that OCR has not seen yet; none where it is not wanted."""
    if library.settings.ocr is OcrMode.OFF:
        return []
    indexing = document.indexing
    return page_ranges(range(indexing.ocr_pages_done + 1, indexing.ocr_pages + 1), library.settings)


def complete_run(library: Library, document_id: str, attempt: int, page_numbers: range) -> None:
    """Complete the words of a run of pages; doing it twice changes nothing.

    Raises NotFound or Cancelled if the document was deleted or queued again meanwhile.
    """
    there = library.indexed_pages(document_id)
    known = {n: library.objects.page_words(PageRef(document_id, n)) for n in page_numbers if n in there}
    wanted = {n: words for n, words in known.items() if is_wanted(words, library.settings.ocr)}
    completed = read_pictures(library, document_id, wanted)
    found = {n: words for n, words in completed.items() if words.ocr or known[n].ocr}
    embedded = _embedded(library, found)
    with library.writing:
        check_attempt(library, document_id, attempt)
        if embedded and (index := library.index):
            index.set_embeddings(document_id, embedded)
        for number, words in completed.items():
            library.objects.put_page_words(PageRef(document_id, number), words)
        if index := library.index:
            set_terms(library, index, document_id, completed)
        library.catalogue.advance_ocr(document_id, page_numbers.stop - 1)


def _embedded(library: Library, pages: Mapping[int, PageWords]) -> dict[int, tuple[PageVectors | None, ...]]:
    """What embedders of words make of pages, by number; nothing without such an embedder.

    They give many vectors a page, so an index without any needs no model. Raises what the embedder raises.
    """
    index = library.index
    if not pages or index is None or not any(each.shape.has_many_vectors for each in index.schema.vectors):
        return {}
    if not library.embedder.takes_words:
        return {}
    from vdr.models.several import of_words  # noqa: PLC0415 - of no use without a model

    with library.models.embedding:
        return dict(zip(pages, of_words(library.embedder, list(pages.values())), strict=True))


def read_pictures(library: Library, document_id: str, known: Mapping[int, PageWords]) -> dict[int, PageWords]:
    """The words of pages with those that OCR finds; nothing is kept. Raises NotFound, MissingProgram."""
    images = [library.objects.page_image(PageRef(document_id, number)) for number in known]
    languages = languages_of(library.collection.name, library.settings)
    found = dict(zip(known, read_pages(images, languages, library.settings), strict=True))
    sizes = {number: _size(image) for number, image in zip(known, images, strict=True)}
    if unread := [number for number, words in found.items() if not is_legible(words, sizes[number])]:
        with library.objects.pdf_file(document_id) as pdf:
            for number in unread:
                found[number] = read_large_page(
                    pdf, number, found[number], sizes[number], languages, library.settings
                )
    return {number: replace(known[number], ocr=words) for number, words in found.items()}


def read_large_page(
    pdf: Path,
    number: int,
    words: tuple[Word, ...],
    size: tuple[int, int],
    languages: str,
    settings: IngestSettings,
) -> tuple[Word, ...]:
    """The words of a page in tiles, if it is a large one of whose image, of that size, `words` were read."""
    try:
        (text,) = read_text_layer(pdf, range(number, number + 1), settings)
    except (PageFailed, ValueError):  # without it there is no knowing how large the page is
        return words
    look = closer_look(pdf, number, (text.width, text.height), settings)
    if look is None:
        return words

    def read(tile: Image.Image) -> tuple[Word, ...]:
        return read_pages([webp_of(tile)], languages, settings)[0]

    return tuple(read_closely(words, size, look, read))


def _size(webp: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(webp)) as image:
        return image.size


def give_up_ocr(library: Library, document_id: str, attempt: int) -> None:
    """Leave a document as it is; nothing stays of one that was deleted meanwhile."""
    document = library.catalogue.find(document_id)
    if document is None:
        library.erase_rest(document_id)
    elif document.indexing.attempt == attempt:
        library.catalogue.end_ocr(document_id)
