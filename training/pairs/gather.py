"""Gathers the documents of all sources and the queries about them, before any page is drawn."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.paths import find_pdfs
from training.pairs.config import LabelledConfig, PairsConfig
from training.pairs.image_dataset import read_image_dataset
from training.pairs.labelled import SUFFIXES, check_pages, read_labelled
from training.pairs.library import LibrarySource
from training.pairs.pdf_documents import PdfDocuments, open_pdfs
from training.pairs.phrases import LaidOut, phrase_queries
from training.pairs.rendered import read_rendered
from training.pairs.sources import SourceDocument, SourceQuery
from vdr.errors import BadInput
from vdr.settings import IngestSettings

Say = Callable[[str], object]


@dataclass
class Gathered:
    """Documents and queries; `for_endpoint` are the documents that a vision model may be asked about."""

    documents: list[SourceDocument] = field(default_factory=list)
    queries: list[SourceQuery] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    for_endpoint: list[str] = field(default_factory=list)

    def add(self, documents: Sequence[SourceDocument], queries: Sequence[SourceQuery]) -> None:
        """Take in what a source gives."""
        self.documents += documents
        self.queries += queries


def gather(
    pdfs: Sequence[str],
    questions: Sequence[str],
    config: PairsConfig,
    settings: IngestSettings,
    seed: int,
    say: Say,
    library: LibrarySource | None = None,
) -> Gathered:
    """What all sources give, the documents of a collection among them.

    Raises BadInput where one cannot be read, or two documents share a name.
    """
    labelled = [*(LabelledConfig(path=path) for path in questions), *config.labelled]
    about_pdfs = [each for each in labelled if Path(each.path).suffix in SUFFIXES]
    gathered = Gathered()
    if library is not None:
        _add_library(gathered, library, config, seed, say)
    if pdfs:
        _add_pdfs(gathered, open_pdfs(find_pdfs(pdfs), settings), about_pdfs, config, seed, say)
    elif about_pdfs:
        raise BadInput(
            f"{about_pdfs[0].path} is about PDFs, but none were given.", remedy="Add the PDFs to the command."
        )
    for each in labelled:
        if each not in about_pdfs:
            gathered.add(*read_image_dataset(each))
    gathered.for_endpoint += [document.name for document in gathered.documents]
    if config.rendered is not None:
        gathered.add(*read_rendered(config.rendered, settings.page_long_side, seed))
    _check_names(gathered.documents)
    return gathered


def _add_pdfs(
    gathered: Gathered,
    opened: PdfDocuments,
    labelled: Sequence[LabelledConfig],
    config: PairsConfig,
    seed: int,
    say: Say,
) -> None:
    gathered.warnings += opened.warnings
    gathered.dropped += Counter({"PDFs that cannot be read": len(opened.refused)})
    asked = [
        replace(query, document=opened.copies.get(query.document, query.document))
        for each in labelled
        for query in read_labelled(Path(each.path), each.columns)
    ]
    known = check_pages(asked, opened.documents, opened.refused)
    gathered.dropped += Counter({"questions about PDFs that cannot be read": len(asked) - len(known)})
    gathered.add(opened.documents, known)
    say(f"Read {sum(len(d.layouts) for d in opened.documents):,} pages of {len(opened.documents):,} PDFs.")
    _add_phrases(gathered, opened.documents, config, seed)


def _add_library(
    gathered: Gathered, library: LibrarySource, config: PairsConfig, seed: int, say: Say
) -> None:
    gathered.add(library.documents, [*library.labelled, *library.feedback.queries])
    gathered.dropped += library.dropped + library.feedback.dropped
    count = sum(len(document.layouts) for document in library.documents)
    say(f"Read {count:,} pages of {len(library.documents):,} documents of the collection.")
    _add_phrases(gathered, library.documents, config, seed)


def _add_phrases(gathered: Gathered, documents: Sequence[LaidOut], config: PairsConfig, seed: int) -> None:
    if not config.phrases.enabled:
        return
    for document in documents:
        queries, dropped = phrase_queries(document, config.phrases, seed)
        gathered.queries += queries
        gathered.dropped += Counter({f"phrases: {reason}": count for reason, count in dropped.items()})


def _check_names(documents: Sequence[SourceDocument]) -> None:
    counts = Counter(document.name for document in documents)
    for name, count in counts.items():
        if count > 1:
            raise BadInput(f"{count} documents are named {name}.", remedy="Rename all but one.")
