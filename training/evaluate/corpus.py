"""The pages of an evaluation: indexed once into a cache, resumed when interrupted, and opened."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.ahead import ahead
from indexer.commands.index import index_files
from indexer.library import Library
from indexer.ocr.complete import read_pictures
from indexer.ocr.pages import check_ocr, is_wanted
from indexer.services import open_services
from indexer.text_terms import text_terms
from indexer.words import split_again
from training.evaluate.documents import CorpusDocument, Documents
from training.evaluate.texts import read_texts
from vdr.errors import PageFailed
from vdr.files import write_whole
from vdr.index import EdgeIndex, VectorIndex
from vdr.merging import merged
from vdr.models.loading import Models
from vdr.settings import OcrMode, Settings
from vdr.types import DocumentState, PagePoint, PageRef, PageWords, SparseVector
from vdr.words import RULE

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.embedder import Embedder

DEFAULT_CACHE = Path("~/.cache/vdr/evaluate")
COLLECTION = "evaluate"
_SPEED_FILE = "indexing.json"
_POINTS_A_WRITE = 64

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything a system may search: the index, what is kept along with it, and the text of each page.

    `texts` are those of `documents.pages`, `ocr_texts` what OCR read of them if it was to read them all.
    `pages_per_s` is None if the indexing was never seen whole.
    """

    documents: Documents
    library: Library
    index: VectorIndex
    texts: list[str]
    ocr_texts: list[str]
    data_dir: Path
    pages_per_s: float | None


@contextmanager
def open_corpus(
    folder: Path,
    documents: Documents,
    settings: Settings,
    embedder: "Embedder",
    *,
    cache: Path = DEFAULT_CACHE,
    text_layer: bool = True,
    say: Say = print,
) -> Iterator[Corpus]:
    """The corpus, after indexing into the cache what it lacks; `say` reports what is reused.

    Without `text_layer` every page is taken for a scan; `settings.ingest.ocr` says which pages' words OCR
    completes. Raises any VdrError that indexing raises, PageFailed
    for a document of which no page can be indexed.
    """
    check_ocr(COLLECTION, settings.ingest)
    cached = _cached(settings, cache.expanduser() / cache_name(folder, settings, embedder))
    data_dir = cached.index.data_dir
    with open_services(cached, Models.of(cached.model, embedder)) as services:
        library = services.library()
        _index_missing(documents, library, data_dir, say)
        texts = read_texts(documents.ordered, data_dir / "texts", settings.ingest) if text_layer else None
        source = _Source(replace(library, settings=settings.ingest), documents, text_layer=text_layer)
        _read_pictures(source, say)
        with _only(source, data_dir / "views") as index:
            ocr_texts = _ocr_texts(source)
            speed = _read_speed(data_dir)
            texts = texts or [""] * len(documents.pages)
            yield Corpus(documents, source.library, index, texts, ocr_texts, data_dir, speed)


def cache_name(folder: Path, settings: Settings, embedder: "Embedder") -> str:
    """The name of the folder to cache in: another one for whatever changes page images or vectors."""
    where = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    coarse = min(settings.model.coarse_dims, embedder.dims)
    return f"{where}-{embedder.fingerprint[:12]}-{embedder.dims}-{coarse}-{settings.ingest.page_long_side}"


def _cached(settings: Settings, data_dir: Path) -> Settings:
    """The settings with an embedded index in the cache: an evaluation leaves servers and libraries alone."""
    chosen = {"data_dir": data_dir, "collection": COLLECTION, "qdrant_url": None}
    index = settings.index.model_copy(update=chosen)
    # The cached index stays as the text layer makes it: what OCR adds goes into a copy.
    ingest = settings.ingest.model_copy(update={"ocr": OcrMode.OFF})
    return settings.model_copy(update={"index": index, "ingest": ingest})


def _index_missing(documents: Documents, library: Library, data_dir: Path, say: Say) -> None:
    missing = _missing(documents, library)
    known = [document for document in documents.ordered if document not in missing]
    if known:
        pages = sum(document.page_count for document in known)
        say(f"Reusing {len(known)} documents, {pages:,} pages, from {data_dir}")
        for document in known:
            split_again(library, document.document_id)
    if missing:
        say(f"Indexing {len(missing)} documents into {data_dir}")
        summary = index_files([document.path for document in missing], library)
        if summary.failed:
            raise PageFailed(
                f"{summary.failed} of the PDFs could not be indexed.", remedy="Remove them from pdfs/."
            )
        write_whole(data_dir / _SPEED_FILE, json.dumps({"pages_per_s": summary.pages_per_second}))


def _missing(documents: Documents, library: Library) -> list[CorpusDocument]:
    found = {d.document_id: library.catalogue.find(d.document_id) for d in documents.ordered}
    done = {key for key, known in found.items() if known and known.indexing.state is DocumentState.INDEXED}
    return [document for document in documents.ordered if document.document_id not in done]


def _read_speed(data_dir: Path) -> float | None:
    file = data_dir / _SPEED_FILE
    return float(json.loads(file.read_text())["pages_per_s"]) if file.exists() else None


@dataclass(frozen=True, slots=True)
class _Source:
    """A library that holds the documents to evaluate, maybe others too, and which words of them count."""

    library: Library
    documents: Documents
    text_layer: bool

    @property
    def ocr(self) -> OcrMode:
        return self.library.settings.ocr

    @property
    def name(self) -> str:
        """Another one for whatever changes the index made of it."""
        parts = [*sorted(self.documents.ids), str(self.text_layer), self.ocr, str(RULE)]
        return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]

    def counted(self, words: PageWords) -> PageWords:
        """The words of a page, those left out that do not count."""
        known = words if self.text_layer else replace(words, text_layer=())
        return known if is_wanted(known, self.ocr) else replace(known, ocr=None)


def _read_pictures(source: _Source, say: Say) -> None:
    """Let OCR read the pages that it should and has not read, and keep their words for the next time."""
    library = source.library
    missing: dict[PageRef, PageWords] = {}
    for page in source.documents.pages if source.ocr is not OcrMode.OFF else ():
        words = library.objects.page_words(page)
        if words.ocr is None and is_wanted(source.counted(words), source.ocr):
            missing[page] = words
    if not missing:
        return
    say(f"Running OCR on {len(missing):,} pages")
    tasks = (
        partial(read_pictures, library, page.document_id, {page.page_number: words})
        for page, words in missing.items()
    )
    with closing(ahead(tasks, library.settings.rasterize_workers)) as done:
        for page, found in zip(missing, done, strict=True):
            library.objects.put_page_words(page, found[page.page_number])


def _ocr_texts(source: _Source) -> list[str]:
    """What OCR read of every page; nothing unless it was to read them all."""
    if source.ocr is not OcrMode.ALL:
        return [""] * len(source.documents.pages)
    objects = source.library.objects
    texts = (objects.page_texts(page) for page in source.documents.pages)
    return [" ".join(text.ocr) for text in texts]


@contextmanager
def _only(source: _Source, folder: Path) -> Iterator[VectorIndex]:
    """An index of these documents and no others, as idf depends on all that are there.

    It is the library's own, or a copy in `folder` made from its points, so that no page is embedded twice.
    """
    index = source.library.claim()
    wanted = sum(index.count(document_id) for document_id in source.documents.ids)
    if source.text_layer and source.ocr is OcrMode.OFF and index.count() == wanted:
        yield index
        return
    copy = EdgeIndex.open(folder / source.name, index.schema)
    try:
        if copy.count() != wanted:  # new, or left half made
            _copy(_chosen(source), copy)
        yield copy
    finally:
        copy.close()


def _chosen(source: _Source) -> Iterator[PagePoint]:
    for point in source.library.claim().points():
        if point.page.document_id in source.documents.ids:
            yield replace(point, text_terms=_text_terms(source, point))


def _text_terms(source: _Source, point: PagePoint) -> SparseVector | None:
    page = point.page
    words = source.counted(source.library.objects.page_words(page))
    if not words.ocr:
        return point.text_terms if source.text_layer else None
    return text_terms(
        merged(words), page.page_number, point.page_label or str(page.page_number), point.info.title
    )


def _copy(points: Iterator[PagePoint], index: VectorIndex) -> None:
    while batch := list(islice(points, _POINTS_A_WRITE)):
        index.upsert(batch)
    index.flush()
