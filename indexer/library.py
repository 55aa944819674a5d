"""The library: takes PDFs in, brings their pages into the index, and lets them go again."""

import hashlib
import re
import unicodedata
from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, RLock
from typing import TYPE_CHECKING

from indexer.ahead import ahead
from indexer.catalogue import Catalogue
from indexer.inspect import check_file, count_pages
from indexer.prepare import PreparedPage, PreparedPages, prepare_pages
from indexer.progress import PagesIndexed, Progress
from indexer.rasterize import page_ranges
from vdr.errors import IndexUnavailable, PageFailed, VdrError
from vdr.index import IndexSchema, VectorIndex, open_index, read_terms, text_terms
from vdr.objects.store import ObjectStore
from vdr.settings import IngestSettings, Settings
from vdr.types import Document, DocumentState, PagePoint, PageVectors, PageWords

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
        # A run of pages is written, or a document deleted, by one thread at a time.
        self._writing = RLock()

    def close(self) -> None:
        """Close the index and the catalogue."""
        self.index.close()
        self.catalogue.close()

    def add(self, path: Path, name: str) -> tuple[Document, bool]:
        """Take in the PDF at `path`: keep its bytes and queue it; True if it was not known before.

        A document is known by its bytes, whatever its name. A known one that failed, or of which pages are
        missing in this index, is queued anew. Raises the DocumentError that says why a file cannot be taken.
        """
        name = clean_name(name)
        check_file(path, name, self.settings)
        document_id = hash_file(path)
        if document_id in self.catalogue.half_deleted():
            self.delete(document_id)
        known = self.catalogue.find(document_id)
        if known is not None:
            return self._queue_again(known), False
        document = Document(
            document_id=document_id,
            name=name,
            size_bytes=path.stat().st_size,
            state=DocumentState.QUEUED,
            created_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            page_count=count_pages(path, name, self.settings),
        )
        self.objects.put_pdf(document_id, path)
        is_new = self.catalogue.add(document)
        return self.catalogue.get(document_id), is_new

    def process(
        self, document_id: str, progress: Progress | None = None, stop: Event | None = None
    ) -> Document:
        """Bring the pages of a document into the index, going on where an earlier attempt stopped.

        A page that fails is noted on the document and passed over; the document fails only if no page is
        left. Once `stop` is set it returns after the run of pages at hand, the document unfinished. Raises
        NotFound if the document is deleted meanwhile, IndexUnavailable with the document left as it is, and
        any other VdrError after noting it on the document.
        """
        try:
            self._index_pages(self.catalogue.get(document_id), progress, stop or Event())
        except VdrError as error:
            if self.catalogue.find(document_id) is None:
                self._erase(document_id)  # another process may have deleted it before our last write
            elif not isinstance(error, IndexUnavailable):
                self.catalogue.fail(document_id, error)
            raise
        return self.catalogue.get(document_id)

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

    def _queue_again(self, document: Document) -> Document:
        is_incomplete = document.state is DocumentState.INDEXED and bool(self._missing(document))
        if document.state is DocumentState.FAILED or is_incomplete:
            self.catalogue.requeue(document.document_id)
        return self.catalogue.get(document.document_id)

    def _missing(self, document: Document) -> list[range]:
        """The runs of pages to do: whole ones, so that a resumed document is embedded in the same batches."""
        done = self._pages_done(document)
        runs = page_ranges(range(1, document.page_count + 1), self.settings)
        return [run for run in runs if not done.issuperset(run)]

    def _pages_done(self, document: Document) -> set[int]:
        failed = {error.page_number for error in document.page_errors}
        return failed | self.index.page_numbers(document.document_id)

    def _index_pages(self, document: Document, progress: Progress | None, stop: Event) -> None:
        self.catalogue.enter(document.document_id, DocumentState.RASTERIZING)
        done = self._pages_done(document)
        with closing(self._prepared(document)) as batches:
            for batch in batches:
                self.catalogue.enter(document.document_id, DocumentState.EMBEDDING)
                with batch.seconds.measure("embed"):
                    vectors = self._embed(batch)
                done |= set(batch.page_numbers)
                self._write(document, batch, vectors, pages_done=len(done))
                if progress is not None:
                    current = self.catalogue.get(document.document_id)
                    progress(PagesIndexed(current, len(batch.pages), batch.seconds))
                if stop.is_set():
                    return
        self._finish(document.document_id)

    def _prepared(self, document: Document) -> Generator[PreparedPages, None, None]:
        """The runs of pages to do, made ready by threads while the caller embeds the one before."""
        with self.objects.pdf_file(document.document_id) as pdf:
            tasks = (partial(prepare_pages, pdf, run, self.settings) for run in self._missing(document))
            with closing(ahead(tasks, self.settings.rasterize_workers)) as batches:
                yield from batches

    def _embed(self, batch: PreparedPages) -> list[PageVectors]:
        images = [page.image for page in batch.pages]
        return self.embedder.encode_pages(images) if images else []

    def _write(
        self, document: Document, batch: PreparedPages, vectors: Sequence[PageVectors], *, pages_done: int
    ) -> None:
        """Keep a run of pages; the index comes last, so that what it holds can always be shown."""
        document_id = document.document_id
        read = list(zip(batch.pages, vectors, strict=True))
        with self._writing:
            self.catalogue.get(document_id)  # it may have been deleted meanwhile
            with batch.seconds.measure("store"):
                for page, page_vectors in read:
                    words = PageWords(text_layer=page.text_layer, read=page_vectors.words)
                    self.objects.put_page_image(document_id, page.page_number, page.webp)
                    self.objects.put_page_words(document_id, page.page_number, words)
            self.catalogue.add_page_errors(document_id, batch.errors)
            with batch.seconds.measure("upsert"):
                self.index.upsert([_point(document, page, page_vectors) for page, page_vectors in read])
            self.catalogue.advance(document_id, pages_done)

    def _finish(self, document_id: str) -> None:
        document = self.catalogue.get(document_id)
        if self.index.count(document_id) == 0:
            first = document.page_errors[0].message if document.page_errors else ""
            raise PageFailed(f"No page of {document.name} can be indexed. {first}".strip())
        self.catalogue.enter(document_id, DocumentState.INDEXED)

    def _erase(self, document_id: str) -> None:
        with self._writing:
            self.index.delete_document(document_id)
            self.objects.delete_document(document_id)


def open_library(settings: Settings, embedder: "Embedder") -> Library:
    """The library of the settings' collection, made if it is not there yet.

    Raises IndexMismatch where its index was made by another model, IndexLocked where another process holds
    it, IndexUnavailable where the Qdrant server does not answer.
    """
    schema = IndexSchema(
        collection=settings.index.collection,
        fingerprint=embedder.fingerprint,
        dims=embedder.dims,
        coarse_dims=min(settings.model.coarse_dims, embedder.dims),
        region_dims=embedder.region_dims,
    )
    index = open_index(settings.index, schema)
    return Library(
        Catalogue.open(settings.index), ObjectStore.open(settings.index), index, embedder, settings.ingest
    )


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, which is the id of the document they make."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        document_id=document.document_id,
        document_name=document.name,
        page_number=page.page_number,
        embedding=vectors.embedding,
        text_terms=text_terms([word.text for word in page.text_layer]) if page.text_layer else None,
        read_terms=read_terms(vectors.words) if vectors.words else None,
        regions=vectors.regions,
    )
