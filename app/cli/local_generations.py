"""The generations of a collection where this process opens the data folder itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from app.addresses import Addresses
from app.api.generations.schemas import GenerationDetails
from indexer import generations
from indexer.commands.index import index_queued
from indexer.services import Services, open_services
from vdr.models.loading import Models
from vdr.settings import Settings
from vdr.types import CollectionSettings


@contextmanager
def generations_here(
    settings: Settings, collection: str, models: Models | None = None
) -> Iterator["LocalGenerations"]:
    """The generations of a collection, open inside the block."""
    with open_services(settings, models) as services:
        yield LocalGenerations(services, collection)


@dataclass(frozen=True)
class LocalGenerations:
    """The generations of a collection of a data folder or database."""

    services: Services
    collection: str

    def list(self) -> Sequence[GenerationDetails]:
        """All of them, oldest first."""
        addresses = Addresses(self.collection)
        found = generations.standings(self.services, self.collection)
        return [GenerationDetails.of(addresses, each) for each in found]

    def create(self, embedder: str | None, dims: int | None) -> GenerationDetails:
        """Make a generation that is still to be built."""
        settings = CollectionSettings(embedder=embedder, dims=dims)
        return self._shown(generations.create(self.services, self.collection, settings).name)

    def build(self, name: str) -> GenerationDetails:
        """Build what it lacks, or leave it to the workers where there are some."""
        library = generations.begin_building(self.services, self.collection, name)
        if not self.services.have_workers:
            index_queued(library)
        return self._shown(name)

    def switch(self, name: str) -> GenerationDetails:
        """Have it answer searches."""
        return self._shown(generations.switch(self.services, self.collection, name).serving)

    def roll_back(self) -> GenerationDetails:
        """Have the one before answer them again; what it lacks is indexed here unless there are workers."""
        serving = generations.roll_back(self.services, self.collection).serving
        library = self.services.library(self.collection)
        if not self.services.have_workers and library.catalogue.unfinished():
            index_queued(library)
        return self._shown(serving)

    def drop(self, name: str) -> None:
        """Remove it."""
        generations.drop(self.services, self.collection, name)

    def _shown(self, name: str) -> GenerationDetails:
        found = generations.standing(self.services, self.collection, name)
        return GenerationDetails.of(Addresses(self.collection), found)
