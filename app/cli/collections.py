"""The commands `vdr collections list`, `create` and `delete`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Protocol

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.api.collections.schemas import CollectionOut
from app.client.finding import found_service
from app.client.served import ServedCollections
from indexer.naming import check_collection_name
from vdr.environment import read_settings
from vdr.settings import OcrMode, Settings
from vdr.types import CollectionSettings

collections = typer.Typer(help="Create, list and delete collections.", no_args_is_help=True)


class Collections(Protocol):
    """All collections, wherever they are. All methods raise what went wrong there, as the same error."""

    def list(self) -> Sequence[CollectionOut]:
        """All of them, by name."""
        ...

    def get(self, name: str) -> CollectionOut:
        """The collection of that name. Raises CollectionNotFound."""
        ...

    def create(self, name: str, description: str, settings: CollectionSettings) -> None:
        """Make a collection. Raises CollectionExists, BadInput."""
        ...

    def delete(self, name: str) -> None:
        """Delete a collection with all that belongs to it. Raises CollectionNotFound."""
        ...


@contextmanager
def open_collections(settings: Settings) -> Iterator[Collections]:
    """The collections of the service that runs, or else of the settings, open inside the block."""
    with found_service(settings) as connection:
        if connection is not None:
            yield ServedCollections(connection)
            return
    from app.cli.local import collections_here  # noqa: PLC0415 - a service spares its clients the database

    with collections_here(settings) as opened:
        yield opened


Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the collection.", callback=check_collection_name)
]


@collections.command("list")
def list_collections() -> None:
    """List collections: documents, the model that built the index, and the plan that searches go by."""
    with open_collections(read_settings()) as opened:
        Console().print(_table(opened.list()))


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
    with open_collections(read_settings()) as opened:
        opened.create(name, description, settings)
    typer.echo(f"Created collection {name}.")


@collections.command("delete")
def delete_collection(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete a collection with all its documents, page images, words and vectors."""
    with open_collections(read_settings()) as opened:
        count = opened.get(name).documents
        if not yes:
            typer.confirm(f"Delete collection {name} with {count:,} documents?", abort=True)
        opened.delete(name)
        typer.echo(f"Deleted collection {name}.")


def _table(shown: Sequence[CollectionOut]) -> Table:
    plans = [_plan(each) for each in shown]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("collection", "documents", "model", *(["plan"] if any(plans) else []), "description"):
        table.add_column(heading, overflow="fold")
    for each, plan in zip(shown, plans, strict=True):
        model = each.generation.embedder or (each.generation.fingerprint or "")[:12]
        own = [Text(plan)] if any(plans) else []
        table.add_row(each.name, f"{each.documents:,}", model, *own, Text(each.description))
    return table


def _plan(shown: CollectionOut) -> str:
    """The plan that it keeps, when it was tuned, and on how many questions."""
    plan = shown.plan
    return "" if plan is None else f"{plan} ({plan.tuned_at:%Y-%m-%d}, {plan.questions:,} questions)"
