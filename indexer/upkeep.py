"""Compares files and vectors of documents with the catalogue, which is right, and repairs what differs."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from indexer.fields import set_labels, tell_index
from indexer.library import Library
from indexer.words import split_again
from vdr.errors import NotFound
from vdr.types import Document, DocumentState, Priority


class Fault(StrEnum):
    """What can be wrong, and how it is repaired."""

    STRAY_OBJECTS = "stored files without a document"  # removed
    STRAY_POINTS = "vectors without a document"  # removed
    STRAY_PAGES = "pages beyond the end of the document"  # indexed again
    NO_POINTS = "pages without vectors"  # indexed again
    NO_OBJECTS = "pages without image or words"  # indexed again
    OLD_FIELDS = "pages that filters see as they were"  # what the index says of the document is replaced
    OLD_WORDS = "pages with outdated search terms"  # split again, without embedding anything
    NO_FILE = "the PDF is missing or damaged"  # a person has to upload it again


INDEXED_AGAIN = frozenset({Fault.STRAY_PAGES, Fault.NO_POINTS, Fault.NO_OBJECTS})


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a document and the pages it is about, if any; `name` is empty of no document."""

    fault: Fault
    document_id: str
    name: str = ""
    page_numbers: tuple[int, ...] = ()

    def __str__(self) -> str:
        pages = f", pages {_ranges(self.page_numbers)}" if self.page_numbers else ""
        return f"{self.name or self.document_id}: {self.fault}{pages}"


def check(library: Library) -> Iterator[Finding]:
    """Everything that is not as it should be. Documents under way are left to their jobs.

    Uploads and workers may go on meanwhile: the catalogue is read last, as what it does not know by then was
    there without it.
    """
    points, stored = _points(library), set(library.objects.document_ids())
    known = set(library.catalogue.ids()) | set(library.catalogue.half_deleted())
    yield from (Finding(Fault.STRAY_POINTS, each) for each in sorted(points.keys() - known))
    yield from (Finding(Fault.STRAY_OBJECTS, each) for each in sorted(stored - known))
    for document_id in sorted(known):
        document = library.catalogue.find(document_id)
        if document is not None:
            yield from _check_document(library, document, points.get(document_id, set()))


def repair(library: Library, finding: Finding) -> bool:
    """Repair a finding; False if only a person can. What must be indexed again is queued.

    A document that was deleted, or uploaded, since it was found so is left alone.
    """
    if finding.fault is Fault.NO_FILE:
        return False
    with suppress(NotFound):
        _repair(library, finding.fault, finding.document_id)
    return True


def _repair(library: Library, fault: Fault, document_id: str) -> None:
    match fault:
        case Fault.STRAY_POINTS if not _is_wanted(library, document_id):
            if index := library.index:
                index.delete_document(document_id)
        case Fault.OLD_FIELDS:
            if index := library.index:
                tell_index(index, library.catalogue, library.catalogue.get(document_id))
                set_labels(index, library.catalogue, document_id)
        case Fault.OLD_WORDS:
            split_again(library, document_id)
        case Fault.STRAY_OBJECTS if library.catalogue.find(document_id) is None:
            library.objects.delete_document(document_id)
        case Fault.NO_POINTS:
            library.catalogue.requeue(document_id, Priority.BULK)
        case Fault.STRAY_PAGES | Fault.NO_OBJECTS:
            library.rebuild(document_id)


def _check_document(library: Library, document: Document, points: set[int]) -> Iterator[Finding]:
    def found(fault: Fault, pages: set[int] = set()) -> Finding:  # noqa: B006 - not changed
        return Finding(fault, document.document_id, document.name, tuple(sorted(pages)))

    if not library.has_sound_pdf(document.document_id):
        yield found(Fault.NO_FILE)
    if document.indexing.state is DocumentState.INDEXED:
        expected = set(range(1, document.page_count + 1))
        expected -= {error.page_number for error in document.indexing.page_errors}
        if expected - points:
            points = points | library.indexed_pages(document.document_id)  # it may be indexed since
        if stray := points - set(range(1, document.page_count + 1)):
            yield found(Fault.STRAY_PAGES, stray)
        elif missing := (points & expected) - library.objects.pages(document.document_id):
            yield found(Fault.NO_OBJECTS, missing)
        elif missing := expected - points:
            yield found(Fault.NO_POINTS, missing)
        else:
            if outdated := _outdated(library, document):
                yield found(Fault.OLD_FIELDS, outdated)
            if outdated := _split_as_before(library, document):
                yield found(Fault.OLD_WORDS, outdated)
    elif document.indexing.state is DocumentState.CANCELLED and points:
        yield found(Fault.STRAY_POINTS, points)


def _outdated(library: Library, document: Document) -> set[int]:
    index = library.index
    if index is None:
        return set()
    return set(index.outdated_pages(document, library.catalogue.page_labels(document.document_id)))


def _split_as_before(library: Library, document: Document) -> set[int]:
    index = library.index
    return set() if index is None else set(index.pages_of_other_words(document.document_id))


def _is_wanted(library: Library, document_id: str) -> bool:
    document = library.catalogue.find(document_id)
    return document is not None and document.indexing.state is not DocumentState.CANCELLED


def _points(library: Library) -> dict[str, set[int]]:
    """The pages in the index, by document."""
    found: dict[str, set[int]] = {}
    index = library.index
    for page in index.page_keys() if index is not None else ():
        found.setdefault(page.document_id, set()).add(page.page_number)
    return found


def _ranges(numbers: tuple[int, ...]) -> str:
    """Page numbers as people write them: 1-3, 7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts)
