"""Questions about the documents of a folder, as `vdr evaluate` takes it, and what searches show of them."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from training.confidence.asked import AskedQuestion, phrases_of, with_shortened
from training.confidence.observe import Observation, observe
from training.evaluate.corpus import Say, open_corpus
from training.evaluate.documents import Documents, find_documents
from training.evaluate.questions import FILE_NAME, Question
from training.evaluate.run import Task, read_task
from vdr.models.embedder import Embedder
from vdr.models.several import names_of
from vdr.search.calibration import MadeWith
from vdr.search.searcher import Searcher
from vdr.settings import Settings
from vdr.types import PageRef, QueryVectors

_PHRASES = 12  # of a document
_SEED = 0


@dataclass(frozen=True, slots=True)
class AskedFolder:
    """The questions of a folder and their vectors, and what answers them."""

    asked: Sequence[AskedQuestion]
    vectors: Sequence[QueryVectors]
    searcher: Searcher
    are_scans: bool

    def observed(self, *, by_first: bool = False) -> list[Observation]:
        """What searches show of the questions; `by_first`: those by the first of several embedders alone."""
        vectors = [replace(each, more=()) for each in self.vectors] if by_first else self.vectors
        return list(observe(self.searcher, self.asked, vectors, are_scans=self.are_scans))


@contextmanager
def open_folder(
    task: Task,
    settings: Settings,
    embedder: Embedder,
    say: Say,
    *,
    most: int | None = None,
    shortened: bool = False,
) -> Iterator[AskedFolder]:
    """The folder, its documents indexed into the cache; of one without questions phrases are asked.

    Of all questions `most` at most, drawn at random, and with `shortened` each once more with half of its
    words. Raises as `read_task` and `open_corpus` do.
    """
    if (task.folder / FILE_NAME).exists():
        questions, documents = read_task(task, settings)
        asked = [_asked(question, documents) for question in questions]
    else:
        documents = find_documents(task.folder, settings.ingest).first(task.first_documents)
        asked = [
            each
            for document in documents.ordered
            for each in phrases_of(document.path, document.document_id, _PHRASES, settings.ingest)
        ]
    if most is not None and len(asked) > most:
        asked = random.Random(_SEED).sample(asked, most)
    asked = list(with_shortened(asked)) if shortened else asked
    vectors = embedder.encode_queries([question.text for question in asked])
    with open_corpus(task.folder, documents, settings, embedder, cache=task.cache, say=say) as corpus:
        searcher = Searcher(embedder, corpus.index, corpus.library.objects, settings.search)
        yield AskedFolder(asked, vectors, searcher, not any(corpus.texts))


def made_with(embedder: Embedder, *, by_first: bool = False) -> MadeWith:
    """The models of such searches, without rerankers but late interaction."""
    name = names_of(embedder.name)[0] if by_first else embedder.name
    return MadeWith(embedder=name, dims=embedder.dims)


def _asked(question: Question, documents: Documents) -> AskedQuestion:
    document_id = documents.by_name[question.document].document_id
    return AskedQuestion(
        question.text, document_id, frozenset(PageRef(document_id, n) for n in question.page_numbers)
    )
