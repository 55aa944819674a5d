"""What searches find, and how long they take, by effort.

python -m benchmarks.effort FOLDER [--cache DIR] [--documents N]

FOLDER is one that `vdr evaluate` takes. Each question is asked of its document and of all at every effort, in
turn and another one first each time, so that whatever else the machine does slows all of them. Times are of
searches over all documents, snippets included, once the question is embedded.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from training.evaluate.bootstrap import difference, estimate
from training.evaluate.corpus import DEFAULT_CACHE, open_corpus
from training.evaluate.metrics import ndcg
from training.evaluate.run import Task, read_task
from training.evaluate.systems import DEPTH
from vdr.models.embedder import load_embedder
from vdr.search.request import in_documents
from vdr.search.searcher import Searcher
from vdr.settings import Settings
from vdr.types import Effort, PageRef, SearchRequest

_WARM_UP = 3  # questions


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    cache: Annotated[Path, typer.Option(help="Where indexed documents are kept.")] = DEFAULT_CACHE,
    documents: Annotated[int | None, typer.Option(min=1, help="Use only the first N PDFs.")] = None,
) -> None:
    """Measure, and print one line of JSON."""
    typer.echo(json.dumps(measure(Task(folder, cache, first_documents=documents), Settings())))


def measure(task: Task, settings: Settings) -> dict[str, object]:
    """nDCG@10 within and over all documents, with the paired difference to balanced, and ms p50 and p95."""
    questions, documents = read_task(task, settings)
    embedder = load_embedder(settings.model)
    scores: dict[str, dict[Effort, list[float]]] = {"within": defaultdict(list), "corpus": defaultdict(list)}
    times: dict[Effort, list[float]] = defaultdict(list)
    opened = open_corpus(
        task.folder,
        documents,
        settings,
        embedder,
        cache=task.cache,
        say=lambda line: typer.echo(line, err=True),
    )
    with opened as corpus:
        searcher = Searcher(embedder, corpus.index, corpus.library.objects, settings.search)
        for question in questions[:_WARM_UP]:
            searcher.search(SearchRequest(question.text))
        for place, question in enumerate(questions):
            vectors = embedder.encode_queries([question.text])
            document_id = documents.by_name[question.document].document_id
            relevant = {PageRef(document_id, number) for number in question.page_numbers}
            for effort in _beginning_at(place):
                asked = SearchRequest(question.text, limit=DEPTH, effort=effort)
                found = searcher.search_embedded(asked, vectors)
                times[effort].append(found.timings_ms["total"])
                scores["corpus"][effort].append(ndcg([hit.page for hit in found.hits], relevant, DEPTH))
                within = SearchRequest(
                    question.text, limit=DEPTH, effort=effort, filter=in_documents([document_id])
                )
                pages = [each.page for each in searcher.find_together(within, vectors).found.candidates]
                scores["within"][effort].append(ndcg(pages, relevant, DEPTH))
    return {
        "questions": len(questions),
        "pages": len(documents.pages),
        **{effort: _told(scores, times[effort], effort) for effort in Effort},
    }


def _beginning_at(place: int) -> list[Effort]:
    efforts = list(Effort)
    first = place % len(efforts)
    return [*efforts[first:], *efforts[:first]]


def _told(
    scores: dict[str, dict[Effort, list[float]]], times: Sequence[float], effort: Effort
) -> dict[str, object]:
    p50, p95 = np.percentile(times, [50, 95])
    told: dict[str, object] = {"p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}
    for scope, by_effort in scores.items():
        told[scope] = round(estimate(by_effort[effort]).mean, 4)
        beyond = difference(by_effort[effort], by_effort[Effort.BALANCED]).estimate
        told[f"{scope}_beyond_balanced"] = [round(x, 4) for x in (beyond.mean, beyond.low, beyond.high)]
    return told


if __name__ == "__main__":
    typer.run(main)
