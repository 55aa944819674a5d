"""The pages of an evaluation: indexed once into a cache, gone on with when interrupted, and opened."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.catalogue import Catalogue
from indexer.cli import index_files
from indexer.library import Library, open_library
from training.evaluate.documents import CorpusDocument, Documents
from training.evaluate.files import write_whole
from training.evaluate.texts import read_texts
from vdr.errors import PageFailed
from vdr.index import EdgeIndex, VectorIndex
from vdr.settings import Settings
from vdr.types import DocumentState, PagePoint

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.embedder import Embedder

DEFAULT_CACHE = Path("~/.cache/vdr/evaluate")
COLLECTION = "evaluate"
_SPEED_FILE = "indexing.json"
_POINTS_A_WRITE = 64

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything a system may search: the index, what is kept beside it, and the text of each page.

    `texts` are those of `documents.pages`. `pages_per_s` is None if the indexing was never seen whole.
    """

    documents: Documents
    library: Library
    index: VectorIndex
    texts: list[str]
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
    """The corpus, after indexing into the cache what it lacks; `say` is told what is used again.

    Without `text_layer` every page is taken for a scan. Raises any VdrError that indexing raises, PageFailed
    for a document of which no page can be indexed.
    """
    cached = _cached(settings, cache.expanduser() / cache_name(folder, settings, embedder))
    data_dir = cached.index.data_dir
    _index_missing(documents, cached, embedder, say)
    texts = read_texts(documents.ordered, data_dir / "texts") if text_layer else [""] * len(documents.pages)
    library = open_library(cached, embedder)
    try:
        with _only(library, documents, data_dir / "views", text_layer=text_layer) as index:
            yield Corpus(documents, library, index, texts, data_dir, _read_speed(data_dir))
    finally:
        library.close()


def cache_name(folder: Path, settings: Settings, embedder: "Embedder") -> str:
    """The name of the folder to cache in: another one for whatever changes page images or vectors."""
    where = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    coarse = min(settings.model.coarse_dims, embedder.dims)
    return f"{where}-{embedder.fingerprint[:12]}-{embedder.dims}-{coarse}-{settings.ingest.page_long_side}"


def _cached(settings: Settings, data_dir: Path) -> Settings:
    """The settings with an embedded index in the cache: an evaluation leaves servers and libraries alone."""
    chosen = {"data_dir": data_dir, "collection": COLLECTION, "qdrant_url": None}
    return settings.model_copy(update={"index": settings.index.model_copy(update=chosen)})


def _index_missing(documents: Documents, settings: Settings, embedder: "Embedder", say: Say) -> None:
    missing = _missing(documents, settings)
    known = [document for document in documents.ordered if document not in missing]
    data_dir = settings.index.data_dir
    if known:
        pages = sum(document.page_count for document in known)
        say(f"Using again {len(known)} documents, {pages:,} pages, from {data_dir}")
    if missing:
        say(f"Indexing {len(missing)} documents into {data_dir}")
        summary = index_files([document.path for document in missing], settings, embedder)
        if summary.failed:
            raise PageFailed(
                f"{summary.failed} of the PDFs cannot be indexed.", remedy="Take them out of pdfs."
            )
        write_whole(data_dir / _SPEED_FILE, json.dumps({"pages_per_s": summary.pages_per_second}))


def _missing(documents: Documents, settings: Settings) -> list[CorpusDocument]:
    catalogue = Catalogue.open(settings.index)
    try:
        found = {d.document_id: catalogue.find(d.document_id) for d in documents.ordered}
    finally:
        catalogue.close()
    done = {key for key, known in found.items() if known and known.state is DocumentState.INDEXED}
    return [document for document in documents.ordered if document.document_id not in done]


def _read_speed(data_dir: Path) -> float | None:
    file = data_dir / _SPEED_FILE
    return float(json.loads(file.read_text())["pages_per_s"]) if file.exists() else None


@contextmanager
def _only(library: Library, documents: Documents, folder: Path, *, text_layer: bool) -> Iterator[VectorIndex]:
    """An index of these documents and no others, as idf depends on all that are there.

    It is the library's own, or a copy in `folder` made from its points, so that no page is embedded twice.
    """
    wanted = sum(library.index.count(document_id) for document_id in documents.ids)
    if text_layer and library.index.count() == wanted:
        yield library.index
        return
    name = hashlib.sha256("".join([*sorted(documents.ids), str(text_layer)]).encode()).hexdigest()[:16]
    copy = EdgeIndex.open(folder / name, library.index.schema)
    try:
        if copy.count() != wanted:  # new, or left half made
            _copy(_chosen(library.index, documents.ids, text_layer=text_layer), copy)
        yield copy
    finally:
        copy.close()


def _chosen(index: VectorIndex, ids: frozenset[str], *, text_layer: bool) -> Iterator[PagePoint]:
    for point in index.points():
        if point.document_id in ids:
            yield point if text_layer else replace(point, text_terms=None)


def _copy(points: Iterator[PagePoint], index: VectorIndex) -> None:
    while batch := list(islice(points, _POINTS_A_WRITE)):
        index.upsert(batch)
    index.flush()
