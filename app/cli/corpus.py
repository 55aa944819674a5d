"""What commands work on: a collection, by way of the service that runs, or else opened here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from app.api.documents.schemas import DocumentOut
from app.api.search.schemas import SearchResponse
from app.client.finding import found_service
from app.client.served import ServedCorpus, chosen_collection
from indexer.naming import ids_in_any_case, named, not_named
from vdr.search.request import in_documents
from vdr.settings import Settings
from vdr.types import Filter, SearchRequest


class Corpus(Protocol):
    """A collection, wherever it is. All methods raise what went wrong there, as the same error."""

    def search(self, request: SearchRequest) -> SearchResponse:
        """The best pages for a text or a page of the collection; each hit has links that can be opened."""
        ...

    def documents(self, where: Filter | None = None, limit: int | None = None) -> Iterator[DocumentOut]:
        """The documents that a filter lets pass, newest first."""
        ...

    def names(self) -> Iterator[tuple[str, str]]:
        """The id of each document with each of its names."""
        ...

    def delete(self, document_ids: Sequence[str]) -> None:
        """Delete documents with all that belongs to them; those that are gone already are passed over."""
        ...


@contextmanager
def open_corpus(settings: Settings, collection: str | None) -> Iterator[Corpus]:
    """The collection of that name, or of the settings, open inside the block."""
    with found_service(settings) as connection:
        if connection is not None:
            yield ServedCorpus(connection, chosen_collection(settings, collection))
            return
    from app.cli.local import opened_here  # noqa: PLC0415 - a service spares its clients the database and more

    with opened_here(settings, collection) as corpus:
        yield corpus


def ids_of(corpus: Corpus, wanted: str) -> list[str]:
    """The ids of the documents that a name or an id means. Raises NotFound with the nearest names."""
    found = [each.document_id for each in corpus.documents(named(wanted))]
    if found:
        return found
    names = list(corpus.names())
    found = ids_in_any_case(wanted, names)
    if not found:
        raise not_named(wanted, (name for _, name in names))
    return found


def in_documents_named(corpus: Corpus, wanted: Sequence[str]) -> Filter | None:
    """Lets pass the documents that names or ids mean; None without any. Raises NotFound."""
    return in_documents([document_id for each in wanted for document_id in ids_of(corpus, each)])
