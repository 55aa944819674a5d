"""Generations beside the one that serves: built from what is kept, switched to, switched back, dropped."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from indexer.library import Library
from indexer.services import Services
from vdr.catalogue.listing import every_document
from vdr.errors import CollectionNotFound, GenerationNotFound, StorageFull
from vdr.index.edge_folder import size_of
from vdr.objects.store import ObjectStore
from vdr.types import (
    BuildProgress,
    Collection,
    CollectionSettings,
    DocumentState,
    Generation,
    Listing,
    Priority,
)

# A new generation may have wider vectors, and an index is written anew while it is compacted.
_ROOM = 2.0
_FAILED = Listing(states=(DocumentState.FAILED, DocumentState.CANCELLED))


@dataclass(frozen=True, slots=True)
class Standing:
    """A generation, whether it answers searches, and how far it has come."""

    generation: Generation
    is_serving: bool
    progress: BuildProgress


def standings(services: Services, name: str) -> Sequence[Standing]:
    """All generations of a collection, oldest first. Raises CollectionNotFound."""
    collection = services.collections.get(name)
    return [_standing(services, collection, each) for each in services.collections.generations(name)]


def standing(services: Services, name: str, generation: str) -> Standing:
    """One of them. Raises CollectionNotFound, GenerationNotFound."""
    collection = services.collections.get(name)
    return _standing(services, collection, services.collections.generation(name, generation))


def create(services: Services, name: str, settings: CollectionSettings) -> Generation:
    """A new generation, to be built by the model and dimensions that the settings name.

    Raises CollectionNotFound, and BadInput for a model that collections may not use.
    """
    services.check_settings(settings)
    return services.generations.create(services.collections.get(name), settings)


def begin_building(services: Services, name: str, generation: str) -> Library:
    """Queue the documents that a generation lacks, and those that have failed in it.

    What is there already is left as it is. Raises GenerationServes, StorageFull where its index would
    hardly find room, ModelError and IndexMismatch for a model that cannot build it.
    """
    services.generations.check_idle(name, generation)
    library = services.library(name, generation)
    _check_room(services, library.collection)
    _ = library.embedder  # a model that does not fit is said before anything is queued
    catalogue = library.catalogue
    for document in list(every_document(catalogue, _FAILED)):  # which is another list once one is queued
        if document.indexing.attempt:
            catalogue.requeue(document.document_id, Priority.BULK)
    catalogue.follow(library.collection.serving)
    return library


def follow(services: Services) -> None:
    """Queue in generations that are being built the documents that were indexed meanwhile.

    In one that serves since a switch was cut off, those that the one before was still indexing.
    """
    for name, generation in services.generations.under_way():
        with suppress(CollectionNotFound, GenerationNotFound):  # deleted meanwhile
            library = services.library(name, generation)
            if library.is_beside:
                library.catalogue.follow(library.collection.serving)
    for collection in services.generations.switched():
        with suppress(CollectionNotFound):
            for earlier in services.generations.served_before(collection)[:1]:
                _take_over(services, collection.name, earlier.name)


def switch(services: Services, name: str, generation: str) -> Collection:
    """Have a generation that is built to the end answer the collection's searches from now on.

    Documents that the other one is still indexing are indexed in this one. Earlier generations beyond those
    to keep are dropped. Raises as `Generations.switch`.
    """
    library = services.library(name, generation)
    library.catalogue.follow(library.collection.serving)
    found = services.generations.switch(name, generation)
    _take_over(services, name, library.collection.serving)
    for old in services.generations.served_before(found)[services.settings.index.kept_generations :]:
        drop(services, name, old.name)
    return services.collections.get(name)


def roll_back(services: Services, name: str) -> Collection:
    """Have the generation that served before answer searches again, at once.

    Documents that it lacks are indexed in it meanwhile. Raises GenerationNotFound if there is none any more.
    """
    collection = services.collections.get(name)
    earlier = services.generations.served_before(collection)
    if not earlier:
        raise GenerationNotFound(f"Collection {name!r} has no generation that served before.")
    services.generations.switch(name, earlier[0].name, completely=False)
    _take_over(services, name, collection.serving)
    return services.collections.get(name)


def drop(services: Services, name: str, generation: str) -> None:
    """Remove a generation with its vectors and the words that were read for it; a document stays.

    Raises GenerationServes, and IndexLocked if another process is using its index.
    """
    services.generations.check_idle(name, generation)
    services.generations.clear(name, generation)  # whoever builds it finds nothing more to do
    with services.library(name, generation).writing:
        services.indexes.drop(name, generation)
        ObjectStore.open(services.settings.index, name, generation).delete_generation()
        services.generations.remove(name, generation)
        services.indexes.drop(name, generation)  # whoever had opened it since


def _take_over(services: Services, name: str, before: str) -> None:
    """Index in the generation that serves what the one before has, and it lacks."""
    services.library(name).catalogue.follow(before, are_unfinished_too=True)


def _standing(services: Services, collection: Collection, generation: Generation) -> Standing:
    progress = services.generations.progress(collection, generation.name)
    return Standing(generation, generation.name == collection.serving, progress)


def _check_room(services: Services, collection: Collection) -> None:
    settings = services.settings.index
    if settings.qdrant_url is not None:
        return
    folder = settings.data_dir.expanduser()
    needed = int(_ROOM * size_of(folder, collection.name, collection.serving))
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageFull(
            f"Another index of collection {collection.name!r} may need {needed // 2**20:,} MB; "
            f"{folder} has {free // 2**20:,}.",
            remedy="Free some space, or drop generations that are not needed.",
        )
