"""Shows documents that share a name by more than that."""

from collections.abc import Sequence
from dataclasses import replace

from indexer.library import Library
from indexer.naming import told_apart
from vdr.search.request import in_documents
from vdr.types import Document, Listing, SearchResult


def documents_apart(library: Library, documents: Sequence[Document]) -> list[Document]:
    """The documents, by names that tell them apart from all others."""
    names = told_apart(library.catalogue, {each.document_id: each.name for each in documents})
    return [replace(each, name=names[each.document_id]) for each in documents]


def documents_found(library: Library, result: SearchResult) -> dict[str, Document]:
    """The documents of the hits by their ids, with names that tell them apart; one may be gone already."""
    ids = list(dict.fromkeys(hit.page.document_id for hit in result.hits))
    found = library.catalogue.page(len(ids), Listing(in_documents(ids))) if ids else []
    return {each.document_id: each for each in documents_apart(library, found)}
