"""The commands `vdr check`, `vdr reindex` and `vdr ocr`, which keep a library consistent."""

from collections.abc import Sequence
from typing import Annotated

import typer

from indexer import upkeep
from indexer.commands.index import complete_words, index_queued
from indexer.commands.options import CollectionOption
from indexer.library import Library
from indexer.ocr.pages import check_ocr
from indexer.services import open_services
from vdr.catalogue.database import is_server
from vdr.errors import BadSetting, ExitCode, NotFound
from vdr.settings import OcrMode, read_settings
from vdr.types import Document


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired.")] = False,
    collection: CollectionOption = None,
) -> None:
    """Check that files, page images and vectors match the documents. Exits with 1 if problems remain."""
    with open_services(read_settings()) as services:
        check_library(services.library(collection), repair=repair)


def reindex(
    documents: Annotated[
        list[str] | None,
        typer.Argument(metavar="DOCUMENT", help="Documents, by name or id. Default: all."),
    ] = None,
    collection: CollectionOption = None,
) -> None:
    """Rebuild page images, words and vectors of documents from the stored files."""
    with open_services(read_settings()) as services:
        library = services.library(collection)
        for document in _chosen(library, documents or []):
            library.rebuild(document.document_id)
        _index_queued(library)


def ocr(
    documents: Annotated[
        list[str] | None,
        typer.Argument(metavar="DOCUMENT", help="Documents, by name or id. Default: all."),
    ] = None,
    collection: CollectionOption = None,
) -> None:
    """Run OCR on indexed documents. VDR_OCR or the collection selects the pages."""
    with open_services(read_settings()) as services:
        library = services.library(collection)
        if library.settings.ocr is OcrMode.OFF:
            raise BadSetting("OCR is off.", remedy="Set VDR_OCR to missing or all.")
        check_ocr(library.collection.name, library.settings)
        for document in _chosen(library, documents or []):
            library.catalogue.ask_ocr(document.document_id)
        _index_queued(library)


def check_library(library: Library, *, repair: bool) -> None:
    """Say what is wrong, and repair it if asked to. Raises typer.Exit where problems remain."""
    unrepaired = 0
    for finding in list(upkeep.check(library)):
        is_repaired = repair and upkeep.repair(library, finding)
        unrepaired += not is_repaired
        typer.echo(f"{finding}{' (repaired)' if is_repaired else ''}")
    if repair:
        _index_queued(library)
    typer.echo(f"{unrepaired} problems remain." if unrepaired else "No problems found.")
    if unrepaired:
        raise typer.Exit(ExitCode.SOME_FAILED)


def _chosen(library: Library, wanted: Sequence[str]) -> list[Document]:
    """The documents with these names or ids. Raises NotFound for an unknown one."""
    known = [library.catalogue.get(document_id) for document_id in library.catalogue.ids()]
    if not wanted:
        return known
    missing = set(wanted) - {name for each in known for name in (each.name, each.document_id)}
    if missing:
        raise NotFound(
            f"Document {sorted(missing)[0]} does not exist.",
            remedy="List documents in the web UI or with GET /v1/documents.",
        )
    return [each for each in known if each.name in wanted or each.document_id in wanted]


def _index_queued(library: Library) -> None:
    """Index what is queued, where no worker will."""
    if not is_server(read_settings().index):
        if library.catalogue.unfinished():
            index_queued(library)
        complete_words(library)
