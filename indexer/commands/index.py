"""The command `vdr index`: PDFs in, with progress, a summary and an exit code that says how it went."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from indexer.commands.describing import Described
from indexer.commands.intake import LibraryIntake, say_indexed, take_in, tell
from indexer.commands.reporting import Reporter, Summary, counted, printable, reporting, warn
from indexer.ingest import index_document
from indexer.jobs.follow import follow
from indexer.jobs.heartbeat import Onlooker
from indexer.jobs.queue import Jobs
from indexer.library import Library
from indexer.ocr.complete import complete_document, ocr_runs
from indexer.ocr.pages import check_ocr
from indexer.paths import Told, find_files
from indexer.services import open_services
from vdr.environment import read_settings
from vdr.errors import (
    Cancelled,
    DocumentError,
    ExitCode,
    NotFound,
    ObjectDamaged,
    PageFailed,
    VdrError,
)
from vdr.models.loading import Load, Models
from vdr.types import Document

_AGAIN = "Interrupted. Run the same command again to resume."
_GOES_ON = "Interrupted. The workers continue; run the same command again to follow them."
# What is wrong with a document, or was done to it by somebody else, ends the work on it and on no other.
_OF_ONE_DOCUMENT = (DocumentError, PageFailed, NotFound, Cancelled, ObjectDamaged)
_ALONE = "No worker is running. Start one with vdr worker."


def run(
    paths: Sequence[str],
    load: Load | None = None,
    *,
    collection: str | None = None,
    password: str | None = None,
    described: Described = Described(),  # noqa: B008 - frozen
    replace: bool = False,
    hidden: bool = False,
    verbose: bool = False,
    elsewhere: Callable[[Sequence[Path]], Summary] | None = None,
) -> ExitCode:
    """Index the documents that `paths` mean, with the settings of the environment.

    `elsewhere` takes the files in their place where something else than this process indexes them.
    """
    told = Told()
    try:
        settings = read_settings()
        files = find_files(paths, settings.index, hidden=hidden, told=told)
        _say_passed(told, verbose=verbose)
        if elsewhere is not None:
            summary = elsewhere(files)
            return ExitCode.SOME_FAILED if summary.failed or told.closed else ExitCode.OK
        with open_services(settings, Models(settings.model, load)) as services:
            library = services.library(collection, create=True)
            if services.have_workers:
                jobs = services.with_jobs()
                summary = queue_files(files, library, jobs, password, described, replace=replace)
            else:
                summary = index_files(files, library, password, described, replace=replace)
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
    *,
    replace: bool = False,
) -> Summary:
    """Index files one after the other and say how it goes; one that cannot be indexed is named and skipped.

    With `replace` they take the place of other documents of the same name. Raises any VdrError that has
    nothing to do with the files.
    """
    check_ocr(library.collection.name, library.settings)
    library.claim()  # a model that does not fit is said before any file is taken in
    with reporting() as reporter:
        for document in take_in(
            LibraryIntake(library), files, reporter, password, described, replace=replace
        ):
            _process(library, document, reporter)
        _process_attached(library, reporter)
        summary = reporter.summarize()
    summary.failed += complete_words(library)
    library.claim().finish_building()  # else it would begin again with every search of the command line
    return summary


def queue_files(
    files: Sequence[Path],
    library: Library,
    jobs: Jobs,
    password: str | None = None,
    described: Described = Described(),  # noqa: B008 - frozen
    *,
    replace: bool = False,
) -> Summary:
    """Take files in for the workers that share database and index, and say how these get on with them.

    It loads no model. Raises any VdrError that has nothing to do with the files.
    """
    with reporting() as reporter:
        queued = take_in(LibraryIntake(library), files, reporter, password, described, replace=replace)
        alone = partial(reporter.warn, _ALONE)
        try:
            for before, after in follow(library.catalogue, queued, Onlooker(jobs.engine), alone):
                tell(before, after, reporter)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_GOES_ON) from None
        return reporter.summarize()


def index_queued(library: Library) -> Summary:
    """Index every document that is not finished, and say how it goes."""
    with reporting() as reporter:
        documents = library.catalogue.unfinished()
        reporter.begin(documents)
        for document in documents:
            _process(library, document, reporter)
        _process_attached(library, reporter)
        return reporter.summarize()


def complete_words(library: Library) -> int:
    """Let OCR see every page that it still has to, and say how it goes; how many documents it gave up."""
    left = [(each, ocr_runs(library, each)) for each in library.catalogue.with_ocr_left()]
    pages = sum(len(run) for _, runs in left for run in runs)
    if not pages:
        return 0
    failed, done, console = 0, 0, Console()
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("OCR", total=pages)

        def advance(count: int) -> None:
            nonlocal done
            done += count
            bar.update(task, advance=count)

        for document, _ in left:
            attempt = document.indexing.attempt
            try:
                complete_document(library, document.document_id, attempt, after_run=advance)
            except _OF_ONE_DOCUMENT as error:
                failed += 1
                warn(f"{document.name}: {error}")
        bar.console.print(f"OCR finished for {counted(done, 'page')}.")
    return failed


def _process(library: Library, document: Document, reporter: Reporter) -> None:
    # If it cannot be loaded, no document has failed.
    library.models.embedder(library.collection.settings, library.generation)
    try:
        done = index_document(library, document.document_id, progress=reporter)
    except _OF_ONE_DOCUMENT as error:
        reporter.complain(f"{document.name}: {error}")
        return
    if done is not None:
        say_indexed(done, reporter)


def _process_attached(library: Library, reporter: Reporter) -> None:
    """Index what the documents before have brought along, or those of a run that was interrupted."""
    for document in library.catalogue.unfinished():
        if document.parent_id is not None:
            _process(library, document, reporter)


def _say_passed(told: Told, *, verbose: bool) -> None:
    for each in told.closed:
        typer.echo(printable(str(each)), err=True)
    for each in told.skipped if verbose else ():
        typer.echo(printable(f"{each} (skipped)"))


def _say_why(reason: VdrError | str, code: ExitCode) -> ExitCode:
    sys.stderr.write(f"{reason}\n")
    return code
