"""What the index says of documents, so that filters find their pages, kept in step with the catalogue."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from vdr.catalogue.documents import Catalogue
from vdr.filters import resolve_names
from vdr.index import VectorIndex
from vdr.search.cursors import digest_of
from vdr.types import Document, Filter, SearchRequest

_LOG = logging.getLogger(__name__)


def resolved(filter: Filter | None, catalogue: Catalogue) -> Filter | None:
    """The filter as an index can answer it: names have become the ids of documents."""
    return None if filter is None else resolve_names(filter, catalogue.ids)


def as_indexed(request: SearchRequest, catalogue: Catalogue) -> SearchRequest:
    """The request as an index can answer it; its digest tells what it was before."""
    return replace(request, filter=resolved(request.filter, catalogue), digest=digest_of(request))


def tell_index(index: VectorIndex, catalogue: Catalogue, document: Document) -> Document:
    """Have the index say of a document what the catalogue says; the document as it then stands.

    It looks again afterwards: of several who change a document at once, whoever writes to the index last
    notices what the others have changed. Raises NotFound if the document was deleted meanwhile.
    """
    while True:
        index.set_document(document)
        current = catalogue.get(document.document_id)
        if is_same(current, document):
            return current
        document = current


def is_same(one: Document, other: Document) -> bool:
    """Whether the index says the same of both, as far as that can change."""
    return (one.name, one.metadata, one.info) == (other.name, other.metadata, other.info)


def fill_in(index: VectorIndex, catalogue: Catalogue) -> None:
    """Give the pages in an index of the version before what filters look at; twice changes nothing."""
    ids = catalogue.ids()
    _LOG.info("Making the pages of %d documents in collection %r filterable.", len(ids), catalogue.collection)
    index.index_fields()
    for document_id in ids:
        document = catalogue.find(document_id)
        if document is not None:
            index.set_document(document)
            set_labels(index, catalogue, document_id)


def set_labels(index: VectorIndex, catalogue: Catalogue, document_id: str) -> None:
    """Label the pages of a document as the catalogue does."""
    labels = catalogue.page_labels(document_id)
    pages = index.page_numbers(document_id)
    index.set_page_labels(document_id, {number: label_of(labels, number) for number in pages})


def label_of(labels: Mapping[int, str], page_number: int) -> str:
    """What is printed on a page as its number; that itself, as in viewers, where the PDF says nothing."""
    return labels.get(page_number, str(page_number))
