"""Builds a data set of pairs: gather, split by document, store the pages, match the queries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasets import Dataset

from training.pairs.chat import Chat, headers_of
from training.pairs.config import PairsConfig
from training.pairs.dataset import Content, Pair, check_replaceable, write_dataset
from training.pairs.endpoint import write_questions
from training.pairs.gather import Gathered, Say, gather
from training.pairs.library import LibrarySource
from training.pairs.manifest import FeedbackMade, Manifest, nested
from training.pairs.matching import Matched, StoredPages, match, mix
from training.pairs.page_stream import PageStream
from training.pairs.sources import SourceQuery
from training.pairs.splits import EVAL, TRAIN, eval_documents
from vdr.errors import BadInput
from vdr.settings import IngestSettings


@dataclass(frozen=True, slots=True)
class BuildTask:
    """What to build: PDFs (files, folders, patterns), questions (files, data sets), and where to.

    With a `collection` its documents, questions and feedback as well.
    """

    out: Path
    pdfs: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    config: PairsConfig = field(default_factory=PairsConfig)
    eval_share: float = 0.15
    seed: int = 0
    collection: str | None = None


def build(
    task: BuildTask, settings: IngestSettings, say: Say, library: LibrarySource | None = None
) -> Manifest:
    """Write the data set, whole or not at all, and return what it says of itself.

    `library` is what the task's collection gives.

    Raises BadInput where nothing can be made of the input: no two documents, no queries, an unreadable file.
    """
    check_replaceable(task.out)
    if task.config.endpoint is not None:
        headers_of(task.config.endpoint)
    gathered = gather(task.pdfs, task.questions, task.config, settings, task.seed, say, library)
    stream = PageStream(gathered.documents, _eval_names(task, gathered), settings.page_long_side)
    say(f"Storing the pages of {len(gathered.documents):,} documents.")

    def finish(pages: Dataset) -> Content:
        queries = [*gathered.queries, *_ask_endpoint(task, gathered, pages, say)]
        gathered.dropped += stream.dropped
        gathered.warnings += stream.warnings
        content = _content(task, gathered, pages, match(queries, _stored(pages, stream)))
        return content if library is None else _with_feedback(content, task, library)

    return write_dataset(task.out, stream, finish).manifest


def _eval_names(task: BuildTask, gathered: Gathered) -> set[str]:
    asked_about = {query.document for query in gathered.queries}
    if task.config.endpoint is not None:
        asked_about.update(gathered.for_endpoint)
    others = {document.name for document in gathered.documents} - asked_about
    return eval_documents(asked_about, others, task.eval_share, task.seed)


def _ask_endpoint(task: BuildTask, gathered: Gathered, pages: Dataset, say: Say) -> list[SourceQuery]:
    if task.config.endpoint is None:
        return []
    say(f"Asking {task.config.endpoint.model} for questions.")
    written = write_questions(pages, gathered.for_endpoint, Chat(task.config.endpoint), task.seed)
    gathered.dropped += written.dropped
    say(f"{written.requests:,} requests sent, {written.from_cache:,} answers from the cache.")
    return list(written.queries)


def _stored(pages: Dataset, stream: PageStream) -> StoredPages:
    ids = list(pages["page_id"])
    keys = zip(pages["document"], pages["page_number"], strict=True)
    return StoredPages(
        stream.home, dict(zip(ids, keys, strict=True)), dict(zip(ids, pages["split"], strict=True))
    )


def _content(task: BuildTask, gathered: Gathered, pages: Dataset, matched: Matched) -> Content:
    train = mix(matched.train, task.config.weights, task.seed)
    for split, rows in ((TRAIN, train), (EVAL, matched.eval)):
        if not rows:
            raise BadInput(
                f"No queries are left for {split}; dropped: {_listed(gathered.dropped + matched.dropped)}.",
                remedy="Add documents or questions, or try another --seed.",
            )
    over = Counter({"queries above their source's weight": _count(matched.train) - _count(train)})
    manifest = Manifest(
        seed=task.seed,
        queries=nested(_by_rule(TRAIN, train) + _by_rule(EVAL, matched.eval)),
        rows={TRAIN: len(train), EVAL: len(matched.eval)},
        pages=dict(Counter(pages["split"])),
        documents=dict(Counter(dict(zip(pages["document"], pages["split"], strict=True)).values())),
        dropped=dict(+(gathered.dropped + matched.dropped + over)),
        warnings=gathered.warnings,
    )
    return Content(train, matched.eval, manifest)


def _with_feedback(content: Content, task: BuildTask, library: LibrarySource) -> Content:
    used = library.feedback
    made = FeedbackMade(
        collection=task.collection or "",
        searches=used.searches,
        interventions=used.propensities.interventions,
        propensities=dict(used.propensities.by_rank),
    )
    return replace(content, manifest=content.manifest.model_copy(update={"feedback": made}))


def _by_rule(split: str, pairs: Sequence[Pair]) -> Counter[tuple[str, str, str]]:
    return Counter(
        (split, source, rule) for _, source, rule in {(p.query_id, p.source, p.rule) for p in pairs}
    )


def _count(pairs: Sequence[Pair]) -> int:
    return len({pair.query_id for pair in pairs})


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in counts.items()) or "nothing"
