"""A whole evaluation: read, index, ask every system every question, score, measure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import track

from training.evaluate.corpus import DEFAULT_CACHE, Corpus, Say, open_corpus
from training.evaluate.documents import Documents, check_answers, find_documents
from training.evaluate.earlier import Earlier, differences, read_earlier
from training.evaluate.latency import Latency, measure_searches
from training.evaluate.questions import Question, read_questions
from training.evaluate.result import Conditions, Costs, Evaluation
from training.evaluate.scores import Answer, Run, score_groups, score_runs
from training.evaluate.systems import DEPTH, Scope, System, build_systems, check_dims
from vdr.errors import BadInput
from vdr.models.embedder import Embedder
from vdr.models.reranker import LoadedStep, load_chain
from vdr.search.request import in_documents
from vdr.search.searcher import Searcher
from vdr.settings import ModelSettings, SearchSettings, Settings
from vdr.types import PageRef, QueryVectors, SearchRequest


@dataclass(frozen=True, slots=True)
class Task:
    """What to evaluate: a folder with pdfs/ and queries.jsonl, all of it or a part.

    `against` is the details file of an earlier evaluation to compare with.
    """

    folder: Path
    cache: Path = DEFAULT_CACHE
    text_layer: bool = True
    first_documents: int | None = None
    first_questions: int | None = None
    dims: tuple[int, ...] | None = None
    against: Path | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The evaluation, and the rankings it was made from."""

    evaluation: Evaluation
    runs: list[Run]
    documents: Documents


def evaluate_folder(
    task: Task, settings: Settings, load: Callable[[ModelSettings], Embedder], say: Say = print
) -> Result:
    """Index what the cache lacks, search by every system, score.

    Input is checked before a model is loaded. Raises BadInput, a DocumentError for a PDF that is unfit, and
    whatever else indexing and searching raise.
    """
    questions, documents = read_task(task, settings)
    earlier: Earlier = {}
    if task.against is not None:
        earlier = read_earlier(task.against, {question.query_id for question in questions})
    embedder, rerankers = load(settings.model), load_chain(settings.model)
    check_dims(task.dims, embedder.dims)
    opened = open_corpus(
        task.folder, documents, settings, embedder, cache=task.cache, text_layer=task.text_layer, say=say
    )
    with opened as corpus:
        return evaluate_corpus(task, settings, corpus, embedder, questions, rerankers, earlier, say)


def evaluate_corpus(
    task: Task,
    settings: Settings,
    corpus: Corpus,
    embedder: Embedder,
    questions: Sequence[Question],
    rerankers: Sequence[LoadedStep] = (),
    earlier: Earlier | None = None,
    say: Say = print,
) -> Result:
    """Search a corpus that the embedder made by every system, score, measure."""
    say(f"Asking {len(questions):,} questions")
    documents = corpus.documents
    systems = build_systems(corpus, embedder, settings.search, task.dims, rerankers)
    runs = _ask(systems, questions, documents, embedder)
    conditions = _conditions(task, settings, embedder, corpus, len(questions))
    costs = _costs(corpus, measure_corpus(corpus, embedder, settings.search, questions, rerankers))
    meanings = {system.name: system.meaning for system in systems}
    evaluation = Evaluation(
        conditions,
        costs,
        meanings,
        score_runs(runs),
        score_groups(runs, questions, lambda question: question.evidence),
        score_groups(runs, questions, lambda question: (question.source,) if question.source else ()),
        differences(runs, earlier or {}),
    )
    return Result(evaluation, runs, documents)


def read_task(task: Task, settings: Settings) -> tuple[list[Question], Documents]:
    """The questions to ask and the documents to ask them of. Raises BadInput or a DocumentError."""
    questions = read_questions(task.folder)
    found = find_documents(task.folder, settings.ingest)
    check_answers(questions, found)
    chosen = found.first(task.first_documents)
    asked = [question for question in questions if question.document in chosen.by_name]
    if not asked:
        raise BadInput("None of the questions is about these documents.", remedy="Raise --documents.")
    return asked[: task.first_questions], chosen


def measure_corpus(
    corpus: Corpus,
    embedder: Embedder,
    settings: SearchSettings,
    questions: Sequence[Question],
    rerankers: Sequence[LoadedStep] = (),
) -> dict[str, Latency]:
    """How long searches of this corpus take, by part and in "total", how sure they are among what is told."""
    sure = corpus.library.calibration(rerankers)
    searcher = Searcher(embedder, corpus.index, corpus.library.objects, settings, rerankers, sure)
    return measure_searches(searcher, [question.text for question in questions])


def _ask(
    systems: Sequence[System], questions: Sequence[Question], documents: Documents, embedder: Embedder
) -> list[Run]:
    vectors = embedder.encode_queries([question.text for question in questions])
    ids = [documents.by_name[question.document].document_id for question in questions]
    everywhere = [SearchRequest(question.text, limit=DEPTH) for question in questions]
    within = [replace(asked, filter=in_documents([id_])) for asked, id_ in zip(everywhere, ids, strict=True)]
    asked = {
        Scope.CORPUS: list(zip(everywhere, vectors, strict=True)),
        Scope.WITHIN: list(zip(within, vectors, strict=True)),
    }
    relevant = [
        frozenset(PageRef(id_, number) for number in question.page_numbers)
        for id_, question in zip(ids, questions, strict=True)
    ]
    pairs = [(system, scope) for system in systems for scope in Scope]
    return [_run(system, scope, questions, asked[scope], relevant) for system, scope in _tracked(pairs)]


def _tracked(pairs: Sequence[tuple[System, Scope]]) -> Iterable[tuple[System, Scope]]:
    console = Console(stderr=True)
    return track(pairs, "Searching", console=console, transient=True, disable=not console.is_terminal)


def _run(
    system: System,
    scope: Scope,
    questions: Sequence[Question],
    asked: Sequence[tuple[SearchRequest, QueryVectors]],
    relevant: Sequence[frozenset[PageRef]],
) -> Run:
    if system.rank is None:
        return Run(system.name, scope, None)
    answers = (
        Answer(question, pages, tuple(system.rank(*each)))
        for question, each, pages in zip(questions, asked, relevant, strict=True)
    )
    return Run(system.name, scope, tuple(answers))


def _conditions(
    task: Task, settings: Settings, embedder: Embedder, corpus: Corpus, questions: int
) -> Conditions:
    return Conditions(
        model=embedder.name,
        reranker=",".join(map(str, settings.model.reranker)) or None,
        fingerprint=embedder.fingerprint,
        dims=embedder.dims,
        text_layer=task.text_layer,
        ocr=settings.ingest.ocr,
        candidates=settings.search.candidates,
        rerank_candidates=settings.search.rerank_candidates,
        documents=len(corpus.documents.ordered),
        pages=len(corpus.documents.pages),
        questions=questions,
    )


def _costs(corpus: Corpus, query_ms: dict[str, Latency]) -> Costs:
    corpus.library.claim().flush()
    pages = max(corpus.library.claim().count(), 1)
    return Costs(
        pages_per_s=corpus.pages_per_s,
        query_ms=query_ms,
        bytes_per_page=_size_bytes(corpus.data_dir / "index", "*") / pages,
        image_bytes_per_page=_size_bytes(corpus.data_dir / "objects", "*.webp") / pages,
    )


def _size_bytes(folder: Path, pattern: str) -> int:
    """What the files take up on disk: the index makes files larger than it fills."""
    return sum(512 * path.stat().st_blocks for path in folder.rglob(pattern) if path.is_file())
