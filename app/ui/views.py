"""What the templates show of a page: plain values, made from the library."""

import logging
from collections import Counter
from dataclasses import dataclass

from app.page_images import image_version
from app.ui.listing import info_line
from app.ui.marking import joined
from indexer.fields import label_of
from indexer.library import Library
from vdr.errors import NotFound, ObjectDamaged
from vdr.legible import legible
from vdr.merging import merged
from vdr.prints import lines, print_of
from vdr.readability import is_hardly_read
from vdr.search.marks import densest, find_marks
from vdr.search.request import in_words
from vdr.types import Box, Document, Marks, PageRef, PageWords
from vdr.words import as_written, asked_terms, asked_words

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AskedView:
    """What a question writes for one or more of its `words`, and how many marks on the page answer them."""

    text: str
    words: tuple[str, ...]
    count: int

    @property
    def told(self) -> str:
        """How many there are, in words."""
        return {0: "Not on this page", 1: "1 match"}.get(self.count, f"{self.count} matches")


@dataclass(frozen=True, slots=True)
class PageView:
    """One page, large. `problem` says why it has no image, if it has none; `version` is of its image.

    `words` has the word of the question that each of `boxes` answers, `asked` what the question writes.
    """

    document_id: str
    document_name: str
    version: str
    info: str
    page_number: int
    page_label: str
    page_count: int
    query: str
    problem: str | None
    boxes: tuple[Box, ...]
    weights: tuple[float, ...]
    words: tuple[str, ...]
    asked: tuple[AskedView, ...]
    densest: int | None
    text: tuple[str, ...]
    is_from_pixels: bool
    is_hardly_read: bool

    @property
    def title(self) -> str:
        """Which page it is: by its label, and by its place in the file where that is another one."""
        number = str(self.page_number)
        named = self.page_label if self.page_label == number else f"{self.page_label}, {number}"
        return f"{named} of {self.page_count}"

    @property
    def previous_number(self) -> int | None:
        """The page before, if there is one."""
        return self.page_number - 1 if self.page_number > 1 else None

    @property
    def next_number(self) -> int | None:
        """The page after, if there is one."""
        return self.page_number + 1 if self.page_number < self.page_count else None


def page_name(library: Library, page: PageRef) -> str:
    """A page as people call it. Raises NotFound."""
    name, labels = library.document_of(page).name, library.catalogue.page_labels(page.document_id)
    return f"page {label_of(labels, page.page_number)} of {name}"


def page_number_of(library: Library, document_id: str, typed: str) -> int:
    """The number of the page that people call so: by what is printed on it, or else by its place in the file.

    Raises NotFound.
    """
    document, wanted = library.catalogue.get(document_id), typed.strip()
    labels = library.catalogue.page_labels(document_id)
    named = next((number for number, label in labels.items() if label == wanted), None)
    if named is not None:
        return named
    if not wanted.isdecimal() or not 1 <= int(wanted) <= document.page_count:
        raise NotFound(
            f"{document.name} has no page “{wanted}”.",
            remedy=f"Enter a page from 1 to {document.page_count}.",
        )
    return int(wanted)


def page_view(library: Library, page: PageRef, query: str) -> PageView:
    """A page of a document. Raises NotFound if the document has no such page."""
    document = library.document_of(page)
    words = _page_words(library, page)
    known = PageWords() if words is None else words
    shown = legible(known)
    told = merged(shown)
    sought = in_words(query).text
    related = library.embedder.related_terms(sought)
    forms = {term: form.word for term, form in asked_terms(sought).items()}
    marks = find_marks(print_of(told), print_of(shown.read), asked_words(sought), related, forms)
    return PageView(
        document_id=page.document_id,
        document_name=document.name,
        version=image_version(document),
        info=info_line(document.info),
        page_number=page.page_number,
        page_label=label_of(library.catalogue.page_labels(page.document_id), page.page_number),
        page_count=document.page_count,
        query=query,
        problem=None if words is not None else _why_missing(document, page.page_number),
        boxes=marks.boxes,
        weights=marks.weights,
        words=marks.words,
        asked=_asked(sought, marks),
        densest=densest(marks),
        text=tuple(joined(line) for line in lines(told or shown.read)),
        is_from_pixels=not known.text_layer,
        is_hardly_read=is_hardly_read(known),
    )


def _asked(question: str, marks: Marks) -> tuple[AskedView, ...]:
    """The words of a question that name something, as it writes them, with what the page has of them."""
    asked, counts = set(asked_words(question)), Counter(marks.words)
    named = {text: asked & set(words) for text, words in as_written(question).items()}
    return tuple(
        AskedView(text, tuple(sorted(words)), sum(counts[word] for word in words))
        for text, words in named.items()
        if words
    )


def _page_words(library: Library, page: PageRef) -> PageWords | None:
    try:
        return library.objects.page_words(page)
    except NotFound:
        return None
    except ObjectDamaged as error:  # the picture may still be sound, and so may the other hits
        _LOG.warning("No words: %s", error)
        return PageWords()


def _why_missing(document: Document, page_number: int) -> str:
    errors = {error.page_number: error.message for error in document.indexing.page_errors}
    return errors.get(page_number) or document.indexing.error_message or "This page has not been indexed yet."
