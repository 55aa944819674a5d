"""A collection of many pages for measurements under load, made in a minute of what an evaluation has indexed.

Files are linked, not copied, and as many documents are entered a second time, under other ids and with the
vectors that they have, as it takes to have enough pages.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.library import Library
from indexer.services import open_services
from training.evaluate.corpus import COLLECTION, cache_name, open_corpus
from training.evaluate.documents import find_documents
from vdr.environment import read_settings
from vdr.files import make_folder_whole
from vdr.index import VectorIndex
from vdr.models.embedder import load_embedder
from vdr.types import Document, Indexing, PagePoint, PageRef

_POINTS_A_WRITE = 64
_OBJECTS = "objects"


def made_of(folder: Path, cache: Path, pages: int) -> Path:
    """A data directory with at least so many pages of the PDFs in a folder, kept in the cache."""
    settings = read_settings()
    embedder = load_embedder(settings.model)
    evaluated = cache.expanduser() / cache_name(folder, settings, embedder)
    made = cache.expanduser().parent / "load" / f"{evaluated.name}-{pages}"
    if not made.exists():
        with open_corpus(folder, find_documents(folder, settings.ingest), settings, embedder, cache=cache):
            pass
        make_folder_whole(made, lambda draft: _make(draft, evaluated, pages))
    return made


@contextmanager
def copied(made: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment of a service with a copy of such a data directory, as long as the block lasts."""
    with TemporaryDirectory(prefix="load-", dir=made.parent, ignore_cleanup_errors=True) as place:
        data = Path(place) / "data"
        _copy(made, data)
        yield {**environment, "VDR_DATA_DIR": str(data), "VDR_COLLECTION": COLLECTION}


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    shutil.copy2(source / "catalogue.sqlite", target)
    shutil.copytree(source / "index", target / "index")
    shutil.copytree(source / _OBJECTS, target / _OBJECTS, copy_function=os.link)


def _make(draft: Path, evaluated: Path, pages: int) -> None:
    _copy(evaluated, draft)
    settings = read_settings()
    chosen = {"data_dir": draft, "collection": COLLECTION}
    settings = settings.model_copy(update={"index": settings.index.model_copy(update=chosen)})
    with open_services(settings) as services:
        library = services.library()
        index = library.claim()
        copies = _entered_again(library, draft / _OBJECTS / COLLECTION, pages - index.count())
        _store_again(index, copies)


def _entered_again(library: Library, objects: Path, pages: int) -> dict[str, list[Document]]:
    """Copies of documents, of so many pages together, by the id of what they are copies of."""
    copies: dict[str, list[Document]] = {}
    originals, times = library.catalogue.page(10_000), 0
    while pages > 0:
        times += 1
        for original in originals:
            if pages > 0:
                copy = _entered(library, original, times)
                shutil.copytree(
                    objects / original.document_id, objects / copy.document_id, copy_function=os.link
                )
                copies.setdefault(original.document_id, []).append(copy)
                pages -= original.page_count
    return copies


def _entered(library: Library, original: Document, times: int) -> Document:
    document_id = sha256(f"{original.document_id} {times}".encode()).hexdigest()
    copy = replace(
        original, document_id=document_id, indexing=Indexing(library.catalogue.generation), other_names=()
    )
    library.catalogue.add(copy)
    library.catalogue.begin(document_id, copy.page_count)
    library.catalogue.finish(document_id)
    return copy


def _store_again(index: VectorIndex, copies: Mapping[str, list[Document]]) -> None:
    points = _points(index, copies)
    while batch := list(islice(points, _POINTS_A_WRITE)):
        index.upsert(batch)
    index.flush()


def _points(index: VectorIndex, copies: Mapping[str, list[Document]]) -> Iterator[PagePoint]:
    for point in list(index.points()):
        for copy in copies.get(point.page.document_id, ()):
            yield replace(point, page=PageRef(copy.document_id, point.page.page_number))
