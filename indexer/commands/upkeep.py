"""The commands `worker`, `check`, `reindex`, `backup` and `restore`: what keeps a library going and sound."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.backup import back_up
from indexer.backup import restore as restore_backup
from indexer.commands.index import FAILED, complete_words, index_queued
from indexer.jobs.heartbeat import PATIENCE_S
from indexer.library import Library, open_library
from indexer.ocr.pages import check_ocr
from vdr.catalogue.database import is_server
from vdr.errors import BadSetting, NotFound
from vdr.settings import OcrMode, Settings, read_settings
from vdr.types import Document

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.embedder import Embedder


def worker(
    collection: Annotated[
        list[str] | None,
        typer.Option(help="A collection to index; may be repeated. VDR_COLLECTION if unset."),
    ] = None,
) -> None:
    """Index what services have taken in, until interrupted. Needs PostgreSQL and a Qdrant server."""
    from vdr.models.embedder import load_embedder  # noqa: PLC0415 - takes seconds, which `--help` need not wait

    settings = read_settings()
    check_shared(settings)
    run_worker(settings, collection or [settings.index.collection], load_embedder(settings.model))


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
) -> None:
    """Look whether files, page images and vectors agree with the list of documents. Exit code 1 if not."""
    with _opened_library() as library:
        _check(library, repair=repair)


def reindex(
    documents: Annotated[
        list[str] | None, typer.Argument(help="Names or ids of documents; all if none is named.")
    ] = None,
) -> None:
    """Make page images, words and vectors of documents anew from their files."""
    with _opened_library() as library:
        for document in _chosen(library, documents or []):
            library.rebuild(document.document_id)
        _index_queued(library)


def ocr(
    documents: Annotated[
        list[str] | None, typer.Argument(help="Names or ids of documents; all if none is named.")
    ] = None,
) -> None:
    """Read the words in the pictures of documents that are indexed already, as VDR_OCR says which pages."""
    settings = read_settings()
    if settings.ingest.ocr is OcrMode.OFF:
        raise BadSetting("VDR_OCR is off.", remedy="Set it to missing or all.")
    check_ocr(settings.index.collection, settings.ingest)
    with _opened_library() as library:
        for document in _chosen(library, documents or []):
            library.catalogue.ask_ocr(document.document_id)
        _index_queued(library)


def backup(
    folder: Annotated[Path, typer.Argument(help="Where to; a folder that is not there yet.")],
) -> None:
    """Copy the database and the objects of VDR_DATA_DIR to FOLDER; a service may run meanwhile."""
    back_up(read_settings().index, folder)
    typer.echo(f"{folder} holds everything but the vectors, which are made anew from it.")


def restore(folder: Annotated[Path, typer.Argument(help="What vdr backup has written.")]) -> None:
    """Put a backup into an empty VDR_DATA_DIR and index its documents. Exit code 1 if faults are left."""
    restore_backup(read_settings().index, folder)
    typer.echo("Everything is back but the vectors. Should this end early: vdr check --repair goes on.")
    with _opened_library() as library:
        _check(library, repair=True)


@contextmanager
def _opened_library() -> Iterator[Library]:
    """The library of the settings; where workers share it, what is queued is queued for them."""
    from indexer.jobs.queue import Jobs  # noqa: PLC0415
    from vdr.models.embedder import load_embedder  # noqa: PLC0415

    settings = read_settings()
    with ExitStack() as opened:
        on_queued = None
        if is_server(settings.index):
            jobs = Jobs.open(settings)
            opened.callback(jobs.close)
            on_queued = jobs.queue
        library = open_library(settings, load_embedder(settings.model), on_queued)
        opened.callback(library.close)
        yield library


def _check(library: Library, *, repair: bool) -> None:
    """Say what is wrong, and mend it if asked to. Raises typer.Exit where faults are left."""
    from indexer import upkeep  # noqa: PLC0415 - these take seconds, which `--help` need not wait

    unmended = 0
    for finding in list(upkeep.check(library)):
        is_mended = repair and upkeep.repair(library, finding)
        unmended += not is_mended
        typer.echo(f"{finding}{' (mended)' if is_mended else ''}")
    if repair:
        _index_queued(library)
    typer.echo(f"{unmended} faults are left." if unmended else "All is well.")
    if unmended:
        raise typer.Exit(FAILED)


def _chosen(library: Library, wanted: Sequence[str]) -> list[Document]:
    """The documents of these names or ids. Raises NotFound for one that is none."""
    known = [library.catalogue.get(document_id) for document_id in library.catalogue.ids()]
    if not wanted:
        return known
    missing = set(wanted) - {name for each in known for name in (each.name, each.document_id)}
    if missing:
        raise NotFound(
            f"There is no document {sorted(missing)[0]}.", remedy="The page for people lists them all."
        )
    return [each for each in known if each.name in wanted or each.document_id in wanted]


def _index_queued(library: Library) -> None:
    """Index what is queued, where no worker will."""
    if not is_server(read_settings().index):
        if library.catalogue.unfinished():
            index_queued(library)
        complete_words(library)


def run_worker(
    settings: Settings, collections: Sequence[str], embedder: "Embedder", patience_s: float = PATIENCE_S
) -> None:
    """Index the documents of these collections until interrupted; what is under way is gone on with later.

    Other workers that do not beat for `patience_s` are taken to be dead.
    """
    from indexer.jobs.queue import Jobs  # noqa: PLC0415 - these take seconds, which `--help` need not wait
    from indexer.jobs.worker import Worker  # noqa: PLC0415

    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with ExitStack() as opened:
        jobs = Jobs.open(settings)
        opened.callback(jobs.close)
        libraries = []
        for name in collections:
            index = settings.index.model_copy(update={"collection": name})
            libraries.append(open_library(settings.model_copy(update={"index": index}), embedder, jobs.queue))
            opened.callback(libraries[-1].close)
        running = Worker(settings, jobs, libraries, patience_s)
        running.start()
        typer.echo(f"Indexing {', '.join(collections)}. Ctrl+C ends it.")
        ended.wait()
        running.stop()


def check_shared(settings: Settings) -> None:
    """Raises BadSetting where the settings keep everything inside one process."""
    if not is_server(settings.index):
        raise BadSetting(
            "Worker processes need a database that they can share.",
            remedy="Set VDR_DATABASE_URL to a PostgreSQL database; without one, vdr serve indexes by itself.",
        )
    if settings.index.qdrant_url is None:
        raise BadSetting(
            "Worker processes need an index that they can share.",
            remedy="Set VDR_QDRANT_URL to a Qdrant server; without one, vdr serve indexes by itself.",
        )
