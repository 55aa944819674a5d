"""The terms of indexed pages, made again of the words that are kept: nothing is drawn, read or embedded."""

from collections.abc import Mapping

from indexer.fields import label_of
from indexer.library import Library
from indexer.text_terms import text_terms
from vdr.errors import NotFound, ObjectDamaged
from vdr.index import VectorIndex, page_terms
from vdr.merging import merged
from vdr.types import PageRef, PageWords, SparseVector

_PAGES_AT_ONCE = 64
_NO_TERMS = SparseVector((), ())


def split_again(library: Library, document_id: str) -> None:
    """Give the pages of a document the terms of today's rule, if they have others.

    A document of which the words of a page are missing or damaged is queued to be rebuilt.
    """
    index = library.index
    if index is None:
        return
    outdated = sorted(index.pages_of_other_words(document_id))
    try:
        for start in range(0, len(outdated), _PAGES_AT_ONCE):
            numbers = outdated[start : start + _PAGES_AT_ONCE]
            known = {number: library.objects.page_words(PageRef(document_id, number)) for number in numbers}
            set_terms(library, index, document_id, known)
    except (NotFound, ObjectDamaged):
        library.rebuild(document_id)


def set_terms(library: Library, index: VectorIndex, document_id: str, known: Mapping[int, PageWords]) -> None:
    """Give pages, by number, the terms of these words. Raises NotFound if the document was deleted."""
    title, labels = library.catalogue.get(document_id).info.title, library.catalogue.page_labels(document_id)
    text = {
        number: text_terms(merged(words), number, label_of(labels, number), title) or _NO_TERMS
        for number, words in known.items()
    }
    read = {number: page_terms(words.read) for number, words in known.items()}
    with library.writing:
        index.set_words(document_id, text, read)
