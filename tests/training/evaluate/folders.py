"""Small folders to evaluate: PDFs and questions about them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.fixtures import pdfs

PAGES = {
    "cats.pdf": ["the cat sleeps all day", "a cat hunts the grey mouse", "milk for the kitten"],
    "tax.pdf": ["income tax rose by seven percent", "the tax office closes at noon"],
}
QUESTIONS = [
    {"query_id": "q1", "query": "Who hunts the mouse?", "document": "cats.pdf", "page_numbers": [2],
     "evidence": ["Figure", "Text"], "source": "zoo"},
    {"query_id": "q2", "query": "When does the tax office close?", "document": "tax.pdf", "page_numbers": [2],
     "evidence": ["Text"], "source": "state"},
    {"query_id": "q3", "query": "Where does the cat sleep?", "document": "cats.pdf", "page_numbers": [1, 3]},
]  # fmt: skip


def write_folder(folder: Path, questions: Sequence[Mapping[str, object]] | None = None) -> Path:
    """A folder with two PDFs of five pages in all, and three questions."""
    (folder / "pdfs").mkdir(parents=True)
    for name, pages in PAGES.items():
        pdfs.write_pdf(folder / "pdfs" / name, pages)
    write_questions(folder, QUESTIONS if questions is None else questions)
    return folder


def write_questions(folder: Path, questions: Sequence[Mapping[str, object]]) -> None:
    """Other questions."""
    lines = [json.dumps(question) for question in questions]
    (folder / "queries.jsonl").write_text("\n".join(lines) + "\n")
