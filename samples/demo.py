"""`vdr demo`: indexes PDFs, asks about them, and says which pages it found and whether they are right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.commands.index import index_files
from indexer.paths import find_pdfs
from indexer.services import open_services
from samples.corpus import SampleCorpus, SampleQuestion, demo_questions, write_samples
from samples.page_design import IN_PIXELS_ONLY
from vdr.environment import read_settings
from vdr.errors import BadInput
from vdr.json_lines import read_json_lines
from vdr.models.loading import Models
from vdr.objects.checksums import hash_of
from vdr.search.request import in_documents
from vdr.search.searcher import Searcher
from vdr.settings import Settings
from vdr.types import Hit, PageRef, SearchRequest

QUESTIONS_FILE = "queries.jsonl"
TOP = 3
_LIMIT = 10
_SHOWN = 5
# For documents nobody has written questions about: what people ask of most of them.
GENERIC_QUESTIONS = (
    "What is the purpose of this document?",
    "How did the total change compared with the year before?",
    "Which chart or diagram compares several things?",
    "What do the figures in the largest table mean?",
    "Who is responsible, and how can they be reached?",
)


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """A question and, where it is known, which pages of which file answer it.

    `is_in_pixels_only` tells that no text layer holds the answer.
    """

    query: str
    document: str = ""
    page_numbers: tuple[int, ...] = ()
    evidence: tuple[str, ...] = ()
    is_in_pixels_only: bool = False


@dataclass(frozen=True, slots=True)
class DemoCorpus:
    """PDFs, the questions whose answers are shown, and all questions that are counted."""

    files: tuple[Path, ...]
    shown: tuple[DemoQuestion, ...]
    questions: tuple[DemoQuestion, ...]

    @property
    def has_right_pages(self) -> bool:
        """Whether it is known which pages are right."""
        return any(question.page_numbers for question in self.questions)


@dataclass(frozen=True, slots=True)
class DemoAnswer:
    """The pages found for a question; `rank` is that of the first right one, None if none was found."""

    question: DemoQuestion
    hits: tuple[Hit, ...]
    rank: int | None


def demo(
    samples: Annotated[Path, typer.Option(help="Folder for the sample PDFs and questions.")] = Path(
        "sample-documents"
    ),
    pdfs: Annotated[
        Path | None, typer.Option(help="Folder of your own PDFs, instead of the samples.")
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            help=f"Questions about --pdfs, as JSON lines. Default: {QUESTIONS_FILE} in that folder."
        ),
    ] = None,
) -> None:
    """Index sample PDFs or your own, ask questions, and show the pages found."""
    if pdfs is None and questions is not None:
        raise BadInput(
            "--questions requires --pdfs.", remedy="Pass the folder of the PDFs that the questions are about."
        )
    corpus = own_corpus(pdfs, questions) if pdfs else sample_corpus(write_samples(samples))
    settings = read_settings()
    show_demo(corpus, settings, Models(settings.model), Console())


def sample_corpus(corpus: SampleCorpus) -> DemoCorpus:
    """The samples with their questions."""
    return DemoCorpus(
        files=tuple(corpus.folder / "pdfs" / document.file_name for document in corpus.documents),
        shown=tuple(map(_from_sample, demo_questions(corpus))),
        questions=tuple(map(_from_sample, corpus.questions)),
    )


def own_corpus(folder: Path, questions: Path | None = None) -> DemoCorpus:
    """PDFs of one's own, with the questions of a file, or of `folder`/queries.jsonl, or general ones.

    Raises BadInput where there are no PDFs or the questions cannot be read.
    """
    files = tuple(find_pdfs([str(folder)]))
    found = questions or folder / QUESTIONS_FILE
    if questions is None and not found.is_file():
        asked = tuple(map(DemoQuestion, GENERIC_QUESTIONS))
    else:
        asked = read_questions(found)
    return DemoCorpus(files, asked[:_SHOWN], asked)


def read_questions(path: Path) -> tuple[DemoQuestion, ...]:
    """The questions of a file with one JSON object a line. Raises BadInput, which names the line."""
    asked = tuple(
        DemoQuestion(line.query, line.document, line.page_numbers, line.evidence)
        for line in read_json_lines(path, _QuestionLine)
    )
    if not asked:
        raise BadInput(f"{path} contains no questions.")
    return asked


def show_demo(corpus: DemoCorpus, settings: Settings, models: Models, console: Console) -> None:
    """Index the corpus, ask its questions, and print answers and, where right pages are known, shares."""
    with open_services(settings, models) as services:
        library = services.library()
        index_files(corpus.files, library)
        searcher = Searcher(library.embedder, library.claim(), library.objects, settings.search)
        ids = {file.name: hash_of(file) for file in corpus.files}
        console.print()
        console.print(answers_table([_ask(searcher, question, ids) for question in corpus.shown]))
        if corpus.has_right_pages:
            answers = [_ask(searcher, question, ids) for question in corpus.questions]
            console.print()
            console.print(shares_table(answers))


def answers_table(answers: Sequence[DemoAnswer]) -> Table:
    """Each question with the page found for it and, where it is known, the page that is right."""
    knows = any(answer.question.page_numbers for answer in answers)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 1, 0))
    table.add_column("question", overflow="fold", min_width=24)
    table.add_column("found", overflow="fold", min_width=24)
    table.add_column("score", justify="right", no_wrap=True)
    if knows:
        table.add_column("rank", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True, min_width=5)
    for answer in answers:
        cells = (_question(answer.question), _found(answer), _score(answer))
        table.add_row(*cells, *(_judgement(answer) if knows else ()))
    return table


def shares_table(answers: Sequence[DemoAnswer]) -> Table:
    """How often the right page came first and among the first three, by what the answer stands in."""
    title = f"Questions with a right page in the top {TOP} (of {len(answers)})"
    table = Table(
        title=title, title_justify="left", title_style="", box=None, pad_edge=False, header_style="dim"
    )
    table.add_column("answer stands in")
    for heading in ("questions", "first", f"first {TOP}", "share"):
        table.add_column(heading, justify="right", no_wrap=True)
    kinds = dict.fromkeys(kind for answer in answers for kind in answer.question.evidence)
    for kind in kinds:
        table.add_row(kind, *_shares(answer for answer in answers if kind in answer.question.evidence))
    pixels = [answer for answer in answers if answer.question.is_in_pixels_only]
    if pixels:
        table.add_row("pixels alone", *_shares(pixels))
    table.add_row("all", *_shares(answers))
    return table


class _QuestionLine(BaseModel):
    query: str
    document: str = ""
    page_numbers: tuple[int, ...] = ()
    evidence: tuple[str, ...] = ()


def _from_sample(question: SampleQuestion) -> DemoQuestion:
    return DemoQuestion(
        question.query,
        question.document,
        question.page_numbers,
        tuple(str(kind) for kind in question.evidence),
        is_in_pixels_only=IN_PIXELS_ONLY.issuperset(question.evidence),
    )


def _ask(searcher: Searcher, question: DemoQuestion, ids: dict[str, str]) -> DemoAnswer:
    """The answer among the demo's own documents: the library may hold others as well."""
    chosen = in_documents(tuple(ids.values()))
    hits = searcher.search(SearchRequest(question.query, filter=chosen, limit=_LIMIT)).hits
    right = {PageRef(ids.get(question.document, ""), number) for number in question.page_numbers}
    ranks = (hit.rank for hit in hits if hit.page in right)
    return DemoAnswer(question, hits, next(ranks, None))


def _question(question: DemoQuestion) -> Text:
    text = Text(question.query)
    if question.is_in_pixels_only:
        text.append(f"\nonly in a {' and a '.join(question.evidence).lower()}", style="italic dim")
    return text


def _found(answer: DemoAnswer) -> Text:
    best = answer.hits[0] if answer.hits else None
    text = Text(_pages(best.document_name, (best.page.page_number,)) if best else "nothing")
    if answer.question.page_numbers:
        text.append(f"\nanswer: {_right_page(answer.question, best)}", style="dim")
    return text


def _right_page(question: DemoQuestion, best: Hit | None) -> str:
    is_in_the_document_found = best is not None and best.document_name == question.document
    return _pages("" if is_in_the_document_found else question.document, question.page_numbers)


def _score(answer: DemoAnswer) -> str:
    return f"{answer.hits[0].score:.3g}" if answer.hits else ""


def _judgement(answer: DemoAnswer) -> tuple[str, Text]:
    if not answer.question.page_numbers:
        return "", Text("")
    verdict = Text("right", style="green") if answer.rank == 1 else Text("wrong", style="red")
    return (str(answer.rank) if answer.rank else f"> {_LIMIT}"), verdict


def _pages(document: str, page_numbers: tuple[int, ...]) -> str:
    # The space stays within the line: a number alone on the next one would be hard to read.
    return f"{document} p.\N{NO-BREAK SPACE}{', '.join(map(str, page_numbers))}".strip()


def _shares(answers: Iterable[DemoAnswer]) -> tuple[str, str, str, str]:
    ranks = [answer.rank for answer in answers if answer.question.page_numbers]
    top = sum(rank is not None and rank <= TOP for rank in ranks)
    share = f"{top / len(ranks):.0%}" if ranks else ""
    return str(len(ranks)), str(sum(rank == 1 for rank in ranks)), str(top), share
