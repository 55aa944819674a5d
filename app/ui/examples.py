"""Questions to begin with: questions and headings of the documents that are there."""

from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import mean, median

from app.ui.headings import is_heading, is_ordinary, is_question
from app.ui.marking import joined
from indexer.library import Library
from vdr.errors import NotFound, ObjectDamaged
from vdr.prints import lines
from vdr.types import Document, PageRef, Word
from vdr.words.stems import languages_of

GENERIC = ("What are the key figures?", "Who is responsible?", "What happens next?")
_COUNT = 4
# More would make the first view of the page slow, most of all where no document has a heading.
_DOCUMENTS_LOOKED_AT = 12
_PAGES_LOOKED_AT = 4  # of each document
_TALLER = 1.15  # a heading than the print of its page
_FEW_LINES = 4  # of a page that has too little print to compare with

_Line = Sequence[Word]


def examples(library: Library, documents: Sequence[Document]) -> tuple[str, ...]:
    """A few questions or headings, one for each of the first documents; general ones if none has any."""
    found = (
        each for document in documents[:_DOCUMENTS_LOOKED_AT] if (each := _example_of(library, document))
    )
    return tuple(dict.fromkeys(islice(found, _COUNT))) or GENERIC


def example(words: Sequence[Word], ordinary: frozenset[str] = frozenset()) -> str | None:
    """The first question that stands by itself on a page, or its heading in the largest print, or None.

    `ordinary` are words that the print of the document has in lower case; see is_ordinary.
    """
    printed = lines(words)
    alone = [line for place, line in enumerate(printed) if not _is_continued(printed, place)]
    if question := next((line for line in alone if is_question(joined(line))), None):
        return joined(question)
    usual = median(map(_height, printed)) if len(printed) >= _FEW_LINES else 0.0
    headings = [line for line in alone if is_heading(text := _bare(line)) and is_ordinary(text, ordinary)]
    fitting = [line for line in headings if _height(line) >= _TALLER * usual]
    return _bare(max(fitting, key=_height)) if fitting else None


def _example_of(library: Library, document: Document) -> str | None:
    pages = list(_pages(library, document))
    ordinary = _ordinary_words(pages)
    found = [found for words in pages if (found := example(words, ordinary))]
    return next((each for each in found if each.endswith("?")), found[0] if found else None)


def _ordinary_words(pages: Sequence[Sequence[Word]]) -> frozenset[str]:
    """The words in lower case; none in German, where every noun looks like a name."""
    texts = [word.text for words in pages for word in words]
    is_german = "german" in languages_of(texts)
    return frozenset() if is_german else frozenset(text for text in texts if text.islower())


def _pages(library: Library, document: Document) -> Iterator[Sequence[Word]]:
    # The first page is mostly a cover, which tells less than what comes after it.
    numbers = [*range(2, document.page_count + 1), 1]
    for page_number in numbers[:_PAGES_LOOKED_AT]:
        try:
            # Words read from pixels may be wrong, and this is the first thing that people see.
            yield library.objects.page_words(PageRef(document.document_id, page_number)).text_layer
        except (NotFound, ObjectDamaged):
            continue  # a page that failed, or one that `vdr check` will report


def _bare(line: _Line) -> str:
    return joined(line).strip(" .:-–")


def _is_continued(printed: Sequence[_Line], place: int) -> bool:
    """Whether the line above or below is the same print, so that this one is but a part of it."""
    around = (printed[other] for other in (place - 1, place + 1) if 0 <= other < len(printed))
    return any(_is_same_print(printed[place], other) for other in around)


def _is_same_print(one: _Line, other: _Line) -> bool:
    height = _height(one)
    is_as_tall = abs(height - _height(other)) < 0.1 * height
    distance = abs(one[0].box.y0 - other[0].box.y0)
    is_beside = one[0].box.x0 < other[-1].box.x1 and other[0].box.x0 < one[-1].box.x1
    return is_as_tall and is_beside and distance < 2.2 * height


def _height(line: _Line) -> float:
    return mean(word.box.y1 - word.box.y0 for word in line)
