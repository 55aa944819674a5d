"""Questions to begin with: questions and headings of the documents that are there."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import mean, median

from app.ui.marking import joined, lines
from indexer.library import Library
from vdr.errors import NotFound, ObjectDamaged
from vdr.types import Document, PageRef, Word

GENERIC = ("What are the key figures?", "Who is responsible?", "What happens next?")
_COUNT = 4
# More would make the first view of the page slow, most of all where no document has a heading.
_DOCUMENTS_LOOKED_AT = 12
_PAGES_LOOKED_AT = 4  # of each document
_HEADING_WORDS = range(2, 8)
_QUESTION_WORDS = range(4, 13)
_MAX_CHARACTERS = {False: 48, True: 80}  # of a heading, of a question
_TALLER = 1.15  # a heading than the print of its page
_FEW_LINES = 4  # of a page that has too little print to compare with
# A letter alone is mostly what is left of a word that was torn apart.
_WORD = re.compile(r"[^\W\d_]{2,}(?:['’/&-][^\W\d_]+)*|[aAI&]|[12]\d{3}")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
# What cannot end a heading: it goes on in the next line.
_UNFINISHED = frozenset(
    ["a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to"]
)
# Headings that say nothing about the document they are of.
_EMPTY = frozenset(
    {
        "about this document",
        "about this report",
        "contact information",
        "executive summary",
        "getting started",
        "summary of findings",
        "table of contents",
        "terms and conditions",
        "united states",
    }
)

_Line = Sequence[Word]


def examples(library: Library, documents: Sequence[Document]) -> tuple[str, ...]:
    """A few questions or headings, one for each of the first documents; general ones if none has any."""
    found = (
        each for document in documents[:_DOCUMENTS_LOOKED_AT] if (each := _example_of(library, document))
    )
    return tuple(dict.fromkeys(islice(found, _COUNT))) or GENERIC


def example(words: Sequence[Word]) -> str | None:
    """The first question that stands by itself on a page, or its heading in the largest print, or None."""
    printed = lines(words)
    alone = [line for place, line in enumerate(printed) if not _is_continued(printed, place)]
    if question := next((line for line in alone if _reads_like_question(line)), None):
        return joined(question)
    usual = median(map(_height, printed)) if len(printed) >= _FEW_LINES else 0.0
    fitting = [line for line in alone if _reads_like_heading(line) and _height(line) >= _TALLER * usual]
    return _bare(max(fitting, key=_height)) if fitting else None


def _example_of(library: Library, document: Document) -> str | None:
    found = [found for words in _pages(library, document) if (found := example(words))]
    return next((each for each in found if each.endswith("?")), found[0] if found else None)


def _pages(library: Library, document: Document) -> Iterator[Sequence[Word]]:
    # The first page is mostly a cover, which tells less than what comes after it.
    numbers = [*range(2, document.page_count + 1), 1]
    for page_number in numbers[:_PAGES_LOOKED_AT]:
        try:
            # Words read from pixels may be wrong, and this is the first thing that people see.
            yield library.objects.page_words(PageRef(document.document_id, page_number)).text_layer
        except (NotFound, ObjectDamaged):
            continue  # a page that failed, or one that `vdr check` will report


def _reads_like_question(line: _Line) -> bool:
    text = joined(line)
    return text.endswith("?") and len(line) in _QUESTION_WORDS and _is_fit(line, text.rstrip("?"), True)


def _reads_like_heading(line: _Line) -> bool:
    text = _bare(line)
    if not text or text.lower() in _EMPTY or text.lower().split()[-1] in _UNFINISHED:
        return False
    return len(line) in _HEADING_WORDS and _is_fit(line, text, False)


def _is_fit(line: _Line, text: str, is_question: bool) -> bool:
    """Whether it is all words, not shouted, and begins as sentences do."""
    words = text.split()
    real = sum(bool(_LETTERS.search(word)) for word in words)
    return (
        len(text) <= _MAX_CHARACTERS[is_question]
        and real >= max(2, len(line) // 2)
        and all(_WORD.fullmatch(word) for word in words)
        and not (text[0].islower() or text.isupper())
    )


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
