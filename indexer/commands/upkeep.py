"""The commands `vdr check`, `vdr reindex` and `vdr ocr`, which keep a library consistent."""

from collections.abc import Sequence
from typing import Annotated

import typer

from indexer import upkeep
from indexer.commands.index import complete_words, index_queued
from indexer.commands.options import AnyCollectionOption, CollectionOption
from indexer.library import Library
from indexer.naming import ids_in_any_case, named, not_named
from indexer.ocr.pages import check_ocr
from indexer.services import Services, open_services
from vdr.catalogue.database import is_server
from vdr.environment import read_settings
from vdr.errors import BadSetting, ExitCode
from vdr.settings import OcrMode


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired.")] = False,
    collection: AnyCollectionOption = None,
) -> None:
    """Check that files, page images and vectors match the documents. Exits with 1 if problems remain."""
    with open_services(read_settings()) as services:
        check_libraries(libraries_of(services, collection), repair=repair)


def reindex(
    documents: Annotated[
        list[str] | None,
        typer.Argument(metavar="DOCUMENT", help="Documents, by name or id. Default: all."),
    ] = None,
    collection: AnyCollectionOption = None,
) -> None:
    """Rebuild page images, words and vectors of documents from the stored files."""
    with open_services(read_settings()) as services:
        libraries = libraries_of(services, collection)
        chosen = _chosen(libraries, documents or [])
        for library in dict.fromkeys(library for library, _ in chosen):
            _check_model(library)
        for library, document_id in chosen:
            library.rebuild(document_id)
        _exit_with(sum(map(_index_queued, libraries)))


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
        for _, document_id in _chosen([library], documents or []):
            library.catalogue.ask_ocr(document_id)
        _exit_with(_index_queued(library))


def check_libraries(libraries: Sequence[Library], *, repair: bool) -> None:
    """Say what is wrong with each, and repair it if asked to. Raises typer.Exit where problems remain."""
    unrepaired = 0
    for library in libraries:
        place = f"{library.collection.name}: " if len(libraries) > 1 else ""
        unrepaired += _check(library, place, repair=repair)
    typer.echo(f"{unrepaired} problems remain." if unrepaired else "No problems found.")
    _exit_with(unrepaired)


def libraries_of(services: Services, collection: str | None = None) -> list[Library]:
    """The library of a collection, or where none is named, those of all."""
    names = [each.name for each in services.collections.list()] if collection is None else [collection]
    return [services.library(name) for name in names]


def _check(library: Library, place: str, *, repair: bool) -> int:
    """Check one library; how many problems remain."""
    unrepaired, findings = 0, list(upkeep.check(library))
    if repair and any(finding.fault in upkeep.INDEXED_AGAIN for finding in findings):
        _check_model(library)
    for finding in findings:
        is_repaired = repair and upkeep.repair(library, finding)
        unrepaired += not is_repaired
        typer.echo(f"{place}{finding}{' (repaired)' if is_repaired else ''}")
    return unrepaired + (_index_queued(library) if repair else 0)


def _chosen(libraries: Sequence[Library], wanted: Sequence[str]) -> list[tuple[Library, str]]:
    """The documents with these names or ids, in whatever libraries they are; without any, all.

    Raises NotFound for one that is in no library.
    """
    if not wanted:
        return [(library, document_id) for library in libraries for document_id in library.catalogue.ids()]
    return list(dict.fromkeys(found for each in wanted for found in _find(libraries, each)))


def _find(libraries: Sequence[Library], wanted: str) -> list[tuple[Library, str]]:
    names = {library: library.catalogue.names() for library in libraries}
    found = [(library, each) for library in libraries for each in library.catalogue.ids(named(wanted))] or [
        (library, each) for library in libraries for each in ids_in_any_case(wanted, names[library])
    ]
    if not found:
        raise not_named(wanted, (name for each in names.values() for _, name in each))
    return found


def _check_model(library: Library) -> None:
    """Raises ModelError and IndexMismatch where the pages cannot be made, before any of them is given up.

    Where workers make them, their model is not known here.
    """
    if not is_server(read_settings().index):
        library.models.embedder(library.collection.settings, library.generation)
        library.claim()


def _index_queued(library: Library) -> int:
    """Index what is queued, where no worker will; how many documents failed."""
    if is_server(read_settings().index):
        return 0
    failed = index_queued(library).failed if library.catalogue.unfinished() else 0
    return failed + complete_words(library)


def _exit_with(failed: int) -> None:
    if failed:
        raise typer.Exit(ExitCode.SOME_FAILED)
