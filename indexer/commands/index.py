"""The command `vdr index`: PDFs in, with progress, a summary and an exit code that says how it went."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from indexer.commands.describing import Described, read_described
from indexer.commands.options import CollectionOption
from indexer.ingest import index_document
from indexer.jobs.follow import follow
from indexer.jobs.heartbeat import Onlooker
from indexer.jobs.queue import Jobs
from indexer.library import Library
from indexer.ocr.complete import complete_document, ocr_runs
from indexer.ocr.pages import check_ocr
from indexer.paths import Told, find_files
from indexer.progress import PagesIndexed, StepSeconds
from indexer.services import open_services
from vdr.catalogue.database import is_server
from vdr.errors import DocumentError, ExitCode, NotFound, PageFailed, VdrError
from vdr.models.loading import Load, Models
from vdr.settings import read_settings
from vdr.types import Document, DocumentState, Priority

_AGAIN = "Interrupted. Run the same command again to resume."
_GOES_ON = "Interrupted. The workers continue; run the same command again to follow them."
_ALONE = "No worker is running. Start one with vdr worker."


@dataclass(slots=True)
class Summary:
    """What one run of `vdr index` did."""

    documents: int = 0
    pages: int = 0
    known: int = 0
    failed: int = 0
    seconds: float = 0.0
    steps: StepSeconds = field(default_factory=StepSeconds)

    def add(self, report: PagesIndexed, seconds: float) -> None:
        """Count a run of pages, `seconds` after the first was begun."""
        self.pages += report.page_count
        self.steps.add(report.seconds)
        self.seconds = seconds

    @property
    def pages_per_second(self) -> float:
        """Pages indexed in a second on the clock."""
        return self.pages / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        return (
            f"{_count(self.documents, 'document')}, {_count(self.pages, 'page')} in {self.seconds:.1f} s"
            f" ({self.pages_per_second:.1f} pages/s); {self.known} already indexed, {self.failed} failed"
        )


def index(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, or patterns such as '*.pdf'.")],
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Prompt for the password of protected PDFs.")
    ] = False,
    metadata: Annotated[
        list[str] | None,
        typer.Option(help="Metadata of all files, as key=value. May be repeated.", metavar="KEY=VALUE"),
    ] = None,
    metadata_file: Annotated[
        Path | None, typer.Option(help="Metadata by file name, as CSV (.csv) or JSON lines (.jsonl).")
    ] = None,
    hidden: Annotated[
        bool,
        typer.Option("--hidden", help="Include hidden files, trashes and what systems leave in folders."),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="List what is skipped in folders, and why.")
    ] = False,
    collection: CollectionOption = None,
) -> None:
    """Index documents. Files already indexed are skipped.

    Of those, too, the metadata is replaced where some is given. In folders, hidden files, trashes and vdr's
    own data are skipped.
    """
    described = read_described(metadata or (), metadata_file)
    password = typer.prompt("Password", hide_input=True) if ask_password else None
    code = run(
        paths,
        collection=collection,
        password=password,
        described=described,
        hidden=hidden,
        verbose=verbose,
    )
    if code:
        raise typer.Exit(code)


def run(
    paths: Sequence[str],
    load: Load | None = None,
    *,
    collection: str | None = None,
    password: str | None = None,
    described: Described = Described(),  # noqa: B008 - frozen
    hidden: bool = False,
    verbose: bool = False,
) -> ExitCode:
    """Index the documents that `paths` mean, with the settings of the environment."""
    told = Told()
    try:
        settings = read_settings()
        files = find_files(paths, settings.index, hidden=hidden, told=told)
        _say_passed(told, verbose=verbose)
        with open_services(settings, Models(settings.model, load)) as services:
            library = services.library(collection, create=True)
            have_workers = is_server(settings.index) and settings.index.qdrant_url is not None
            if have_workers and services.jobs is not None:
                summary = queue_files(files, library, services.jobs, password, described)
            else:
                summary = index_files(files, library, password, described)
    except VdrError as error:
        return _say_why(error, ExitCode.NOT_DONE)
    except KeyboardInterrupt as interrupt:
        return _say_why(str(interrupt) or _AGAIN, ExitCode.INTERRUPTED)
    return ExitCode.SOME_FAILED if summary.failed or told.closed else ExitCode.OK


def index_files(
    files: Sequence[Path],
    library: Library,
    password: str | None = None,
    described: Described = Described(),  # noqa: B008 - frozen
) -> Summary:
    """Index files one after the other and say how it goes; one that cannot be indexed is named and skipped.

    Raises any VdrError that has nothing to do with the files.
    """
    check_ocr(library.collection.name, library.settings)
    library.claim()  # a model that does not fit is said before any file is taken in
    with _reporter() as reporter:
        for document in _take_in(library, files, reporter, password, described):
            _process(library, document, reporter)
        summary = reporter.summarize()
    complete_words(library)
    return summary


def queue_files(
    files: Sequence[Path],
    library: Library,
    jobs: Jobs,
    password: str | None = None,
    described: Described = Described(),  # noqa: B008 - frozen
) -> Summary:
    """Take files in for the workers that share database and index, and say how these get on with them.

    It loads no model. Raises any VdrError that has nothing to do with the files.
    """
    with _reporter() as reporter:
        queued = _take_in(library, files, reporter, password, described)
        alone = partial(reporter.warn, _ALONE)
        try:
            for before, after in follow(library.catalogue, queued, Onlooker(jobs.engine), alone):
                _tell(before, after, reporter)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_GOES_ON) from None
        return reporter.summarize()


class Reporter:
    """Says how the indexing goes: a line for each file, and on a terminal a bar below them."""

    def __init__(self, bar: Progress) -> None:
        self.summary = Summary()
        self._bar = bar
        self._task = bar.add_task("Checking files", total=None, rate="")
        self._started = time.perf_counter()

    def __call__(self, report: PagesIndexed) -> None:
        """Count pages and move the bar."""
        self.summary.add(report, time.perf_counter() - self._started)
        name, rate = report.document.name, self.summary.pages_per_second
        self._bar.update(self._task, advance=report.page_count, description=name, rate=f"{rate:.1f} pages/s")

    def begin(self, documents: Sequence[Document]) -> None:
        """The files have been looked at: the clock and the bar run over the pages to index."""
        self._started = time.perf_counter()
        self._bar.update(self._task, total=sum(d.page_count - d.indexing.pages_done for d in documents))

    def say(self, line: str) -> None:
        """A line about a file that went well."""
        self._bar.console.print(Text(_printable(line)), soft_wrap=True)

    def complain(self, line: str) -> None:
        """A line about a file that did not."""
        self.summary.failed += 1
        self.warn(line)

    def warn(self, line: str) -> None:
        """A line about what should not be so."""
        Console(stderr=True).print(Text(_printable(line)), soft_wrap=True)

    def summarize(self) -> Summary:
        """The last line."""
        self.summary.seconds = time.perf_counter() - self._started
        self._bar.update(self._task, visible=False)
        self.say(str(self.summary))
        return self.summary


@contextmanager
def _reporter() -> Iterator[Reporter]:
    console = Console()
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield Reporter(bar)


def index_queued(library: Library) -> Summary:
    """Index every document that is not finished, and say how it goes."""
    with _reporter() as reporter:
        documents = library.catalogue.unfinished()
        reporter.begin(documents)
        for document in documents:
            _process(library, document, reporter)
        return reporter.summarize()


def complete_words(library: Library) -> None:
    """Let OCR see every page that it still has to, and say how it goes."""
    left = [(each, ocr_runs(library, each)) for each in library.catalogue.with_ocr_left()]
    pages = sum(len(run) for _, runs in left for run in runs)
    if not pages:
        return
    console = Console()
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("OCR", total=pages)
        for document, _ in left:
            complete_document(
                library,
                document.document_id,
                document.indexing.attempt,
                after_run=lambda done: bar.update(task, advance=done),
            )
        bar.console.print(f"OCR finished for {_count(pages, 'page')}.")


def _take_in(
    library: Library, files: Sequence[Path], reporter: Reporter, password: str | None, described: Described
) -> list[Document]:
    """Queue the files that are not indexed already."""
    library.finish_deletions()
    for name in described.unused(files):
        reporter.warn(f"{name} is in the metadata file, but not among the files to index.")
    queued: dict[str, Document] = {}  # two files may be one document
    for file in files:
        document = _add(library, file, reporter, password, described)
        if document is not None:
            queued[document.document_id] = document
    documents = list(queued.values())
    reporter.begin(documents)
    return documents


def _add(
    library: Library, file: Path, reporter: Reporter, password: str | None, described: Described
) -> Document | None:
    metadata = described.of(file.name)
    try:
        document, is_new = library.add(file, file.name, Priority.BULK, password=password, metadata=metadata)
    except (DocumentError, OSError) as error:
        # Without its path a file is hard to find among hundreds of others.
        reporter.complain(f"{file}: {error}")
        return None
    if document.indexing.state is DocumentState.INDEXED and not is_new:
        reporter.summary.known += 1
        reporter.say(f"{file}: already indexed ({_count(document.page_count, 'page')})")
        return None
    return document


def _process(library: Library, document: Document, reporter: Reporter) -> None:
    try:
        done = index_document(library, document.document_id, progress=reporter)
    except (DocumentError, PageFailed, NotFound) as error:
        reporter.complain(f"{document.name}: {error}")
        return
    if done is not None:
        _say_indexed(done, reporter)


def _tell(before: Document, after: Document | None, reporter: Reporter) -> None:
    """Say how a document has got on since it was as `before`."""
    if after is None:
        reporter.complain(f"{before.name}: deleted")
        return
    reporter(PagesIndexed(after, _pages_indexed(after) - _pages_indexed(before)))
    if after.indexing.state is DocumentState.INDEXED:
        _say_indexed(after, reporter)
    elif after.indexing.state is DocumentState.FAILED:
        reporter.complain(f"{after.name}: {after.indexing.error_message}")
    elif after.indexing.state is DocumentState.CANCELLED:
        reporter.complain(f"{after.name}: cancelled")


def _pages_indexed(document: Document) -> int:
    return document.indexing.pages_done - len(document.indexing.page_errors)


def _say_indexed(done: Document, reporter: Reporter) -> None:
    reporter.summary.documents += 1
    reporter.say(f"{done.name}: {_count(done.page_count - len(done.indexing.page_errors), 'page')} indexed")
    for page_error in done.indexing.page_errors:
        reporter.say(f"{done.name}: page {page_error.page_number} skipped. {page_error.message}")


def _say_passed(told: Told, *, verbose: bool) -> None:
    for each in told.closed:
        typer.echo(_printable(str(each)), err=True)
    for each in told.skipped if verbose else ():
        typer.echo(_printable(f"{each} (skipped)"))


def _printable(line: str) -> str:
    # File names may contain line ends, commands to the terminal, and bytes that no encoding can print.
    return "".join(c if c.isprintable() else "?" for c in line)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _say_why(reason: VdrError | str, code: ExitCode) -> ExitCode:
    sys.stderr.write(f"{reason}\n")
    return code
