"""What it gives to prefer the places that questions name, within the document and over the corpus.

python -m benchmarks.places FOLDER [--cache DIR] [--all-documents]

FOLDER is one that `vdr evaluate` takes, or `benchmarks.place_questions` makes. Unless told otherwise only the
documents are indexed that a question with a place is about. "without" asks the same index as if no question
named a place. Beside nDCG@10 stands the CPU time of a search, without embedding the question.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from statistics import mean
from time import process_time
from typing import Annotated

import typer

from benchmarks.short_documents import link_part
from training.evaluate.corpus import DEFAULT_CACHE, open_corpus
from training.evaluate.documents import Documents
from training.evaluate.metrics import ndcg
from training.evaluate.questions import Question, read_questions
from training.evaluate.run import Task, read_task
from training.evaluate.systems import DEPTH, Scope
from vdr.models.embedder import load_embedder
from vdr.search.places import Places, places_in
from vdr.search.request import in_documents
from vdr.search.searcher import Searcher
from vdr.settings import Settings
from vdr.types import PageRef, QueryVectors, SearchRequest

_KINDS: Mapping[str, Callable[[Places], bool]] = {
    "page": lambda places: bool(places.pages),
    "caption": lambda places: bool(places.captions),
    "any place": bool,
    "no place": lambda places: not places,
}


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    cache: Annotated[Path, typer.Option(help="Where indexed documents are kept.")] = DEFAULT_CACHE,
    all_documents: Annotated[bool, typer.Option(help="Index all documents of the folder.")] = False,
) -> None:
    """Measure, and print nDCG@10 of each kind of question as one line of JSON."""
    # In the cache, as indexed documents are kept for a folder.
    part = folder if all_documents else _part(folder, cache / "places" / folder.resolve().name)
    typer.echo(json.dumps(measure(Task(part, cache), Settings())))


def _part(folder: Path, out: Path) -> Path:
    """The documents that a question which names a place is about, and all questions about them."""
    if out.exists():
        rmtree(out)
    names = {each.document for each in read_questions(folder) if places_in(each.text)}
    link_part(folder, out, {name: folder / "pdfs" / name for name in sorted(names)})
    return out


def measure(task: Task, settings: Settings) -> dict[str, object]:
    """nDCG@10 of the default search with and without places, by scope, of each kind of question."""
    questions, documents = read_task(task, settings)
    embedder = load_embedder(settings.model)
    opened = open_corpus(task.folder, documents, settings, embedder, cache=task.cache, say=_say)
    with opened as corpus:
        searcher = Searcher(embedder, corpus.index, corpus.library.objects, settings.search)
        scored = list(_scored(searcher, questions, documents))
    sources = sorted({question.source for question in questions})
    return {
        "documents": len(documents.ordered),
        "pages": len(documents.pages),
        **{
            name: _means([scores for question, scores in scored if is_of(places_in(question.text))])
            for name, is_of in _KINDS.items()
        },
        **{
            source: _means([scores for question, scores in scored if question.source == source])
            for source in sources
        },
    }


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _scored(
    searcher: Searcher, questions: Sequence[Question], documents: Documents
) -> Iterator[tuple[Question, dict[str, float]]]:
    vectors = searcher.embedder.encode_queries([question.text for question in questions])
    for question, asked in zip(questions, vectors, strict=True):
        document_id = documents.by_name[question.document].document_id
        relevant = {PageRef(document_id, number) for number in question.page_numbers}
        scopes = {Scope.WITHIN: in_documents([document_id]), Scope.CORPUS: None}
        # A query without its text names no place; its vectors are the same.
        texts = {"with": question.text, "without": None}
        scores: dict[str, float] = {}
        for scope, where in scopes.items():
            for name, text in texts.items():
                started = process_time()
                ranking = _ranking(searcher, SearchRequest(text, filter=where, limit=DEPTH), asked)
                scores[f"{scope} {name}"] = ndcg(ranking, relevant, DEPTH)
                scores[f"{scope} {name}, ms"] = 1_000 * (process_time() - started)
        yield question, scores


def _ranking(searcher: Searcher, request: SearchRequest, asked: QueryVectors) -> list[PageRef]:
    return [found.page for found in searcher.execute(searcher.plan(request, asked)).candidates]


def _means(scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = scores[0] if scores else ()
    means = {name: round(mean(each[name] for each in scores), 3) for name in names}
    return {"questions": len(scores), **means}


if __name__ == "__main__":
    typer.run(main)
