"""What commands work on where this process opens the data folder itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from app.addresses import Addresses
from app.api.collections.schemas import CollectionOut
from app.api.documents.schemas import DocumentOut
from app.api.search.schemas import SearchResponse
from app.cli.terminal import say_loading
from indexer.fields import as_indexed
from indexer.library import Library
from indexer.services import Services, open_services
from vdr.catalogue.keeper import SearchKeeper
from vdr.catalogue.listing import every_document
from vdr.errors import NotFound, ObjectDamaged
from vdr.models.loading import Models
from vdr.objects.store import ObjectStore
from vdr.search.keeping import kept
from vdr.search.searcher import nothing_found
from vdr.settings import Settings
from vdr.types import CollectionSettings, Filter, Listing, PageRef, SearchRequest, SearchResult

# Links into a bucket: long enough to look at the results, short enough to be no gift.
_LINKED = timedelta(hours=1)


@contextmanager
def opened_here(
    settings: Settings, collection: str | None, models: Models | None = None
) -> Iterator["LocalCorpus"]:
    """The collection, open inside the block; `models` are those of the settings if none are given."""
    with open_services(settings, models) as services:
        yield LocalCorpus(services.library(collection), settings, services.keeper)


@contextmanager
def collections_here(settings: Settings, models: Models | None = None) -> Iterator["LocalCollections"]:
    """All collections, open inside the block."""
    with open_services(settings, models) as services:
        yield LocalCollections(services)


@dataclass(frozen=True)
class LocalCollections:
    """All collections of a data folder or database."""

    services: Services

    def list(self) -> Sequence[CollectionOut]:
        """All of them, by name."""
        return [self.get(each.name) for each in self.services.collections.list()]

    def get(self, name: str) -> CollectionOut:
        """The collection of that name."""
        known = self.services.collections
        return CollectionOut.of(Addresses(), *known.opened(name), known.count_documents(name))

    def create(self, name: str, description: str, settings: CollectionSettings) -> None:
        """Make a collection."""
        self.services.check_settings(settings)
        self.services.collections.create(name, description, settings)

    def delete(self, name: str) -> None:
        """Delete a collection with all that belongs to it."""
        self.services.delete_collection(name)


@dataclass(frozen=True)
class LocalCorpus:
    """The documents of a library."""

    library: Library
    settings: Settings
    keeper: SearchKeeper

    def search(self, request: SearchRequest) -> SearchResponse:
        """The pages that are found here; their links lead to the stored files."""
        found = kept(self.keeper, self.library.generation, request, self._found(request))
        return SearchResponse.of(_Stored(self.library.objects), found, explained=request.explain)

    def documents(self, where: Filter | None = None, limit: int | None = None) -> Iterator[DocumentOut]:
        """The documents that a filter lets pass, newest first; their URLs are those that a service gives."""
        addresses = Addresses(self.library.collection.name)
        found = every_document(self.library.catalogue, Listing(where))
        return (DocumentOut.of(addresses, each) for each in islice(found, limit))

    def names(self) -> Iterator[tuple[str, str]]:
        """The id of each document with each of its names."""
        return iter(self.library.catalogue.names())

    def delete(self, document_ids: Sequence[str]) -> None:
        """Delete documents with all that belongs to them."""
        self.library.delete_all(document_ids)

    def _found(self, request: SearchRequest) -> SearchResult:
        library, index = self.library, self.library.index
        if index is None:
            return nothing_found(request)
        if request.page is not None:
            library.document_of(request.page)
        with say_loading(self.settings.model.embedder):
            searcher = library.searcher(self.settings.search, index, library.query_embedder)
        return searcher.search(as_indexed(request, library.catalogue))


@dataclass(frozen=True)
class _Stored:
    """Where the files behind a page are: on this machine, or in the bucket for a while."""

    objects: ObjectStore

    def document(self, document_id: str) -> str:
        """The PDF; "" where it cannot be had."""
        try:
            path = self.objects.pdf_path(document_id)
        except (NotFound, ObjectDamaged):
            path = None
        return path.as_uri() if path else ""

    def page_image(self, page: PageRef) -> str:
        """The page image."""
        path = self.objects.page_image_path(page)
        return path.as_uri() if path else self.objects.page_image_url(page, _LINKED) or ""

    def page(self, page: PageRef) -> str:
        """The PDF, opened at the page; the page image where the PDF cannot be had."""
        document = self.document(page.document_id)
        return f"{document}#page={page.page_number}" if document else self.page_image(page)
