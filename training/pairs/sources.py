"""What every source of pairs hands over: documents with their pages, and queries about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from vdr.errors import PageFailed

LABELLED, PHRASES, ENDPOINT, RENDERED = "labelled", "phrases", "endpoint", "rendered"
FEEDBACK = "feedback"
SOURCES = (LABELLED, PHRASES, ENDPOINT, RENDERED, FEEDBACK)

PageImage = tuple[int, Image.Image | PageFailed]


class SourceDocument(Protocol):
    """A document whose page images are made one after the other, when they are asked for."""

    @property
    def name(self) -> str:
        """What the document is called; no two documents of a data set share a name."""
        ...

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each page in order; "" for a page without."""
        ...

    def images(self, page_numbers: Sequence[int]) -> Iterator[PageImage]:
        """The pages of these ascending numbers, each with its image or the reason why it has none."""
        ...


@dataclass(frozen=True, slots=True)
class SourceQuery:
    """A query and the pages of one document that answer it; `rule` says what made it ("" for people).

    `traces` name the feedback and labels that say so. `negatives` are pages, as document and number, that
    were shown for it and passed over, or called wrong.
    """

    text: str
    document: str
    page_numbers: tuple[int, ...]
    source: str
    rule: str = ""
    traces: tuple[str, ...] = ()
    negatives: tuple[tuple[str, int], ...] = ()


def page_id_of(document: str, page_number: int) -> str:
    """The id of a page in a data set of pairs."""
    return f"{document}#page={page_number}"
