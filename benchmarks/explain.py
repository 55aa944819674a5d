"""How often the three best regions of an explanation hold the answer, of pages that a search has found.

    python -m benchmarks.explain FOLDER [--answers FILE] [--cache DIR]

FOLDER is one that `vdr evaluate` takes, and what that has indexed is used. FILE is as for
`benchmarks.snippets`. Questions whose answer no words tell are left out, and so are those whose first page
within their document is none that answers. "regions" are those of an explanation, passages as a rule;
"likeness" those that the model names, of which they are made. An answer is held if the words of each of its
phrases stand one after the other in the print of the regions. "told" counts only questions whose answer
stands in the words of the page; "area" is the share of the page that the three cover, on average. The last
line is one JSON object.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Annotated

import numpy as np
import typer

from benchmarks.snippets import ANSWERS, Answer, holds
from training.evaluate.corpus import DEFAULT_CACHE, open_corpus
from training.evaluate.documents import Documents
from training.evaluate.questions import Question
from training.evaluate.run import Task, read_task
from vdr.environment import read_settings
from vdr.json_lines import read_json_lines
from vdr.models.embedder import load_embedder
from vdr.search.explaining import explain
from vdr.search.request import in_documents
from vdr.search.reranking import decoded
from vdr.search.searcher import Searcher
from vdr.types import Box, PageRef, PageWords, Region, SearchRequest, Word

_BEST = 3
_GRID = 200  # points along each side of a page, to measure areas by

Answers = Sequence[Sequence[str]]


@dataclass
class _Side:
    """What one kind of regions holds: for each question whether the answer is in sight, and the area."""

    held: list[bool] = field(default_factory=list)
    areas: list[float] = field(default_factory=list)

    def judge(self, regions: Sequence[Region], words: PageWords, answers: Answers) -> None:
        boxes = [region.box for region in regions[:_BEST]]
        self.held.append(any(holds(text, answers) for text in _texts(words, boxes)))
        self.areas.append(_area(boxes))


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    answers: Annotated[Path, typer.Option(help="What answers each question.")] = ANSWERS,
    cache: Annotated[Path, typer.Option(help="Where indexed documents are kept.")] = DEFAULT_CACHE,
) -> None:
    """Judge the explanations of the answering pages that are found."""
    settings = read_settings()
    known = {each.query_id: each.answers for each in read_json_lines(answers, Answer) if each.answers}
    questions, documents = read_task(Task(folder, cache), settings)
    asked = [question for question in questions if question.query_id in known]
    embedder = load_embedder(settings.model)
    sides, told = {"likeness": _Side(), "regions": _Side()}, list[bool]()
    with open_corpus(folder, documents, settings, embedder, cache=cache, say=_say) as corpus:
        objects = corpus.library.objects
        searcher = Searcher(embedder, corpus.index, objects, settings.search)
        for question, page in _found(searcher, asked, documents):
            words, wanted = objects.page_words(page), known[question.query_id]
            likeness = embedder.explain(question.text, decoded(objects.page_image(page)), words)
            explained = explain(embedder, objects, SearchRequest(question.text), page)
            told.append(any(holds(text, wanted) for text in _texts(words, [Box(0, 0, 1, 1)])))
            sides["likeness"].judge(likeness, words, wanted)
            sides["regions"].judge(explained.regions, words, wanted)
    figures = {
        "benchmark": "explain",
        "questions": len(asked),
        "found": len(told),
        "told_on_the_page": sum(told),
        **{name: _shares(side, told) for name, side in sides.items()},
    }
    typer.echo(json.dumps(figures))


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _found(
    searcher: Searcher, questions: Iterable[Question], documents: Documents
) -> Iterator[tuple[Question, PageRef]]:
    """The questions whose first page within the document is one that answers, each with that page."""
    for question in questions:
        document_id = documents.by_name[question.document].document_id
        request = SearchRequest(question.text, filter=in_documents([document_id]), limit=1)
        pages = [hit.page for hit in searcher.search(request).hits]
        if pages and pages[0].page_number in question.page_numbers:
            yield question, pages[0]


def _texts(words: PageWords, boxes: Sequence[Box]) -> Iterator[str]:
    """What stands in boxes on a page, by each source of its words, box after box."""
    for source in (words.text_layer, words.read, words.ocr or ()):
        yield " ".join(word.text for box in boxes for word in source if _is_within(word, box))


def _is_within(word: Word, box: Box) -> bool:
    x, y = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def _area(boxes: Iterable[Box]) -> float:
    """The share of the page that boxes cover together."""
    points = (np.arange(_GRID) + 0.5) / _GRID
    covered = np.zeros((_GRID, _GRID), bool)
    for box in boxes:
        down, across = (
            (low <= points) & (points <= high) for low, high in ((box.y0, box.y1), (box.x0, box.x1))
        )
        covered |= np.outer(down, across)
    return float(covered.mean())


def _shares(side: _Side, told: Sequence[bool]) -> dict[str, float]:
    of_told = [held for held, is_told in zip(side.held, told, strict=True) if is_told]
    return {
        "of_found": round(mean(side.held), 4),
        "of_told": round(mean(of_told), 4),
        "area": round(mean(side.areas), 4),
    }


if __name__ == "__main__":
    typer.run(main)
