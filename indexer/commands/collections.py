"""The commands `vdr collections list`, `create` and `delete`."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.naming import check_collection_name
from indexer.services import Services, open_services
from vdr.settings import OcrMode, read_settings
from vdr.types import CollectionSettings

collections = typer.Typer(help="Create, list and delete collections.", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the collection.", callback=check_collection_name)
]


@collections.command("list")
def list_collections() -> None:
    """List collections with their number of documents and the model that built their index."""
    with open_services(read_settings()) as services:
        Console().print(_table(services))


@collections.command("create")
def create_collection(
    name: Name,
    description: Annotated[str, typer.Option(help="Description of the collection.")] = "",
    embedder: Annotated[
        str | None,
        typer.Option(help="Checkpoint that builds its index: VDR_EMBEDDER or one of VDR_EMBEDDERS."),
    ] = None,
    dims: Annotated[int | None, typer.Option(min=8, help="Matryoshka dimensions to keep.")] = None,
    ocr: Annotated[OcrMode | None, typer.Option(help="Which pages to OCR after indexing.")] = None,
    ocr_language: Annotated[str | None, typer.Option(help="Tesseract languages, such as deu+fra.")] = None,
) -> None:
    """Create a collection. Options that are not given use the settings."""
    settings = CollectionSettings(embedder=embedder, dims=dims, ocr=ocr, ocr_language=ocr_language)
    with open_services(read_settings()) as services:
        services.check_settings(settings)
        services.collections.create(name, description, settings)
    typer.echo(f"Created collection {name}.")


@collections.command("delete")
def delete_collection(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete a collection with all its documents, page images, words and vectors."""
    with open_services(read_settings()) as services:
        services.collections.get(name)
        count = services.collections.count_documents(name)
        if not yes:
            typer.confirm(f"Delete collection {name} with {count:,} documents?", abort=True)
        services.delete_collection(name)
        typer.echo(f"Deleted collection {name}.")


def _table(services: Services) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("collection", "documents", "model", "description"):
        table.add_column(heading, overflow="fold")
    for each in services.collections.list():
        _, generation = services.collections.opened(each.name)
        count = services.collections.count_documents(each.name)
        model = generation.embedder or (generation.fingerprint or "")[:12]
        table.add_row(each.name, f"{count:,}", model, Text(each.description))
    return table
