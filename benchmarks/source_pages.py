"""The pages of one source of a questions file, as their words, with what people asked of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page of tables and paragraphs, by the words of both, and its questions."""

    table_words: Sequence[str]
    paragraph_words: Sequence[str]
    queries: Sequence[str]

    @property
    def words(self) -> list[str]:
        """All of them, those of the table first."""
        return [*self.table_words, *self.paragraph_words]


def pages_of(questions: Path, source: str | None = None) -> list[SourcePage]:
    """The pages of a source, or of all, in the order of the file: one JSON object a line."""
    with questions.open() as lines:
        pages = [page for page in map(json.loads, lines) if source in (None, page["source"])]
    return [
        SourcePage(
            _words(cell for row in page["page"]["table"] for cell in row),
            _words(page["page"]["paragraphs"]),
            page["queries"],
        )
        for page in pages
    ]


def _words(texts: Iterable[str]) -> list[str]:
    return " ".join(texts).split()
