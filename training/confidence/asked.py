"""Questions about a collection with known answers: labelled by people, or phrases of its own documents."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.library import Library
from training.pairs.config import Columns, PhrasesConfig
from training.pairs.labelled import read_labelled
from training.pairs.pdf_documents import open_pdfs
from training.pairs.phrases import phrase_queries
from training.pairs.sources import SourceQuery
from vdr.catalogue.listing import every_document
from vdr.errors import BadInput, NotFound, ObjectDamaged
from vdr.settings import IngestSettings
from vdr.types import Document, DocumentState, Listing, PageRef

_SEED = 0
_LEAST_A_DOCUMENT = 4
_FEWEST_WORDS, _KEPT = 2, 0.55
_REMEDY = "Correct the file and run the command again."


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question and the pages that answer it, all of one document."""

    text: str
    document_id: str
    answers: frozenset[PageRef]


def questions_of(library: Library, file: Path | None, most_own: int) -> list[AskedQuestion]:
    """The questions of a file, as `labelled_questions` takes them; without one about `most_own` of the
    collection's own, as a page has them and shortened."""
    if file is not None:
        return labelled_questions(file, library)
    return list(with_shortened(own_questions(library, most_own)))


def labelled_questions(file: Path, library: Library) -> list[AskedQuestion]:
    """The questions of a .jsonl or .csv file, which names documents as the collection does.

    Raises BadInput for what `read_labelled` does not take, and for a document or page that is not there.
    """
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for document_id, name in library.catalogue.names():
        ids[name].add(document_id)
    asked: list[AskedQuestion] = []
    for query in read_labelled(file, Columns()):
        found = ids.get(query.document, set())
        if len(found) != 1:
            count = f"{len(found)} documents are" if found else "no document is"
            raise BadInput(f"{file}: {count} named {query.document}.", remedy=_REMEDY)
        (document_id,) = found
        document = library.catalogue.get(document_id)
        if query.page_numbers[-1] > document.page_count:
            said = f"page {query.page_numbers[-1]} of {query.document}, which has {document.page_count}"
            raise BadInput(f"{file}: the question {query.text!r} is about {said}.", remedy=_REMEDY)
        asked.append(_asked(query, document_id))
    return asked


def own_questions(library: Library, most: int) -> list[AskedQuestion]:
    """Phrases of the collection's text layers, so many of each document that about `most` are found in all;
    none of what is a scan."""
    indexed = Listing(states=(DocumentState.INDEXED,))
    documents = list(every_document(library.catalogue, indexed))
    each = max(_LEAST_A_DOCUMENT, most // max(len(documents), 1))
    asked: list[AskedQuestion] = []
    for document in documents:
        if len(asked) >= most:
            break
        asked += _of_document(library, document, each)
    return asked


def phrases_of(path: Path, document_id: str, count: int, settings: IngestSettings) -> Iterator[AskedQuestion]:
    """At most `count` headings, captions, rows and sentences of a PDF, as one would search for them; none of
    one that cannot be read."""
    for document in open_pdfs([path], settings).documents:
        queries, _ = phrase_queries(document, PhrasesConfig(per_document=count), _SEED)
        yield from (_asked(query, document_id) for query in queries)


def with_shortened(asked: Iterable[AskedQuestion]) -> Iterator[AskedQuestion]:
    """Each question, and once more with about half of its words.

    Who asks without having seen the page uses fewer of its words than a question that was made from it.
    """
    rng = random.Random(_SEED)
    for question in asked:
        yield question
        words = question.text.split()
        if len(words) > _FEWEST_WORDS:
            kept = [word for word in words if rng.random() < _KEPT] or words[:_FEWEST_WORDS]
            yield replace(question, text=" ".join(kept))


def _asked(query: SourceQuery, document_id: str) -> AskedQuestion:
    answers = frozenset(PageRef(document_id, number) for number in query.page_numbers)
    return AskedQuestion(query.text, document_id, answers)


def _of_document(library: Library, document: Document, count: int) -> Iterator[AskedQuestion]:
    try:
        with library.objects.pdf_file(document.document_id) as path:
            yield from phrases_of(path, document.document_id, count, library.settings)
    except (NotFound, ObjectDamaged):
        return
