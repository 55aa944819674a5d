"""Everything that a process works with, opened in one place: database, jobs, indexes, models, libraries."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock, RLock
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from indexer.library import Library
from vdr.catalogue.collections import Collections
from vdr.catalogue.database import close, is_server, open_database
from vdr.catalogue.documents import Catalogue
from vdr.catalogue.events import Events, Quietly
from vdr.catalogue.feedback import FeedbackNotes
from vdr.catalogue.generations import Generations
from vdr.catalogue.keeper import SearchKeeper
from vdr.catalogue.questions import Questions
from vdr.catalogue.searches import Searches
from vdr.data_folder import open_data_folder
from vdr.errors import BadInput, CollectionNotFound, IndexMismatch
from vdr.index import Indexes
from vdr.index.earlier import built_before
from vdr.models.loading import Models
from vdr.objects.store import ObjectStore
from vdr.settings import SHIPPED_EMBEDDERS, IndexSettings, IngestSettings, OcrMode, Settings
from vdr.types import Collection, CollectionSettings, Generation

if TYPE_CHECKING:  # DBOS takes longer to import than a search
    from indexer.jobs.queue import Jobs


@dataclass(eq=False)
class Services:
    """What a process has open, for all collections; threads may share it."""

    settings: Settings
    engine: Engine
    collections: Collections
    generations: Generations
    indexes: Indexes
    models: Models
    jobs: "Jobs | None"
    keeper: SearchKeeper
    _writing: dict[str, RLock] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def library(
        self, name: str | None = None, generation: str | None = None, *, create: bool = False
    ) -> Library:
        """The library of a collection, of that of the settings if none is named.

        It is as the serving `generation` has it, unless another is named. Raises CollectionNotFound if it
        does not exist, unless it is to `create` or the one of the settings, and GenerationNotFound.
        """
        chosen = name or self.settings.index.collection
        try:
            collection, serving = self.collections.opened(chosen)
        except CollectionNotFound:
            if not create and chosen != self.settings.index.collection:
                raise
            self.collections.ensure(chosen)
            collection, serving = self.collections.opened(chosen)
        if generation not in (None, serving.name):
            return self._beside(collection, self.collections.generation(chosen, str(generation)))
        return self._library(collection, serving, self.jobs)

    def _beside(self, collection: Collection, generation: Generation) -> Library:
        own = generation.settings
        if own is not None:
            settings = replace(collection.settings, embedder=own.embedder, dims=own.dims)
            collection = replace(collection, settings=settings)
        return self._library(collection, generation, None if self.jobs is None else Quietly(self.jobs))

    def _library(self, collection: Collection, generation: Generation, events: Events | None) -> Library:
        chosen = collection.name
        return Library(
            collection,
            generation,
            Catalogue(self.engine, chosen, generation.name, events),
            ObjectStore.open(self.settings.index, chosen, generation.name),
            own_settings(self.settings.ingest, collection),
            self.collections,
            self.indexes,
            self.models,
            self._writing_of(chosen),
        )

    def searches(self, library: Library) -> Searches:
        """The searches that are kept of a library's collection."""
        return Searches(self.engine, library.collection.name)

    def feedback(self, library: Library) -> FeedbackNotes:
        """What people say of the searches of a library's collection."""
        return FeedbackNotes(self.engine, library.collection.name)

    def questions(self, library: Library) -> Questions:
        """The labelled questions of a library's collection."""
        return Questions(self.engine, library.collection.name)

    @property
    def have_workers(self) -> bool:
        """Whether workers index what is queued: they need database and index on servers."""
        settings = self.settings.index
        return is_server(settings) and settings.qdrant_url is not None and self.jobs is not None

    def with_jobs(self) -> "Jobs":
        """The jobs, of services that were opened with them."""
        if self.jobs is None:
            raise RuntimeError("The services were opened without jobs.")
        return self.jobs

    def check_settings(self, settings: CollectionSettings, name: str | None = None) -> None:
        """Raise BadInput where a collection may not have these settings, IndexMismatch where it cannot.

        A collection `name` keeps the model that built its index.
        """
        models = self.settings.model
        if settings.embedder not in (None, models.embedder, *models.embedders, *SHIPPED_EMBEDDERS):
            raise BadInput(
                f"{settings.embedder} is not among the models that collections may use.",
                remedy="Choose one of VDR_EMBEDDER and VDR_EMBEDDERS, or page-reader.",
            )
        if name is None:
            return
        collection, generation = self.collections.opened(name)
        before = (collection.settings.embedder, collection.settings.dims)
        if generation.fingerprint is not None and before != (settings.embedder, settings.dims):
            raise IndexMismatch(
                f"The index of collection {name!r} was built with {generation.embedder or 'another model'}.",
                remedy="Build another generation with the other model (vdr generations create).",
            )

    def delete_collection(self, name: str) -> None:
        """Delete a collection with all that belongs to it: now, or where there are jobs, by one of them.

        From now on nothing of it is found. Raises CollectionNotFound.
        """
        collection = self.collections.mark_deleted(name)
        if self.jobs is None:
            self.finish_deletion(name)
        else:  # where this is cut off here, a worker finds what is left
            self.jobs.drop(collection)

    def finish_deletion(self, name: str) -> None:
        """Remove what is left of a collection that was marked as deleted; a second time changes nothing.

        Raises IndexLocked where another process is using its index.
        """
        if name not in {each.name for each in self.collections.half_deleted()}:
            return
        with self._writing_of(name):
            for generation in self.collections.generations(name):
                self.indexes.drop(name, generation.name)
                ObjectStore.open(self.settings.index, name, generation.name).delete_all()
            self.collections.remove(name)

    def _writing_of(self, name: str) -> RLock:
        with self._lock:
            return self._writing.setdefault(name, RLock())


@contextmanager
def open_services(
    settings: Settings, models: Models | None = None, *, with_jobs: bool = False
) -> Iterator[Services]:
    """What the settings say, open inside the block; the database is made or migrated if need be.

    What is queued has a job where the database is a server, whose workers look after it, where webhooks are
    wanted, or `with_jobs`. Raises DatabaseUnavailable if the server is not responding, BadSetting where the
    data folder cannot be used.
    """
    if _keeps_data(settings.index):
        open_data_folder(settings.index.data_dir)
    with ExitStack() as opened:
        engine = open_database(settings.index, partial(built_before, settings.index))
        opened.callback(close, engine)
        jobs = None
        if with_jobs or is_server(settings.index) or settings.jobs.webhook_url is not None:
            from indexer.jobs.queue import Jobs  # noqa: PLC0415 - many commands have none

            jobs = Jobs.open(settings)
            opened.callback(jobs.close)
        collections = Collections(engine)
        indexes = Indexes(settings.index, collections.generation)
        opened.callback(indexes.close)
        models = models or Models(settings.model)
        keeper = SearchKeeper(engine, settings.feedback)
        opened.callback(keeper.close)
        yield Services(settings, engine, collections, Generations(engine), indexes, models, jobs, keeper)


def _keeps_data(settings: IndexSettings) -> bool:
    """Whether database, index or objects are in the data folder."""
    return None in (settings.database_url, settings.qdrant_url, settings.objects_url)


def own_settings(settings: IngestSettings, collection: Collection) -> IngestSettings:
    """The settings of the process with those that the collection has of its own in their place."""
    own = collection.settings
    changes: dict[str, object] = {}
    if own.ocr is not None:
        changes["ocr"] = OcrMode(own.ocr)
    if own.ocr_language is not None:  # goes before what the process says of single collections
        changes |= {"ocr_language": own.ocr_language, "ocr_languages": {}}
    if own.max_pages is not None:
        changes["max_pages"] = own.max_pages
    return settings.model_copy(update=changes)
