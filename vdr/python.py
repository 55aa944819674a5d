"""The Python API: a library opened inside another program. docs/python.md shows how it is used."""

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from PIL.Image import Image

from vdr.environment import read_settings
from vdr.errors import BadInput, DocumentError, PageFailed
from vdr.filters import as_metadata, parse_fields, parse_filter
from vdr.models.loading import Models
from vdr.rooms import open_room
from vdr.search.request import MAX_FACETS, MAX_NEIGHBOURS, sort_field_of
from vdr.settings import Settings
from vdr.types import (
    Document,
    DocumentState,
    Effort,
    Hit,
    PageRef,
    Priority,
    SearchMode,
    SearchRequest,
    SearchResult,
    SearchSort,
)

if TYPE_CHECKING:
    from indexer.library import Library
    from indexer.services import Services

# At runtime the indexer is imported inside of functions only: open_room has to make it importable first.


def open_library(
    data_dir: str | Path | None = None, *, collection: str | None = None, settings: Settings | None = None
) -> "OpenLibrary":
    """The documents of a collection, with everything that `vdr index` and `vdr search` know of them.

    `data_dir` is the folder that keeps them, made if need be; without it that of `settings`. These are read
    from the environment (VDR_*) where none are given. The `collection` is made if it does not exist. No model
    is loaded before a document is added or a question asked. Use it as a context manager, or close it.

    Raises BadSetting for a setting or folder that cannot work, DatabaseUnavailable, and ImportError where the
    program has a package `indexer` of its own.
    """
    open_room("indexer")
    from indexer.naming import check_collection_name  # noqa: PLC0415 - see above
    from indexer.services import open_services  # noqa: PLC0415 - see above

    settings = settings or read_settings()
    if data_dir is not None:
        index = settings.index.model_copy(update={"data_dir": Path(data_dir)})
        settings = settings.model_copy(update={"index": index})
    with ExitStack() as opened:
        services = opened.enter_context(open_services(settings, Models(settings.model)))
        library = services.library(
            None if collection is None else check_collection_name(collection), create=True
        )
        return OpenLibrary(services, library, opened.pop_all())


class OpenLibrary:
    """An open library; `open_library` makes one. Threads may share it.

    An embedded index belongs to one process at a time: while another has it open, adding and searching raise
    IndexLocked.
    """

    def __init__(self, services: "Services", library: "Library", opened: ExitStack) -> None:
        self._services, self._library, self._opened = services, library, opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close database, indexes and files; a second time does nothing."""
        self._opened.close()

    def add(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        password: str | None = None,
        metadata: Mapping[str, object] | None = None,
        replace: bool = False,
    ) -> Document:
        """Index a file (PDF, image or Office), and return it as it then stands.

        A document is known by its bytes: one that is indexed already is left alone, but for a new `name` (by
        default the file's own) or `metadata`. With `replace`, other documents of the same name are deleted.
        `document.indexing.page_errors` are the pages that had to be skipped. With PostgreSQL and a Qdrant
        server the workers index it, and it comes back queued.

        Raises the DocumentError that says why a file cannot be taken, PageFailed if not one of its pages
        could be indexed, BadMetadata, ModelError, IndexMismatch for an index of another model, IndexLocked,
        StorageFull, and OSError for a file that cannot be read.
        """
        from indexer.naming import file_name  # noqa: PLC0415

        library, file = self._library, Path(path)
        described = None if metadata is None else as_metadata(metadata)
        if not self._services.have_workers:
            library.models.embedder(library.collection.settings, library.generation)
            library.claim()  # a model that does not fit is said before a file is taken in
        document, _ = library.add(
            file, name or file_name(file), Priority.BULK, password=password, metadata=described
        )
        if replace:
            library.replace(document.document_id)
        if not self._services.have_workers:
            self._index(document)
        return library.catalogue.get(document.document_id)

    def search(
        self,
        query: str | Image | PageRef,
        *,
        like: Image | PageRef | None = None,
        mode: SearchMode | str = SearchMode.HYBRID,
        limit: int = 10,
        offset: int = 0,
        filter: Mapping[str, object] | None = None,
        rerank: bool = True,
        explain: bool = False,
        pages_per_document: int | None = None,
        min_confidence: float | None = None,
        effort: Effort | str = Effort.BALANCED,
        neighbours: int = 0,
        sort: SearchSort | str = SearchSort.RELEVANCE,
        sort_field: str | None = None,
    ) -> list[Hit]:
        """The pages that answer a question, look like an image, or are like a page; best first.

        These are the hits of `search_result`, which describes what to ask, and raises what it does.
        """
        return list(
            self.search_result(
                query,
                like=like,
                mode=mode,
                limit=limit,
                offset=offset,
                filter=filter,
                rerank=rerank,
                explain=explain,
                pages_per_document=pages_per_document,
                min_confidence=min_confidence,
                effort=effort,
                neighbours=neighbours,
                sort=sort,
                sort_field=sort_field,
            ).hits
        )

    def search_result(
        self,
        query: str | Image | PageRef,
        *,
        like: Image | PageRef | None = None,
        mode: SearchMode | str = SearchMode.HYBRID,
        limit: int = 10,
        offset: int = 0,
        filter: Mapping[str, object] | None = None,
        rerank: bool = True,
        explain: bool = False,
        pages_per_document: int | None = None,
        min_confidence: float | None = None,
        effort: Effort | str = Effort.BALANCED,
        neighbours: int = 0,
        sort: SearchSort | str = SearchSort.RELEVANCE,
        sort_field: str | None = None,
        facets: Sequence[str] = (),
        cursor: str | None = None,
    ) -> SearchResult:
        """All that a search tells: the hits, the words that no page has, facets, and where to continue.

        With `like` pages that answer a question and are like an image or page come first. `mode` is hybrid,
        visual or text; `filter` is what docs/api.md describes, as a dict. With `explain` hits have a
        `reason`, `votes` and `marks`. With `pages_per_document` the best pages of each document come
        together, and `limit` and `offset` count documents. `confidence` of a hit is the chance that it
        answers, and pages of less than `min_confidence` are left out. `effort` is fast, balanced or best.
        Each hit has so many `neighbours` before and after it, 5 at most. `facets` are up to 10 fields, named
        as in filters: all pages found are counted by their values. With a `cursor`, the `next_cursor` of a
        result of the same search, what was shown before is left out. `sort` may be newest or oldest: hits of
        like relevance are then in the order of the dates of their documents, those in `sort_field` if it is
        given.

        Nothing is found in an empty library. Raises BadInput for an empty query, an unknown mode, effort or
        order, a number of pages that is none, a chance that is none, or a cursor of another search,
        NotCalibrated, CursorExpired, BadFilter, NotFound for a page that is not there, ModelError,
        IndexMismatch, IndexLocked.
        """
        from indexer.fields import as_indexed  # noqa: PLC0415
        from vdr.search.keeping import kept  # noqa: PLC0415
        from vdr.search.searcher import nothing_found  # noqa: PLC0415

        request = _request(query, like, mode, limit, offset, rerank=rerank)
        if pages_per_document is not None and pages_per_document < 1:
            raise BadInput(
                f"pages_per_document={pages_per_document} asks for no pages.", remedy="Use 1 or more."
            )
        if min_confidence is not None and not 0 <= min_confidence <= 1:
            raise BadInput(f"min_confidence={min_confidence} is no chance.", remedy="Use 0 to 1.")
        if not 0 <= neighbours <= MAX_NEIGHBOURS:
            raise BadInput(f"neighbours={neighbours} is out of range.", remedy=f"Use 0 to {MAX_NEIGHBOURS}.")
        if len(facets) > MAX_FACETS:
            raise BadInput(f"{len(facets)} facets are too many.", remedy=f"Use {MAX_FACETS} at most.")
        request = dataclasses.replace(
            request,
            explain=explain,
            pages_per_document=pages_per_document,
            min_confidence=min_confidence,
            effort=_effort(effort),
            neighbours=neighbours,
            facets=parse_fields(facets, "facets"),
            cursor=cursor,
            sort=_sort(sort),
            sort_field=sort_field_of(_sort(sort), sort_field),
            filter=None if filter is None else parse_filter(dict(filter)),
        )
        library = self._library
        index = library.index
        if request.page is not None:
            library.document_of(request.page)
        if index is None:
            found = nothing_found(request)
        else:
            searcher = library.searcher(self._services.settings.search, index, library.embedder)
            found = searcher.search(as_indexed(request, library.catalogue))
        return kept(self._services.keeper, library.generation, request, found)

    def page_image(self, page: Hit | PageRef) -> Image:
        """The image of a page (RGB), VDR_PAGE_LONG_SIDE pixels long. Raises NotFound, ObjectDamaged."""
        from vdr.search.reranking import decoded  # noqa: PLC0415

        return decoded(self._library.objects.page_image(page.page if isinstance(page, Hit) else page))

    def delete(self, document_id: str) -> None:
        """Delete a document with its file, page images, words and vectors. Raises NotFound, IndexLocked."""
        self._library.delete(document_id)

    def _index(self, document: Document) -> None:
        """Index a document that is not finished, what it has attached, and what OCR has left to read."""
        from indexer.ingest import index_document  # noqa: PLC0415
        from indexer.ocr.complete import complete_document  # noqa: PLC0415

        library = self._library
        if document.indexing.state is not DocumentState.INDEXED:
            index_document(library, document.document_id)
        for attached in library.catalogue.unfinished():
            if attached.parent_id is not None:
                with suppress(DocumentError, PageFailed):  # noted on the attached document
                    index_document(library, attached.document_id)
        for each in library.catalogue.with_ocr_left():
            complete_document(library, each.document_id, each.indexing.attempt)


def _effort(effort: Effort | str) -> Effort:
    """Raises BadInput for an unknown effort."""
    if effort not in set(Effort):
        raise BadInput(f"{effort!r} is not an effort.", remedy=f"Use one of {', '.join(Effort)}.")
    return Effort(effort)


def _sort(sort: SearchSort | str) -> SearchSort:
    """Raises BadInput for an unknown order."""
    if sort not in set(SearchSort):
        raise BadInput(f"{sort!r} is not an order.", remedy=f"Use one of {', '.join(SearchSort)}.")
    return SearchSort(sort)


def _request(
    query: str | Image | PageRef,
    like: Image | PageRef | None,
    mode: SearchMode | str,
    limit: int,
    offset: int,
    *,
    rerank: bool,
) -> SearchRequest:
    """Raises BadInput for two images or pages, an unknown mode, and a limit or offset that is none."""
    if like is not None and not isinstance(query, str):
        raise BadInput("like is for a question.", remedy="Search by one image or page, or by a question too.")
    if mode not in set(SearchMode):
        raise BadInput(f"{mode!r} is not a search mode.", remedy=f"Use one of {', '.join(SearchMode)}.")
    if limit < 1 or offset < 0:
        raise BadInput(f"limit={limit}, offset={offset} asks for no pages.", remedy="Use 1 and 0, or more.")
    return SearchRequest(
        text=query if isinstance(query, str) else None,
        image=next((each for each in (query, like) if isinstance(each, Image)), None),
        page=next((each for each in (query, like) if isinstance(each, PageRef)), None),
        mode=SearchMode(mode),
        limit=limit,
        offset=offset,
        rerank=rerank,
    )
