"""The library: takes PDFs in, brings their pages into the index, and lets them go again."""

import re
import unicodedata
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, RLock
from typing import TYPE_CHECKING

from indexer.ahead import ahead
from indexer.ocr.pages import is_wanted, languages_of, read_pages
from indexer.pdf.as_pdf import as_pdf
from indexer.pdf.inspect import check_size, count_pages
from indexer.pdf.prepare import PreparedPage, PreparedPages, prepare_pages
from indexer.pdf.rasterize import page_ranges
from indexer.progress import PagesIndexed, Progress
from vdr.catalogue.documents import Catalogue, OnQueued, now
from vdr.errors import Cancelled, NotFound, PageFailed, VdrError
from vdr.index import IndexSchema, VectorIndex, open_index, page_terms
from vdr.merging import merged
from vdr.objects.checksums import hash_of
from vdr.objects.store import ObjectStore
from vdr.settings import IngestSettings, OcrMode, Settings
from vdr.types import Document, DocumentState, PagePoint, PageRef, PageVectors, PageWords, Priority

if TYPE_CHECKING:  # what loads models need not be loaded to keep a library
    from vdr.models.embedder import Embedder

_MAX_NAME = 255  # as long as a file name may be on common file systems


class Library:
    """Documents with everything that belongs to them: catalogue row, bytes, page images, words, vectors.

    Several threads may use one library at once.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        objects: ObjectStore,
        index: VectorIndex,
        embedder: "Embedder",
        settings: IngestSettings,
    ) -> None:
        self.catalogue = catalogue
        self.objects = objects
        self.index = index
        self.embedder = embedder
        self.settings = settings
        self.embedding = Lock()  # one batch at a time on the device
        # A run of pages is written, or a document deleted, by one thread at a time.
        self._writing = RLock()

    def close(self) -> None:
        """Close the index and the catalogue."""
        self.index.close()
        self.catalogue.close()

    def add(
        self,
        path: Path,
        name: str,
        priority: Priority = Priority.INTERACTIVE,
        added_by: str = "",
        password: str | None = None,
    ) -> tuple[Document, bool]:
        """Take in the file at `path`: keep a PDF of it and queue it; True if it was not known before.

        A document is known by the bytes of that file, whatever its name. A known one that failed or was
        cancelled, or of which pages are missing in this index, is queued anew. Raises the DocumentError that
        says why a file cannot be taken.
        """
        name = clean_name(name)
        check_size(path, name, self.settings)
        document_id = hash_of(path)  # of what was sent, whatever is kept of it
        if document_id in self.catalogue.half_deleted():
            self.delete(document_id)
        known = self.catalogue.find(document_id)
        if known is not None:
            return self._queue_again(known, priority), False
        with TemporaryDirectory(prefix="vdr-", ignore_cleanup_errors=True) as folder:
            pdf = as_pdf(path, name, self.settings, Path(folder), password)
            document = Document(
                document_id=document_id,
                name=name,
                size_bytes=path.stat().st_size,
                state=DocumentState.QUEUED,
                created_at=now(),
                page_count=count_pages(pdf, name, self.settings),
                priority=priority,
                added_by=added_by,
            )
            self.objects.put_pdf(document_id, pdf)
        is_new = self.catalogue.add(document)
        return self.catalogue.get(document_id), is_new

    def process(
        self, document_id: str, progress: Progress | None = None, stop: Event | None = None
    ) -> Document:
        """Bring the pages of a document into the index, going on where an earlier attempt stopped.

        A page that fails is noted on the document and passed over; the document fails only if no page is
        left. Once `stop` is set it returns after the run of pages at hand, the document unfinished. Raises
        what `give_up` says of any VdrError on the way.
        """
        try:
            runs = self.begin(document_id)
            pages_left = sum(map(len, runs))
            with closing(self.prepared(document_id, runs)) as batches:
                for batch in batches:
                    pages_left -= len(batch.page_numbers)
                    document = self.index_run(document_id, batch, pages_left)
                    if progress is not None:
                        progress(PagesIndexed(document, len(batch.pages), batch.seconds))
                    if stop is not None and stop.is_set():
                        return document
            return self.finish(document_id)
        except VdrError as error:
            self.give_up(document_id, error)
            raise

    def begin(self, document_id: str) -> list[range]:
        """Enter a document among those under way; the runs of pages to do. Raises NotFound, Cancelled.

        They are whole runs, so that a resumed document is embedded in the same batches.
        """
        document = self.catalogue.get(document_id)
        runs = self._missing(document)
        self.catalogue.begin(document_id, document.page_count - sum(map(len, runs)))
        return runs

    def prepared(self, document_id: str, runs: Sequence[range]) -> Generator[PreparedPages, None, None]:
        """Runs of pages, made ready by threads while the caller embeds the one before. Raises NotFound."""
        with self.objects.pdf_file(document_id) as pdf:
            tasks = (partial(prepare_pages, pdf, run, self.settings) for run in runs)
            with closing(ahead(tasks, self.settings.rasterize_workers)) as batches:
                yield from batches

    def index_run(self, document_id: str, batch: PreparedPages, pages_left: int) -> Document:
        """Embed a run of pages and keep it, with `pages_left` to do after it; doing it twice changes nothing.

        Raises NotFound or Cancelled if the document was deleted or cancelled meanwhile, of which then
        nothing is left.
        """
        if batch.pages and not batch.vectors:
            with self.embedding, batch.seconds.measure("embed"):
                batch.vectors.extend(self.embedder.encode_pages([page.image for page in batch.pages]))
        with self._writing:
            document = self.catalogue.get(document_id)
            if document.state is DocumentState.CANCELLED:  # nobody may find it, not for a moment
                raise Cancelled(f"{document.name} was cancelled.")
            return self._write(document, batch, pages_left)

    def finish(self, document_id: str) -> Document:
        """Enter a document among those indexed. Raises PageFailed if not one of its pages is."""
        document = self.catalogue.get(document_id)
        if self.index.count(document_id) == 0:
            first = document.page_errors[0].message if document.page_errors else ""
            raise PageFailed(f"No page of {document.name} can be indexed. {first}".strip())
        self.catalogue.finish(document_id, ocr=self.settings.ocr is not OcrMode.OFF)
        return self.catalogue.get(document_id)

    def ocr_runs(self, document: Document) -> list[range]:
        """The runs of pages that OCR has not seen yet; none where it is not wanted."""
        if self.settings.ocr is OcrMode.OFF:
            return []
        return page_ranges(range(document.ocr_pages_done + 1, document.ocr_pages + 1), self.settings)

    def ocr_run(self, document_id: str, attempt: int, page_numbers: range) -> Document:
        """Let OCR complete the words of a run of pages; doing it twice changes nothing.

        Raises NotFound or Cancelled if the document was deleted or queued anew meanwhile.
        """
        there = self.index.page_numbers(document_id)
        known = {n: self.objects.page_words(document_id, n) for n in page_numbers if n in there}
        wanted = {n: words for n, words in known.items() if is_wanted(words, self.settings.ocr)}
        completed = self.read_pictures(document_id, wanted)
        with self._writing:
            self.check_attempt(document_id, attempt)
            for number, words in completed.items():
                self.objects.put_page_words(document_id, number, words)
            terms = {number: page_terms(merged(words)) for number, words in completed.items()}
            self.index.set_text_terms(
                document_id, {number: vector for number, vector in terms.items() if vector.indices}
            )
            self.catalogue.advance_ocr(document_id, page_numbers.stop - 1)
        return self.catalogue.get(document_id)

    def read_pictures(self, document_id: str, known: Mapping[int, PageWords]) -> dict[int, PageWords]:
        """The words of pages with those that OCR finds; nothing is kept. Raises NotFound, MissingProgram."""
        images = [self.objects.page_image(document_id, number) for number in known]
        languages = languages_of(self.catalogue.collection, self.settings)
        found = read_pages(images, languages, self.settings)
        return {n: replace(known[n], ocr=words) for n, words in zip(known, found, strict=True)}

    def give_up_ocr(self, document_id: str, attempt: int) -> None:
        """Leave a document as it is; nothing stays of one that was deleted meanwhile."""
        document = self.catalogue.find(document_id)
        if document is None:
            self._erase(document_id)
        elif document.attempt == attempt:
            self.catalogue.end_ocr(document_id)

    def check_attempt(self, document_id: str, attempt: int) -> Document:
        """The document. Raises NotFound, and Cancelled if it was queued anew meanwhile."""
        document = self.catalogue.get(document_id)
        if document.attempt != attempt:
            raise Cancelled(f"{document.name} was queued anew.")
        return document

    def give_up(self, document_id: str, error: VdrError) -> None:
        """Leave a document in a clean state after `error`.

        One deleted or cancelled meanwhile is rid of what was still written of it; one queued anew since is
        left to its new attempt; an error that may pass leaves it as it is; any other is noted on it.
        """
        document = self.catalogue.find(document_id)
        if document is None:
            self._erase(document_id)
        elif document.state is DocumentState.CANCELLED:
            self._erase_pages(document_id)
        elif not (error.may_pass or isinstance(error, Cancelled)):
            with suppress(NotFound, Cancelled):
                self.catalogue.fail(document_id, error)

    def cancel(self, document_id: str) -> Document:
        """Give a document up that is not finished, and its pages with it; its bytes stay, for another try.

        Raises NotFound, and BadInput if it is finished.
        """
        document = self.catalogue.cancel(document_id)
        self._erase_pages(document_id)
        return document

    def retry(self, document_id: str) -> Document:
        """Queue a document anew that failed, was cancelled or lacks pages; others stay as they are.

        Raises NotFound.
        """
        return self._queue_again(self.catalogue.get(document_id))

    def rebuild(self, document_id: str) -> None:
        """Forget everything derived from a document's bytes and queue it anew. Raises NotFound."""
        self.catalogue.get(document_id)
        self._erase_pages(document_id)
        self.catalogue.requeue(document_id, Priority.BULK)

    def delete(self, document_id: str) -> None:
        """Remove a document and everything that belongs to it. Raises NotFound.

        The row is marked first and goes last, so that what a crash leaves can be deleted again.
        """
        self.catalogue.mark_deleted(document_id)
        self._erase(document_id)
        self.catalogue.remove(document_id)

    def finish_deletions(self) -> None:
        """Delete the rest of documents whose deletion was cut off."""
        for document_id in self.catalogue.half_deleted():
            self.delete(document_id)

    def _queue_again(self, document: Document, priority: Priority | None = None) -> Document:
        is_incomplete = document.state is DocumentState.INDEXED and bool(self._missing(document))
        if document.state in (DocumentState.FAILED, DocumentState.CANCELLED) or is_incomplete:
            self.catalogue.requeue(document.document_id, priority)
        return self.catalogue.get(document.document_id)

    def _missing(self, document: Document) -> list[range]:
        done = {error.page_number for error in document.page_errors}
        done |= self.index.page_numbers(document.document_id)
        runs = page_ranges(range(1, document.page_count + 1), self.settings)
        return [run for run in runs if not done.issuperset(run)]

    def _write(self, document: Document, batch: PreparedPages, pages_left: int) -> Document:
        """Keep a run of pages; the index comes last, so that what it holds can always be shown."""
        document_id = document.document_id
        read = list(zip(batch.pages, batch.vectors, strict=True))
        with batch.seconds.measure("store"):
            for page, page_vectors in read:
                words = PageWords(text_layer=page.text_layer, read=page_vectors.words)
                self.objects.put_page_image(document_id, page.page_number, page.webp)
                self.objects.put_page_words(document_id, page.page_number, words)
        with batch.seconds.measure("upsert"):
            self.index.upsert([_point(document, page, page_vectors) for page, page_vectors in read])
        self.catalogue.advance(document_id, document.page_count - pages_left, batch.errors)
        return self.catalogue.get(document_id)

    def _erase(self, document_id: str) -> None:
        with self._writing:
            self.index.delete_document(document_id)
            self.objects.delete_document(document_id)

    def _erase_pages(self, document_id: str) -> None:
        with self._writing:
            self.index.delete_document(document_id)
            self.objects.delete_pages(document_id)


def open_library(settings: Settings, embedder: "Embedder", on_queued: OnQueued | None = None) -> Library:
    """The library of the settings' collection, made if it is not there yet; `on_queued` is the catalogue's.

    Raises IndexMismatch where its index was made by another model, IndexLocked where another process holds
    it, IndexUnavailable or DatabaseUnavailable where a server does not answer.
    """
    schema = IndexSchema(
        collection=settings.index.collection,
        fingerprint=embedder.fingerprint,
        dims=embedder.dims,
        coarse_dims=min(settings.model.coarse_dims, embedder.dims),
        region_dims=embedder.region_dims,
    )
    index = open_index(settings.index, schema)
    catalogue = Catalogue.open(settings.index, on_queued)
    return Library(catalogue, ObjectStore.open(settings.index), index, embedder, settings.ingest)


def clean_name(name: str) -> str:
    """A name fit for showing and storing: the last part of a path, without control characters.

    >>> clean_name("../../etc/annual report.pdf")
    'annual report.pdf'
    """
    last = re.split(r"[/\\]", name)[-1].encode(errors="replace").decode()
    shown = "".join(c for c in last if not unicodedata.category(c).startswith("C")).strip()
    return shown[:_MAX_NAME] or "document.pdf"


def _point(document: Document, page: PreparedPage, vectors: PageVectors) -> PagePoint:
    return PagePoint(
        page=PageRef(document.document_id, page.page_number),
        document_name=document.name,
        embedding=vectors.embedding,
        text_terms=page_terms(page.text_layer) if page.text_layer else None,
        read_terms=page_terms(vectors.words) if vectors.words else None,
        regions=vectors.regions,
    )
