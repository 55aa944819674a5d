"""The library of one collection: takes documents in, lets them go again, and knows what belongs to them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import TYPE_CHECKING

from indexer.fields import fill_in, tell_index
from indexer.naming import clean_name
from indexer.pdf.as_pdf import as_pdf
from indexer.pdf.inspect import Inspected, inspect, pages_of, snapshot
from indexer.pdf.rasterize import page_ranges
from vdr.catalogue.collections import Collections, check_model
from vdr.catalogue.documents import Catalogue
from vdr.catalogue.rows import now
from vdr.errors import CollectionNotFound, GenerationNotFound, NotFound, ObjectDamaged
from vdr.index import Indexes, VectorIndex, schema_of
from vdr.models.loading import Models
from vdr.models.reranker import LoadedStep
from vdr.objects.store import ObjectStore
from vdr.search.calibration import Calibration, MadeWith, calibration_for
from vdr.search.kept import KeptPlan, Tuned, default_shape, fitted_to, kept_plan, tuned_by
from vdr.settings import IngestSettings, SearchSettings
from vdr.types import Collection, Document, DocumentState, Generation, Indexing, Metadata, PageRef, Priority

if TYPE_CHECKING:  # what loads models or searches need not be loaded to keep a library
    from vdr.models.embedder import Embedder
    from vdr.models.query_embedder import QueryEmbedder
    from vdr.search.budget import StageTimes
    from vdr.search.searcher import Searcher


@dataclass(eq=False)
class Library:
    """The documents of a collection with all that belongs to them: rows, bytes, images, words, vectors.

    A handle that is quickly made and needs no closing; nothing of another collection can be reached by it.
    Several threads may use one at once. `generation` answers its searches, or is built beside the one that
    does. `settings` are those of the collection. `writing` is locked while a run of pages is written or a
    document deleted.
    """

    collection: Collection
    generation: Generation
    catalogue: Catalogue
    objects: ObjectStore
    settings: IngestSettings
    collections: Collections = field(repr=False)
    indexes: Indexes = field(repr=False)
    models: Models = field(repr=False)
    writing: RLock = field(repr=False)

    @cached_property
    def embedder(self) -> "Embedder":
        """The embedder of the collection, loaded when it is first asked for.

        Raises ModelError, and IndexMismatch where the serving generation is built by another one.
        """
        loaded = self.models.embedder(self.collection.settings, self.generation)
        check_model(self.generation, self.models.built_by(loaded, self.generation))
        return loaded

    @cached_property
    def query_embedder(self) -> "QueryEmbedder":
        """The same for questions in words alone, which may be ready sooner. Raises as `embedder`."""
        loaded = self.models.query_embedder(self.collection.settings, self.generation)
        check_model(self.generation, self.models.built_by(loaded, self.generation))
        return loaded

    def searcher(
        self,
        settings: SearchSettings,
        index: VectorIndex,
        embedder: "QueryEmbedder",
        times: "StageTimes | None" = None,
    ) -> "Searcher":
        """What answers questions as they are served: by the plan that is kept, telling how sure it is."""
        from vdr.search.searcher import Searcher  # noqa: PLC0415

        rerankers = self.models.rerankers()
        sure = self.calibration(rerankers)
        tuned = self._tuned(settings, rerankers, sure, has_regions=index.schema.region_dims is not None)
        made = Searcher(embedder, index, self.objects, settings, rerankers, sure, tuned=tuned)
        return made if times is None else replace(made, times=times)

    def calibration(self, rerankers: Sequence[LoadedStep]) -> Calibration | None:
        """What tells how sure searches are that go through these rerankers; None where nobody knows."""
        return calibration_for(self.made_with(rerankers), self.generation.calibration)

    def kept_plan(self, rerankers: Sequence[LoadedStep]) -> KeptPlan | None:
        """The plan that the collection keeps, where it was chosen with these rerankers."""
        return kept_plan(self.generation.plan, self.made_with(rerankers), self.collection.name)

    def made_with(self, rerankers: Sequence[LoadedStep]) -> MadeWith:
        """The models that answer searches through these rerankers."""
        built = self.generation
        models = tuple(step.name for step in rerankers if step.model is not None)
        return MadeWith(embedder=built.embedder or "", dims=built.dims or 0, rerankers=models)

    @property
    def is_beside(self) -> bool:
        """Whether another generation answered searches when this was opened."""
        return self.generation.name != self.collection.serving

    @property
    def index(self) -> VectorIndex | None:
        """The index of the generation; None as long as no page was embedded."""
        if self.generation.fingerprint is None:  # somebody else may have begun meanwhile
            self.generation = self._generation_now()
        schema = schema_of(self.generation)
        if schema is None:
            return None
        index = self.indexes.of(schema)
        if not self.generation.has_fields:
            self._fill_in(index)
        return index

    def claim(self) -> VectorIndex:
        """The index to write to, of a generation that is built by the embedder from now on.

        What embeds questions is of the same checkpoint, and sooner at hand. Raises IndexMismatch where it is
        built by another one.
        """
        index = self.index
        known: QueryEmbedder | None = self.__dict__.get("embedder") or self.__dict__.get("query_embedder")
        if index is None or known is None:  # not known yet to be the right one
            built = self.models.built_by(known or self.query_embedder, self.generation)
            self.generation = self.collections.claim(built)
            index = self.index
        assert index is not None
        return index

    def add(
        self,
        path: Path,
        name: str,
        priority: Priority = Priority.INTERACTIVE,
        added_by: str = "",
        password: str | None = None,
        metadata: Metadata | None = None,
        *,
        is_still: bool = False,
        parent_id: str | None = None,
    ) -> tuple[Document, bool]:
        """Take in the file at `path`: keep a PDF of it and queue it; True if it was not known before.

        A document is known by the bytes of that file, whatever its name. A known one is shown by a name that
        is new to it, and found by all that it has had; `metadata`, if there is any, replaces what it has. It
        is queued again if it failed or was cancelled, or if pages of it are missing in this index, and has
        its file again if that was lost.
        A file that may change meanwhile is copied first; one that `is_still` does not, and is not. With a
        `parent_id` the file was attached to that document, and a known one stays as it is. Raises the
        DocumentError that says why a file cannot be taken, CollectionNotFound if the collection was deleted
        meanwhile.
        """
        with TemporaryDirectory(prefix="vdr-", ignore_cleanup_errors=True) as folder:
            shown = clean_name(name)
            still = path if is_still else snapshot(path, shown, Path(folder), self.settings)
            file = inspect(still, shown, self.settings)
            if file.sha256 in self.catalogue.half_deleted():
                self._finish_deletion(file.sha256)
            known = self.catalogue.find(file.sha256)
            if known is not None and parent_id is not None:
                return known, False
            if known is not None:
                if not self._is_kept(known):
                    self._keep(file, password, Path(folder))
                self._describe(known, file.name, metadata)
                return self._queue_again(known, priority), False
            page_count = self._keep(file, password, Path(folder))
        document = Document(
            document_id=file.sha256,  # of what was sent, whatever is kept of it
            name=file.name,
            size_bytes=file.size_bytes,
            created_at=now(),
            indexing=Indexing(self.catalogue.generation, priority=priority),
            page_count=page_count,
            kind=file.kind or "",
            added_by=added_by,
            metadata=metadata or {},
            parent_id=parent_id,
        )
        try:
            is_new = self.catalogue.add(document)
        except CollectionNotFound:
            self.objects.delete_document(document.document_id)
            raise
        if not is_new and parent_id is None:  # another process was faster
            self._describe(self.catalogue.get(document.document_id), file.name, metadata)
        return self.catalogue.get(document.document_id), is_new

    def change(
        self, document_id: str, *, name: str | None = None, edit: Callable[[Metadata], Metadata] | None = None
    ) -> Document:
        """Give a document another name, or what `edit` makes of its metadata. Raises NotFound.

        The catalogue comes first, which is right: where this is cut off, the index is mended by the same
        change once more, or by `vdr check --repair`.
        """
        cleaned = None if name is None else clean_name(name)
        with self.writing:
            document = self.catalogue.change(document_id, name=cleaned, edit=edit)
            for other in self._other_indexes():
                tell_index(other, self.catalogue, document)
            index = self.index
            return document if index is None else tell_index(index, self.catalogue, document)

    def document_of(self, page: PageRef) -> Document:
        """The document that a page belongs to. Raises NotFound with what there is instead."""
        document = self.catalogue.get(page.document_id)
        if not 1 <= page.page_number <= document.page_count:
            count = f"{document.page_count:,}"
            raise NotFound(
                f"{document.name} has {count} pages; page {page.page_number:,} does not exist.",
                remedy=f"Choose a page from 1 to {count}.",
            )
        return document

    def replace(self, document_id: str) -> None:
        """Have a document take the place of all others of its name, which go once it is indexed.

        Raises NotFound.
        """
        self.delete_all(self.catalogue.replace(document_id))

    def cancel(self, document_id: str) -> Document:
        """Give a document up that is not finished, and its pages with it; its bytes stay, for another try.

        Raises NotFound, and AlreadyFinished if it is finished.
        """
        document = self.catalogue.cancel(document_id)
        self.erase_pages(document_id)
        return document

    def retry(self, document_id: str) -> Document:
        """Queue a document again that failed, was cancelled or lacks pages; others stay as they are.

        Raises NotFound.
        """
        return self._queue_again(self.catalogue.get(document_id))

    def rebuild(self, document_id: str) -> None:
        """Forget everything derived from a document's bytes and queue it again. Raises NotFound."""
        self.catalogue.get(document_id)
        self.erase_pages(document_id)
        self.catalogue.requeue(document_id, Priority.BULK)

    def delete(self, document_id: str) -> None:
        """Remove a document and everything that belongs to it. Raises NotFound.

        The row is marked first and goes last, so that what a crash leaves can be deleted again.
        """
        self.catalogue.mark_deleted(document_id)
        self.erase(document_id)
        self.catalogue.remove(document_id)

    def delete_all(self, document_ids: Sequence[str]) -> None:
        """Remove documents as `delete` does; all of them are hidden before the first is erased."""
        for work in (self.catalogue.mark_deleted, self.delete):
            for document_id in document_ids:
                with suppress(NotFound):  # somebody else has deleted it meanwhile
                    work(document_id)

    def finish_deletions(self) -> None:
        """Delete the rest of documents whose deletion was cut off."""
        for document_id in self.catalogue.half_deleted():
            self._finish_deletion(document_id)

    def missing_runs(self, document: Document, at_once: int = 0) -> list[range]:
        """The runs of pages that are neither in the index nor given up, of `at_once` where that is more."""
        done = {error.page_number for error in document.indexing.page_errors}
        done |= self.indexed_pages(document.document_id)
        runs = page_ranges(range(1, document.page_count + 1), self.settings, at_once)
        return [run for run in runs if not done.issuperset(run)]

    def indexed_pages(self, document_id: str) -> frozenset[int]:
        """Which pages of a document are in the index."""
        index = self.index
        return frozenset() if index is None else index.page_numbers(document_id)

    def has_sound_pdf(self, document_id: str) -> bool:
        """Whether the PDF of a document is there and whole; all of it is read."""
        try:
            with self.objects.pdf_file(document_id):
                return True
        except (NotFound, ObjectDamaged):
            return False

    def erase(self, document_id: str) -> None:
        """Remove what there is of a document, in all generations, but for its row."""
        with self.writing:
            self._erase_points(document_id)
            for index in self._other_indexes():
                with suppress(CollectionNotFound, GenerationNotFound):
                    index.delete_document(document_id)
            self.objects.delete_document(document_id)

    def erase_rest(self, document_id: str) -> None:
        """Remove what is still there of a document that is gone, or that its generation has no more."""
        if self.catalogue.is_alive(document_id):
            self.erase_pages(document_id)
        else:
            self.erase(document_id)

    def erase_pages(self, document_id: str) -> None:
        """Remove the pages of a document; its bytes stay, and what other generations have of it."""
        with self.writing:
            self._erase_points(document_id)
            if self._others():
                self.objects.delete_read_words(document_id)
            else:
                self.objects.delete_pages(document_id)

    def _generation_now(self) -> Generation:
        return self.collections.generation(self.collection.name, self.generation.name)

    def _others(self) -> list[Generation]:
        """The other generations of the collection, none of one that was deleted meanwhile."""
        generations = self.collections.generations(self.collection.name)
        return [each for each in generations if each.name != self.generation.name]

    def _other_indexes(self) -> list[VectorIndex]:
        schemas = (schema_of(each) for each in self._others())
        return [self.indexes.of(schema) for schema in schemas if schema is not None]

    def _finish_deletion(self, document_id: str) -> None:
        with suppress(NotFound):  # whoever began it has come to the end meanwhile
            self.delete(document_id)

    def _tuned(
        self,
        settings: SearchSettings,
        rerankers: Sequence[LoadedStep],
        calibration: Calibration | None,
        *,
        has_regions: bool,
    ) -> Tuned | None:
        kept = self.kept_plan(rerankers)
        if kept is None:
            return None
        by_settings = default_shape(settings, rerankers, has_regions=has_regions)
        fitted = fitted_to(kept, by_settings, calibration)
        return tuned_by(kept.shape, kept.made_with, settings, rerankers, fitted)

    def _is_kept(self, document: Document) -> bool:
        """Whether the PDF of a known document is there, and whole if it is still to be indexed."""
        if document.indexing.state is DocumentState.INDEXED:
            return self.objects.has_pdf(document.document_id)
        return self.has_sound_pdf(document.document_id)

    def _fill_in(self, index: VectorIndex) -> None:
        with self.writing:  # others wait, and find it done
            self.generation = self._generation_now()
            if not self.generation.has_fields:
                fill_in(index, self.catalogue)
                self.generation = self.collections.note_fields(self.generation)

    def _describe(self, known: Document, name: str, metadata: Metadata | None) -> None:
        """Show a known document by a name that is new, and replace its metadata if there is any."""
        is_new = name not in (known.name, *known.other_names)
        edit = None if metadata is None else (lambda _: metadata)
        if is_new or edit is not None:
            self.change(known.document_id, name=name if is_new else None, edit=edit)

    def _erase_points(self, document_id: str) -> None:
        with suppress(CollectionNotFound, GenerationNotFound):  # its index went with it
            index = self.index
            if index is not None:
                index.delete_document(document_id)

    def _keep(self, file: Inspected, password: str | None, folder: Path) -> int:
        """Keep a PDF of a file, made in `folder` if need be; its number of pages."""
        pdf = as_pdf(file, self.settings, folder, password)
        page_count = pages_of(pdf, file.name, self.settings)
        self.objects.put_pdf(file.sha256, pdf, file.sha256 if pdf == file.path else None)
        return page_count

    def _queue_again(self, document: Document, priority: Priority | None = None) -> Document:
        state = document.indexing.state
        is_incomplete = state is DocumentState.INDEXED and bool(self.missing_runs(document))
        if state in (DocumentState.FAILED, DocumentState.CANCELLED) or is_incomplete:
            self.catalogue.requeue(document.document_id, priority)
        return self.catalogue.get(document.document_id)
