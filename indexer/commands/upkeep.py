"""The commands `vdr check`, `vdr reindex` and `vdr ocr`: what keeps a library sound."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from indexer import upkeep
from indexer.commands.index import complete_words, index_queued
from indexer.jobs.queue import Jobs
from indexer.library import Library, open_library
from indexer.ocr.pages import check_ocr
from vdr.catalogue.database import is_server
from vdr.errors import BadSetting, ExitCode, NotFound
from vdr.models.embedder import load_embedder
from vdr.settings import OcrMode, read_settings
from vdr.types import Document


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
) -> None:
    """Look whether files, page images and vectors agree with the list of documents. Exit code 1 if not."""
    with opened_library() as library:
        check_library(library, repair=repair)


def reindex(
    documents: Annotated[
        list[str] | None, typer.Argument(help="Names or ids of documents; all if none is named.")
    ] = None,
) -> None:
    """Make page images, words and vectors of documents anew from their files."""
    with opened_library() as library:
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
    with opened_library() as library:
        for document in _chosen(library, documents or []):
            library.catalogue.ask_ocr(document.document_id)
        _index_queued(library)


@contextmanager
def opened_library() -> Iterator[Library]:
    """The library of the settings; where workers share it, what is queued is queued for them."""
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


def check_library(library: Library, *, repair: bool) -> None:
    """Say what is wrong, and mend it if asked to. Raises typer.Exit where faults are left."""
    unmended = 0
    for finding in list(upkeep.check(library)):
        is_mended = repair and upkeep.repair(library, finding)
        unmended += not is_mended
        typer.echo(f"{finding}{' (mended)' if is_mended else ''}")
    if repair:
        _index_queued(library)
    typer.echo(f"{unmended} faults are left." if unmended else "All is well.")
    if unmended:
        raise typer.Exit(ExitCode.SOME_FAILED)


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
