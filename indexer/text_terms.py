"""The terms by which text finds a page: its words, and what is said of it elsewhere."""

from collections.abc import Sequence

from vdr.index import page_terms
from vdr.types import Box, SparseVector, Word
from vdr.words import wholes

_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)  # print of no size, which counts as that of most words


def text_terms(words: Sequence[Word], page_number: int, label: str, title: str) -> SparseVector | None:
    """The sparse vector of a page's words, and of what is said of it that is not among them.

    That is its label, where it is not just the page number, and of the first page the document's title, which
    may stand nowhere else.
    """
    said = [*wholes(label if label != str(page_number) else ""), *wholes(title if page_number == 1 else "")]
    held = {whole for word in words for whole in wholes(word.text)} if said else set()
    missing = (Word(whole, _NOWHERE) for whole in dict.fromkeys(said) if whole not in held)
    found = page_terms((*words, *missing))
    return found if found.indices else None
