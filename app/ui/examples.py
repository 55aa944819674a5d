"""Questions to begin with: headings of the documents that are there."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from statistics import mean

from app.ui.marking import joined, lines
from indexer.library import Library
from vdr.errors import NotFound, ObjectDamaged
from vdr.merging import merged
from vdr.types import Document, DocumentState, PageRef, Word

GENERIC = ("total revenue by year", "safety instructions", "map of the regions")
_COUNT = 4
# More would make the first view of the page slow, most of all where no document has a heading.
_DOCUMENTS_LOOKED_AT = 12
_PAGES_LOOKED_AT = 4  # of each document
_HEADING_WORDS = range(2, 8)
_MAX_CHARACTERS = 48
_LETTERS = re.compile(r"[^\W\d_]{3,}")


def examples(library: Library, documents: Sequence[Document]) -> tuple[str, ...]:
    """A few headings, one for each of the newest documents; general ones if no document has any."""
    indexed = (document for document in documents if document.indexing.state is DocumentState.INDEXED)
    looked_at = islice(indexed, _DOCUMENTS_LOOKED_AT)
    found = (heading for document in looked_at if (heading := _heading_of(library, document)))
    return tuple(dict.fromkeys(islice(found, _COUNT))) or GENERIC


def heading(words: Sequence[Word]) -> str | None:
    """The line in the largest print that reads like a heading, or None."""
    fitting = [line for line in lines(words) if _reads_like_heading(line)]
    if not fitting:
        return None
    return joined(max(fitting, key=_height)).strip(" .:,-")


def _heading_of(library: Library, document: Document) -> str | None:
    return next((found for words in _pages(library, document) if (found := heading(words))), None)


def _pages(library: Library, document: Document) -> Iterator[Sequence[Word]]:
    # The first page is mostly a cover, which tells less than what comes after it.
    numbers = [*range(2, document.page_count + 1), 1]
    for page_number in numbers[:_PAGES_LOOKED_AT]:
        try:
            words = library.objects.page_words(PageRef(document.document_id, page_number))
        except (NotFound, ObjectDamaged):
            continue  # a page that failed, or one that `vdr check` will report
        yield merged(words) or words.read


def _reads_like_heading(line: Sequence[Word]) -> bool:
    text = joined(line)
    real = sum(bool(_LETTERS.search(word.text)) for word in line)
    return len(line) in _HEADING_WORDS and len(text) <= _MAX_CHARACTERS and real >= max(2, len(line) - 1)


def _height(line: Iterable[Word]) -> float:
    return mean(word.box.y1 - word.box.y0 for word in line)
