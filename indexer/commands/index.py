"""The command `vdr index`: PDFs in, with progress, a summary and an exit code that says how it went."""

import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from indexer.commands.describing import Described, read_described
from indexer.commands.options import CollectionOption
from indexer.commands.reporting import Reporter, Summary, counted, printable, reporting, warn
from indexer.ingest import index_document
from indexer.jobs.follow import follow
from indexer.jobs.heartbeat import Onlooker
from indexer.jobs.queue import Jobs
from indexer.library import Library
from indexer.naming import file_name
from indexer.ocr.complete import complete_document, ocr_runs
from indexer.ocr.pages import check_ocr
from indexer.paths import Told, find_files
from indexer.progress import PagesIndexed
from indexer.services import open_services
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
from vdr.settings import read_settings
from vdr.types import Document, DocumentState, Priority

_AGAIN = "Interrupted. Run the same command again to resume."
_GOES_ON = "Interrupted. The workers continue; run the same command again to follow them."
# What is wrong with a document, or was done to it by somebody else, ends the work on it and on no other.
_OF_ONE_DOCUMENT = (DocumentError, PageFailed, NotFound, Cancelled, ObjectDamaged)
_ALONE = "No worker is running. Start one with vdr worker."


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
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Delete other documents of the same name once the new one is indexed."
        ),
    ] = False,
    hidden: Annotated[
        bool,
        typer.Option("--hidden", help="Include hidden files, trash folders and system files."),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="List what is skipped in folders, and why.")
    ] = False,
    collection: CollectionOption = None,
) -> None:
    """Index documents. Files already indexed are skipped.

    Any metadata given replaces theirs as well. In folders, hidden files, trash folders and vdr's own data are
    skipped.
    """
    described = read_described(metadata or (), metadata_file)
    password = typer.prompt("Password", hide_input=True) if ask_password else None
    code = run(
        paths,
        collection=collection,
        password=password,
        described=described,
        replace=replace,
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
    replace: bool = False,
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
        for document in _take_in(library, files, reporter, password, described, replace=replace):
            _process(library, document, reporter)
        _process_attached(library, reporter)
        summary = reporter.summarize()
    summary.failed += complete_words(library)
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
        queued = _take_in(library, files, reporter, password, described, replace=replace)
        alone = partial(reporter.warn, _ALONE)
        try:
            for before, after in follow(library.catalogue, queued, Onlooker(jobs.engine), alone):
                _tell(before, after, reporter)
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


def _take_in(
    library: Library,
    files: Sequence[Path],
    reporter: Reporter,
    password: str | None,
    described: Described,
    *,
    replace: bool,
) -> list[Document]:
    """Queue the files that are not indexed already."""
    library.finish_deletions()
    names = Counter(map(file_name, files))
    for name in described.unused(names):
        reporter.warn(f"{name} is in the metadata file, but not among the files to index.")
    queued: dict[str, Document] = {}  # two files may be one document
    for file in files:
        document = _add(library, file, reporter, password, described)
        if document is None:
            continue
        is_alone = names[file_name(file)] == 1
        _settle_name(library, document, file, reporter, replace=replace, is_alone=is_alone)
        if document.indexing.state is not DocumentState.INDEXED:
            queued[document.document_id] = document
    documents = list(queued.values())
    reporter.begin(documents)
    return documents


def _add(
    library: Library, file: Path, reporter: Reporter, password: str | None, described: Described
) -> Document | None:
    name = file_name(file)
    metadata = described.of(name)
    try:
        document, is_new = library.add(file, name, Priority.BULK, password=password, metadata=metadata)
    except (DocumentError, OSError) as error:
        # Without its path a file is hard to find among hundreds of others.
        reporter.complain(f"{file}: {error}")
        return None
    if document.indexing.state is DocumentState.INDEXED and not is_new:
        reporter.summary.known += 1
        also = f", also known as {', '.join(document.other_names)}" if document.other_names else ""
        reporter.say(f"{file}: already indexed ({counted(document.page_count, 'page')}){also}")
    return document


def _settle_name(
    library: Library, document: Document, file: Path, reporter: Reporter, *, replace: bool, is_alone: bool
) -> None:
    """Say that other documents have the name of this file, or have it take their place.

    Files of one run that share a name never do: which of the documents is older would be guessed.
    """
    if not library.catalogue.namesakes([document.document_id]):
        return
    is_indexed, name = document.indexing.state is DocumentState.INDEXED, document.name
    if replace and is_alone:
        library.replace(document.document_id)
        when = "" if is_indexed else " once it is indexed"
        reporter.say(f"{file}: replaces the other documents named {name}{when}")
    elif replace:
        reporter.warn(f"{file}: several of these files are named {name}; none is replaced.")
    elif not is_indexed:
        reporter.say(f"{file}: another document is named {name}; both are kept (see --replace)")


def _process(library: Library, document: Document, reporter: Reporter) -> None:
    try:
        done = index_document(library, document.document_id, progress=reporter)
    except _OF_ONE_DOCUMENT as error:
        reporter.complain(f"{document.name}: {error}")
        return
    if done is not None:
        _say_indexed(done, reporter)


def _process_attached(library: Library, reporter: Reporter) -> None:
    """Index what the documents before have brought along, or those of a run that was interrupted."""
    for document in library.catalogue.unfinished():
        if document.parent_id is not None:
            _process(library, document, reporter)


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
    reporter.say(f"{done.name}: {counted(done.page_count - len(done.indexing.page_errors), 'page')} indexed")
    for warning in done.warnings:
        reporter.warn(f"{done.name}: {warning.message}")
    for page_error in done.indexing.page_errors:
        reporter.say(f"{done.name}: page {page_error.page_number} skipped. {page_error.message}")


def _say_passed(told: Told, *, verbose: bool) -> None:
    for each in told.closed:
        typer.echo(printable(str(each)), err=True)
    for each in told.skipped if verbose else ():
        typer.echo(printable(f"{each} (skipped)"))


def _say_why(reason: VdrError | str, code: ExitCode) -> ExitCode:
    sys.stderr.write(f"{reason}\n")
    return code
