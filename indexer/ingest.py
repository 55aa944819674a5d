"""Indexing a document: one choreography, whether a command runs it or a durable job."""

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from indexer.ahead import ahead
from indexer.attached import warnings_of
from indexer.fields import is_same, label_of, set_labels, tell_index
from indexer.library import Library
from indexer.pdf.facts import read_facts
from indexer.pdf.kinds import Kind
from indexer.pdf.prepare import PreparedPage, PreparedPages, prepare_pages
from indexer.progress import PagesIndexed, Progress
from indexer.stored import stored_pages
from indexer.text_terms import text_terms
from vdr.errors import Cancelled, NotFound, PageFailed, VdrError
from vdr.index import page_terms
from vdr.merging import merged
from vdr.settings import OcrMode
from vdr.types import Document, DocumentState, PagePoint, PageRef, PageVectors, PageWords, Word

# Objects are written to the disk, or sent to a bucket, one by one: most of it is waiting.
_WRITERS = 4

T = TypeVar("T")


class Execution(Protocol):
    """How the steps of a job are carried out."""

    def remember(self, name: str, work: Callable[[], T]) -> T:
        """The result of a step; where it was noted in an earlier run of the job, it is not done again."""
        ...

    def insist(self, work: Callable[[], T]) -> T:
        """The result of what must not be left undone."""
        ...


class AtOnce:
    """Each step done once, here and now."""

    def remember(self, name: str, work: Callable[[], T]) -> T:
        """What `work` gives."""
        return work()

    def insist(self, work: Callable[[], T]) -> T:
        """What `work` gives."""
        return work()


def index_document(
    library: Library,
    document_id: str,
    attempt: int | None = None,
    *,
    execution: Execution = AtOnce(),  # noqa: B008 - without state
    progress: Progress | None = None,
) -> Document | None:
    """Bring the pages of a document into the index, resuming where an earlier run stopped.

    A page that fails is noted on the document and skipped; the document fails only if no page is left. None
    if the document was deleted, cancelled or queued again since this `attempt` at it. Whatever is raised, the
    document is left as `give_up` says.
    """
    try:
        runs = execution.remember("begin", lambda: _begin(library, document_id, attempt))
        if runs is None:
            return None
        _index(library, document_id, [range(*run) for run in runs], attempt, execution, progress)
        execution.remember("finish", lambda: finish(library, document_id, attempt).indexing.state.value)
    except Exception as error:
        reason = error if isinstance(error, VdrError) else _unexpected(error)
        execution.insist(lambda: give_up(library, document_id, reason, attempt))
        raise
    return library.catalogue.find(document_id)


def prepared(
    library: Library, document_id: str, runs: Sequence[range]
) -> Generator[PreparedPages, None, None]:
    """Runs of pages, made ready by threads while the caller embeds the one before. Raises NotFound.

    What the PDF says of itself is read beside the first run, and noted before that is given.
    """
    with library.objects.pdf_file(document_id) as pdf, ThreadPoolExecutor(1) as beside:
        described = beside.submit(_describe, library, document_id, pdf)
        tasks = (partial(_ready, library, document_id, pdf, run) for run in runs)
        with closing(ahead(tasks, library.settings.rasterize_workers)) as batches:
            for batch in batches:
                described.result()
                yield batch


def index_run(
    library: Library,
    document_id: str,
    batch: PreparedPages,
    pages_left: int,
    attempt: int | None = None,
) -> Document:
    """Embed a run of pages and keep it, with `pages_left` to do after it; doing it twice changes nothing.

    Raises NotFound or Cancelled if the document was deleted or cancelled meanwhile, of which then nothing is
    left, or queued again since this `attempt`.
    """
    index = library.claim()
    if batch.pages and not batch.vectors:
        with library.models.embedding, batch.seconds.measure("embed"):
            images = [page.image for page in batch.pages]
            batch.vectors.extend(library.embedder.encode_pages(images, _words(batch)))
    with library.writing:
        document = check_attempt(library, document_id, attempt)
        if document.indexing.state is DocumentState.CANCELLED:  # nobody may find it, not for a moment
            raise Cancelled(f"{document.name} was cancelled.")
        with batch.seconds.measure("store"):
            _store(library, document_id, batch)
        with batch.seconds.measure("upsert"):  # last, so that what the index finds can always be shown
            labels = library.catalogue.page_labels(document_id)
            index.upsert([_point(document, labels, *page) for page in _found(batch)])
        library.catalogue.advance(document_id, document.page_count - pages_left, batch.errors, attempt)
        current = library.catalogue.get(document_id)
        # Another process may have changed it before these pages were there.
        return current if is_same(current, document) else tell_index(index, library.catalogue, current)


def finish(library: Library, document_id: str, attempt: int | None = None) -> Document:
    """Enter a document among those indexed. Raises PageFailed if not one of its pages is.

    Raises Cancelled if it was queued again since this `attempt`.
    """
    document = check_attempt(library, document_id, attempt)
    index = library.index
    if index is None or index.count(document_id) == 0:
        errors = document.indexing.page_errors
        raise PageFailed(
            f"No page of {document.name} could be indexed. {errors[0].message if errors else ''}".strip()
        )
    wants_ocr = library.settings.ocr is not OcrMode.OFF and not library.is_beside
    # Where this is cut off, what is marked as deleted is deleted later, as after any deletion.
    library.delete_all(library.catalogue.finish(document_id, ocr=wants_ocr, attempt=attempt))
    return library.catalogue.get(document_id)


def give_up(library: Library, document_id: str, error: VdrError, attempt: int | None = None) -> None:
    """Leave a document in a clean state after `error`.

    One deleted or cancelled meanwhile is rid of what was still written of it; one queued again since is left
    to its new attempt; an error that may pass leaves it as it is; any other is noted on it.
    """
    document = library.catalogue.find(document_id)
    if document is None:
        library.erase_rest(document_id)
    elif document.indexing.state is DocumentState.CANCELLED:
        library.erase_pages(document_id)
    elif not (error.may_pass or isinstance(error, Cancelled)):
        with suppress(NotFound, Cancelled):
            library.catalogue.fail(document_id, error, attempt)


def check_attempt(library: Library, document_id: str, attempt: int | None) -> Document:
    """The document. Raises NotFound, and Cancelled if it was queued again meanwhile."""
    document = library.catalogue.get(document_id)
    if attempt not in (None, document.indexing.attempt):
        raise Cancelled(f"{document.name} was queued again.")
    return document


def _begin(library: Library, document_id: str, attempt: int | None) -> list[tuple[int, int]] | None:
    """Enter a document among those under way; where the runs of pages to do start and stop.

    They are whole runs, so that a resumed document is embedded in the same batches, unless larger ones were
    found to be faster. None where this attempt is no longer wanted. Raises NotFound, Cancelled.
    """
    document = library.catalogue.find(document_id)
    if document is None or attempt not in (None, document.indexing.attempt):
        return None
    if document.indexing.state is DocumentState.CANCELLED:
        return None
    runs = library.missing_runs(document)
    library.catalogue.begin(document_id, document.page_count - sum(map(len, runs)))
    if runs:
        runs = library.missing_runs(document, library.embedder.pages_at_once)
    return [(run.start, run.stop) for run in runs]


def _ready(library: Library, document_id: str, pdf: Path, page_numbers: range) -> PreparedPages:
    """A run of pages, with their words where something reads them beside the embedder."""
    if library.is_beside:
        batch = stored_pages(library.objects, document_id, pdf, page_numbers, library.settings)
    else:
        batch = prepare_pages(pdf, page_numbers, library.settings)
    reader = library.embedder.reader
    if reader is not None:
        with batch.seconds.measure("read"):
            batch.read.extend(reader.read([page.image for page in batch.pages]))
    return batch


def _words(batch: PreparedPages) -> list[PageWords]:
    """The words of each page as far as they are known before it is embedded."""
    read = batch.read or [() for _ in batch.pages]
    return [
        PageWords(page.text_layer, words, page.ocr) for page, words in zip(batch.pages, read, strict=True)
    ]


def _describe(library: Library, document_id: str, pdf: Path) -> None:
    """Note what the PDF says of itself, and have the pages that are indexed already say so too."""
    document = library.catalogue.get(document_id)
    if document.kind == Kind.IMAGE or library.is_beside:  # which is built of a document that is described
        return
    facts = read_facts(pdf, document.page_count, library.settings)
    warnings = warnings_of(library, document, pdf, facts)
    with library.writing:
        library.catalogue.describe(document_id, facts.page_labels, facts.info, warnings)
        index = library.index
        if index is not None and index.count(document_id):
            tell_index(index, library.catalogue, library.catalogue.get(document_id))
            set_labels(index, library.catalogue, document_id)


def _index(
    library: Library,
    document_id: str,
    runs: Sequence[range],
    attempt: int | None,
    execution: Execution,
    progress: Progress | None,
) -> None:
    pages_left = sum(map(len, runs))
    with _ahead(library, document_id, runs) as take:
        for place, run in enumerate(runs):
            pages_left -= len(run)

            def index(place: int = place, pages_left: int = pages_left) -> int:
                check_attempt(library, document_id, attempt)
                batch = take(place)
                document = index_run(library, document_id, batch, pages_left, attempt)
                if progress is not None:
                    progress(PagesIndexed(document, len(batch.pages), batch.seconds))
                return document.indexing.pages_done

            execution.remember("index_run", index)


@contextmanager
def _ahead(
    library: Library, document_id: str, runs: Sequence[range]
) -> Generator[Callable[[int], PreparedPages], None, None]:
    """Gives the runs of pages by their place, ever later ones, and makes those after it ready meanwhile.

    Nothing is made ready before the first is asked for: steps that are noted already do not ask.
    """
    started: Generator[PreparedPages, None, None] | None = None
    at, current = -1, None

    def take(place: int) -> PreparedPages:
        nonlocal started, at, current
        if place == at and current is not None:  # the step is tried again
            return current
        if started is None:
            started = prepared(library, document_id, runs[place:])
        try:
            current, at = next(started), place
        except Exception:
            started = None  # a generator that has raised gives no more; tried again, it begins here
            raise
        return current

    try:
        yield take
    finally:
        if started is not None:
            started.close()


def _found(batch: PreparedPages) -> list[tuple[PreparedPage, PageVectors, tuple[Word, ...]]]:
    """Each page with its vectors and the words read from it, by whomever."""
    read = batch.read or [vectors.words for vectors in batch.vectors]
    return list(zip(batch.pages, batch.vectors, read, strict=True))


def _store(library: Library, document_id: str, batch: PreparedPages) -> None:
    def put(page: PreparedPage, _: PageVectors, read: tuple[Word, ...]) -> None:
        place = PageRef(document_id, page.page_number)
        if page.is_stored:
            library.objects.put_read_words(place, read)
        else:
            library.objects.put_page(place, page.webp, PageWords(page.text_layer, read))

    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="store") as writers:
        list(writers.map(lambda found: put(*found), _found(batch)))


def _point(
    document: Document,
    labels: Mapping[int, str],
    page: PreparedPage,
    vectors: PageVectors,
    read: tuple[Word, ...],
) -> PagePoint:
    label = label_of(labels, page.page_number)
    return PagePoint(
        page=PageRef(document.document_id, page.page_number),
        document_name=document.name,
        embedding=vectors.embedding,
        text_terms=text_terms(_text(page), page.page_number, label, document.info.title),
        read_terms=page_terms(read) if read else None,
        regions=vectors.regions,
        coarse=vectors.coarse,
        more=vectors.more,
        page_label=label,
        page_count=document.page_count,
        added_at=document.created_at,
        kind=document.kind,
        metadata=document.metadata,
        info=document.info,
        parent_id=document.parent_id,
    )


def _text(page: PreparedPage) -> tuple[Word, ...]:
    return merged(PageWords(page.text_layer, ocr=page.ocr))


def _unexpected(error: Exception) -> VdrError:
    return VdrError(f"Unexpected error: {type(error).__name__}: {error}")
