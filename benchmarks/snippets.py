"""How often a snippet holds the answer, given the right page, before and after.

    python -m benchmarks.snippets FOLDER [--answers FILE]

FOLDER has pdfs/ and queries.jsonl. FILE has, for each question that is judged, `query_id` and `answers`: ways
to answer, each a list of phrases that must all be in sight; none where no words of the page answer, as with a
count of what a picture shows. Those that come with this were read off the pages of 70 questions drawn from
those of one page; of a figure that has to be worked out, they are the figures that it is worked out from.
A snippet holds an answer if the words of each phrase stand in it one after the other. Before, a snippet was
the first 28 words with most distinct terms. The last line is one JSON object: shares of all questions, and of
those whose answer stands in the words of a page.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import thread_time
from typing import Annotated

import typer
from pydantic import BaseModel

from indexer.pdf.prepare import prepare_pages
from vdr.environment import read_settings
from vdr.json_lines import read_json_lines
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.several import first_of
from vdr.objects.words import decode_print, encode_words
from vdr.search.snippets import snippet
from vdr.search.sought import sought_by
from vdr.types import PageWords, Print, QueryVectors
from vdr.words import row_of, wanted_in, wholes

ANSWERS = Path(__file__).with_name("snippet_answers.jsonl")
_BEFORE = 28  # words
_LEAD = 5


class _Question(BaseModel):
    query_id: str
    query: str
    document: str
    page_numbers: list[int]


class Answer(BaseModel):
    """The ways to answer a question, each as phrases that must all be in sight."""

    query_id: str
    answers: list[list[str]]


@dataclass
class _Judged:
    """What was seen so far."""

    questions: int = 0
    told: int = 0
    before: int = 0
    after: int = 0
    pages: int = 0
    words: int = 0
    seconds: float = 0.0


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    answers: Annotated[Path, typer.Option(help="What answers each question.")] = ANSWERS,
) -> None:
    """Judge the snippets of the answering pages."""
    embedder = load_embedder(first_of(read_settings().model))
    asked = {question.query_id: question for question in read_json_lines(folder / "queries.jsonl", _Question)}
    judged = _Judged()
    for answer in read_json_lines(answers, Answer):
        question = asked[answer.query_id]
        pages = list(_prints(folder / "pdfs" / question.document, question.page_numbers, embedder))
        _judge(judged, question.query, pages, answer.answers, embedder)
    shares = {
        name: {"of_all": _share(held, judged.questions), "of_told": _share(held, judged.told)}
        for name, held in (("before", judged.before), ("after", judged.after))
    }
    figures = {
        "benchmark": "snippets",
        "questions": judged.questions,
        "told_on_the_page": judged.told,
        **shares,
        "words": round(judged.words / judged.pages, 1),
        "ms_a_page": round(1_000 * judged.seconds / judged.pages, 2),
    }
    typer.echo(json.dumps(figures))


def _judge(
    judged: _Judged,
    question: str,
    pages: Sequence[tuple[Print, Print]],
    answers: Sequence[Sequence[str]],
    embedder: Embedder,
) -> None:
    (vectors,) = embedder.encode_queries([question])
    started = thread_time()
    sought = sought_by(vectors, question)
    after = [snippet(text_layer, partial(tuple, [read]), sought).text for text_layer, read in pages]
    judged.seconds += thread_time() - started
    judged.pages += len(pages)
    judged.words += sum(len(text.split()) for text in after)
    judged.questions += 1
    judged.told += any(holds(" ".join(each.texts), answers) for sources in pages for each in sources)
    judged.before += any(holds(_first_stretch(sources, vectors), answers) for sources in pages)
    judged.after += any(holds(text, answers) for text in after)


def _share(part: int, whole: int) -> float:
    return round(part / max(whole, 1), 4)


def _prints(pdf: Path, page_numbers: Sequence[int], embedder: Embedder) -> Iterator[tuple[Print, Print]]:
    """What the text layer and the embedder have of each page, as it is stored."""
    for number in page_numbers:
        prepared = prepare_pages(pdf, range(number, number + 1), read_settings().ingest)
        for page in prepared.pages:
            (vectors,) = embedder.encode_pages([page.image])
            text_layer, read, _ = decode_print(encode_words(PageWords(page.text_layer, vectors.words)))
            yield text_layer, read


def holds(text: str, answers: Sequence[Sequence[str]]) -> bool:
    """Whether the words of each phrase of an answer stand in a text one after the other."""
    words = f" {' '.join(wholes(text))} "
    return any(all(f" {' '.join(wholes(phrase))} " in words for phrase in answer) for answer in answers)


def _first_stretch(sources: Sequence[Print], query: QueryVectors) -> str:
    """The snippet of before: of 28 words with most distinct terms the first, begun a little before."""
    best, shown = -1, ""
    for source in sources:
        terms = frozenset((*query.terms, *query.forms))
        places = sorted((found.start, found.term) for found in wanted_in(row_of(source.texts), terms))
        starts = [start for start, _ in places] or [0]
        counts = [len({term for at, term in places if start <= at < start + _BEFORE}) for start in starts]
        start = starts[counts.index(max(counts))]
        if source.texts and (max(counts) > best or not shown):
            best, begin = max(counts), max(start - _LEAD, 0)
            shown = " ".join(source.texts[begin : begin + _BEFORE])
    return shown


if __name__ == "__main__":
    typer.run(main)
