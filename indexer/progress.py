"""What indexing tells about itself while it runs."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Protocol

from vdr.types import FINISHED, Document


@dataclass(slots=True)
class StepSeconds:
    """Seconds spent in each step, summed over threads: together they may exceed the time on the clock."""

    rasterize: float = 0.0
    text: float = 0.0
    encode_image: float = 0.0
    read: float = 0.0
    embed: float = 0.0
    store: float = 0.0
    upsert: float = 0.0

    @contextmanager
    def measure(self, step: str) -> Iterator[None]:
        """Adds the time spent inside the block to `step`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            setattr(self, step, getattr(self, step) + time.perf_counter() - started)

    def add(self, other: "StepSeconds") -> None:
        """Adds what another run took."""
        for step in fields(self):
            setattr(self, step.name, getattr(self, step.name) + getattr(other, step.name))


@dataclass(frozen=True, slots=True)
class PagesIndexed:
    """A run of pages is done: the document as it stands now, the pages that reached the index, the time."""

    document: Document
    page_count: int
    seconds: StepSeconds = field(default_factory=StepSeconds)


class Progress(Protocol):
    """Called after every run of pages, from the thread that indexes."""

    def __call__(self, report: PagesIndexed, /) -> None:
        """Take notice of the report."""
        ...


def got_on(
    left: dict[str, Document], found: Mapping[str, Document | None]
) -> Iterator[tuple[Document, Document | None]]:
    """Each of the documents `found` that has got on since it was `left`, before and after.

    What is finished, or deleted (None), is left no longer.
    """
    for document_id, after in found.items():
        before = left[document_id]
        if after is None or after.indexing.state in FINISHED:
            del left[document_id]
            yield before, after
        elif after.indexing.pages_done != before.indexing.pages_done:
            left[document_id] = after
            yield before, after
