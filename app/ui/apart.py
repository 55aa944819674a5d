"""Shows documents that share a name by more than that."""

from collections.abc import Sequence
from dataclasses import replace

from indexer.library import Library
from indexer.naming import told_apart
from vdr.types import Document, SearchResult


def documents_apart(library: Library, documents: Sequence[Document]) -> list[Document]:
    """The documents, by names that tell them apart from all others."""
    names = told_apart(library.catalogue, {each.document_id: each.name for each in documents})
    return [replace(each, name=names[each.document_id]) for each in documents]


def hits_apart(library: Library, result: SearchResult) -> SearchResult:
    """The hits with the names of their documents told apart."""
    names = told_apart(library.catalogue, {each.page.document_id: each.document_name for each in result.hits})
    hits = (replace(each, document_name=names[each.page.document_id]) for each in result.hits)
    return replace(result, hits=tuple(hits))
