"""What spelling mistakes in questions cost, with and without forgiving them.

python -m benchmarks.typos FOLDER [--cache DIR] [--documents N] [--seed 1] [--others FOLDER]

FOLDER is one that `vdr evaluate` takes. One mistake is made in one word of each question, and in two: a
letter left out, typed twice, replaced by any other or added, or two neighbours swapped, each kind in turn,
anywhere in a word of four letters or more that names something. "right" are the questions as they are.
Beside nDCG@10 stand the milliseconds of a search (p50, p95) with embedding the question, without snippets,
over all documents, and how many words were corrected, and to the very word that was meant. "others" are the
questions of another folder as they are, of which these documents answer none: no word should be corrected.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import mean
from string import ascii_lowercase
from time import perf_counter
from typing import Annotated, NamedTuple

import numpy as np
import typer

from training.evaluate.corpus import DEFAULT_CACHE, open_corpus
from training.evaluate.documents import Documents
from training.evaluate.metrics import ndcg
from training.evaluate.questions import Question, read_questions
from training.evaluate.run import Task, read_task
from training.evaluate.systems import DEPTH, Scope
from vdr.models.embedder import load_embedder
from vdr.search.request import in_documents
from vdr.search.searcher import Searcher
from vdr.settings import Settings
from vdr.types import PageRef, SearchRequest
from vdr.words import ASKING_WORDS

_WORD = re.compile(r"(?<![\w'’.-])[A-Za-z]{4,}(?![\w'’-]|\.\w)")
_KINDS: Mapping[str, Callable[[str, int, str], str]] = {
    "left out": lambda word, place, _: word[:place] + word[place + 1 :],
    "typed twice": lambda word, place, _: word[: place + 1] + word[place:],
    "swapped": lambda word, place, _: word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    "replaced": lambda word, place, letter: word[:place] + letter + word[place + 1 :],
    "added": lambda word, place, letter: word[:place] + letter + word[place:],
}


class Misspelt(NamedTuple):
    """A question with mistakes, and the words that were misspelt by how they are written now."""

    text: str
    words: Mapping[str, str]


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    cache: Annotated[Path, typer.Option(help="Where indexed documents are kept.")] = DEFAULT_CACHE,
    documents: Annotated[int | None, typer.Option(help="Only the first documents of the folder.")] = None,
    seed: Annotated[int, typer.Option(help="Other numbers make other mistakes.")] = 1,
    others: Annotated[Path | None, typer.Option(help="Folder with questions about other things.")] = None,
) -> None:
    """Measure, and print nDCG@10 by scope as one line of JSON."""
    task = Task(folder, cache, first_documents=documents)
    about_others = () if others is None else read_questions(others)
    typer.echo(json.dumps(measure(task, Settings(), seed, about_others)))


def measure(task: Task, settings: Settings, seed: int, others: Sequence[Question] = ()) -> dict[str, object]:
    """nDCG@10 of the default search, of questions as they are and with mistakes in one word and in two."""
    questions, documents = read_task(task, settings)
    embedder = load_embedder(settings.model)
    opened = open_corpus(task.folder, documents, settings, embedder, cache=task.cache, say=_say)
    with opened as corpus:
        searcher = Searcher(embedder, corpus.index, corpus.library.objects, settings.search)
        _scores(searcher, questions[0], questions[0].text, documents)  # nothing is paid for being the first
        right = [
            _scores(searcher, question, question.text, documents, n % 2 == 1)
            for n, question in enumerate(questions)
        ]
        misspelt = {
            name: list(_misspelt_scores(searcher, questions, documents, words, seed))
            for name, words in (("one word", 1), ("two words", 2))
        }
        replaced = [_corrected(searcher, question.text) for question in others]
    return {
        "benchmark": "typos",
        "pages": len(documents.pages),
        "questions": len(questions),
        "right": _means(right),
        **{name: _compared(right, scored) for name, scored in misspelt.items()},
        "others": {"questions": len(others), "with words corrected": sum(map(bool, replaced))},
    }


def misspell(text: str, words: int, first_kind: int, chance: Random) -> Misspelt:
    """The text with a mistake in so many of its words, or in all that can be misspelt."""
    found = [each for each in _WORD.finditer(text) if _can_be_misspelt(each[0])]
    chosen = chance.sample(found, min(words, len(found)))
    kinds = list(_KINDS.values())
    made = {
        each.span(): _with_mistake(each[0], kinds[(first_kind + n) % len(kinds)], chance)
        for n, each in enumerate(chosen)
    }
    written = {made[each.span()]: each[0] for each in chosen}
    return Misspelt(_WORD.sub(lambda each: made.get(each.span(), each[0]), text), written)


def _can_be_misspelt(word: str) -> bool:
    return word.lower() not in ASKING_WORDS and not word.isupper()


def _with_mistake(word: str, kind: Callable[[str, int, str], str], chance: Random) -> str:
    """Never the word itself, which two equal letters swapped would be."""
    while (made := kind(word, chance.randrange(len(word)), chance.choice(ascii_lowercase))) == word:
        pass
    return made


def _say(line: str) -> None:
    typer.echo(line, err=True)


class _Scores(NamedTuple):
    """nDCG@10 and milliseconds by scope and whether mistakes are forgiven; what was corrected over all."""

    ndcg: Mapping[str, float]
    ms: Mapping[str, float]
    corrected: Mapping[str, str]


def _misspelt_scores(
    searcher: Searcher, questions: Sequence[Question], documents: Documents, words: int, seed: int
) -> Iterator[tuple[Misspelt, _Scores]]:
    for n, question in enumerate(questions):
        made = misspell(question.text, words, n, Random(f"{seed} {question.query_id}"))
        yield made, _scores(searcher, question, made.text, documents, n % 2 == 1)


def _scores(
    searcher: Searcher, question: Question, text: str, documents: Documents, turned: bool = False
) -> _Scores:
    document_id = documents.by_name[question.document].document_id
    relevant = {PageRef(document_id, number) for number in question.page_numbers}
    scores, ms, corrected = dict[str, float](), dict[str, float](), dict[str, str]()
    names = ("not forgiven", "forgiven")
    for scope, where in {Scope.WITHIN: in_documents([document_id]), Scope.CORPUS: None}.items():
        request = SearchRequest(text, filter=where, limit=DEPTH)
        for name in reversed(names) if turned else names:  # neither is always the first to ask
            started = perf_counter()
            (asked,) = searcher.embedder.encode_queries([text])
            if name == "forgiven":
                answer = searcher.find(request, asked)
                found, corrected = answer.found, {**answer.corrected}
            else:
                found = searcher.execute(searcher.plan(request, asked))
            ms[f"{scope} {name}"] = 1_000 * (perf_counter() - started)
            scores[f"{scope} {name}"] = ndcg([each.page for each in found.candidates], relevant, DEPTH)
    return _Scores(scores, ms, corrected)


def _corrected(searcher: Searcher, text: str) -> Mapping[str, str]:
    (asked,) = searcher.embedder.encode_queries([text])
    return searcher.find(SearchRequest(text, limit=DEPTH), asked).corrected


def _means(scored: Sequence[_Scores]) -> dict[str, object]:
    """nDCG@10, and p50 and p95 of a search over all documents."""
    found: dict[str, object] = {
        name: round(mean(each.ndcg[name] for each in scored), 4) for name in scored[0].ndcg
    }
    for name in ("not forgiven", "forgiven"):
        milliseconds = [each.ms[f"{Scope.CORPUS} {name}"] for each in scored]
        found[f"{name}, ms"] = [round(float(at), 1) for at in np.percentile(milliseconds, [50, 95])]
    return {**found, "corrected": sum(len(each.corrected) for each in scored)}


def _compared(right: Sequence[_Scores], scored: Sequence[tuple[Misspelt, _Scores]]) -> dict[str, object]:
    """The same of misspelt questions, with the share of the right ones' nDCG that is kept."""
    words = [(each, word, made.words[word]) for made, each in scored for word in made.words]
    shares = {
        f"{name}, kept": round(
            sum(each.ndcg[name] for _, each in scored)
            / sum(each.ndcg[f"{name.split()[0]} not forgiven"] for each in right),
            4,
        )
        for name in right[0].ndcg
    }
    meant = [
        each.corrected[word].lower() == right.lower() for each, word, right in words if word in each.corrected
    ]
    return {
        **_means([each for _, each in scored]),
        **shares,
        "words": len(words),
        "corrected as meant": sum(meant),
    }


if __name__ == "__main__":
    typer.run(main)
