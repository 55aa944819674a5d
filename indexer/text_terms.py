"""The terms by which text finds a page: its words, and what is said of it elsewhere."""

from collections.abc import Sequence

from vdr.index import page_terms
from vdr.types import Box, SparseVector, Word

_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)  # print of no size, which counts as that of most words


def text_terms(words: Sequence[Word], page_number: int, label: str) -> SparseVector | None:
    """The sparse vector of a page's words and of its label, where that is not just the page number."""
    said = () if label == str(page_number) else (Word(label, _NOWHERE),)
    terms = page_terms((*words, *said))
    return terms if terms.indices else None
