"""The commands `vdr generations list`, `create`, `build`, `switch`, `rollback` and `drop`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Protocol

import typer
from rich.console import Console
from rich.table import Table

from app.api.generations.schemas import GenerationDetails, GenerationState
from app.client.finding import found_service
from app.client.served import ServedGenerations, chosen_collection
from indexer.commands.options import CollectionOption
from vdr.environment import read_settings
from vdr.settings import Settings

generations = typer.Typer(
    help="Build an index by another model beside the one that serves, and switch to it.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="GENERATION", help="Name of the generation, such as g2.")]


class Generations(Protocol):
    """The generations of a collection, wherever it is. All methods raise what went wrong there."""

    def list(self) -> Sequence[GenerationDetails]:
        """All of them, oldest first. Raises CollectionNotFound."""
        ...

    def create(self, embedder: str | None, dims: int | None) -> GenerationDetails:
        """Make a generation that is still to be built. Raises BadInput."""
        ...

    def build(self, name: str) -> GenerationDetails:
        """Build what it lacks, or have it built. Raises GenerationServes."""
        ...

    def switch(self, name: str) -> GenerationDetails:
        """Have it answer searches. Raises GenerationIncomplete, GenerationServes."""
        ...

    def roll_back(self) -> GenerationDetails:
        """Have the one before answer them again. Raises GenerationNotFound."""
        ...

    def drop(self, name: str) -> None:
        """Remove it. Raises GenerationServes."""
        ...


@contextmanager
def open_generations(settings: Settings, collection: str | None) -> Iterator[Generations]:
    """The generations of a collection of the service that runs, or else of the settings."""
    with found_service(settings) as connection:
        if connection is not None:
            chosen = chosen_collection(settings, collection) or settings.index.collection
            yield ServedGenerations(connection, chosen)
            return
    from app.cli.local_generations import generations_here  # noqa: PLC0415 - a service spares its clients

    with generations_here(settings, collection or settings.index.collection) as opened:
        yield opened


@generations.command("list")
def list_generations(collection: CollectionOption = None) -> None:
    """List generations: which one serves, by which model each is built, and how far it has come."""
    with open_generations(read_settings(), collection) as opened:
        Console().print(_table(opened.list()))


@generations.command("create")
def create_generation(
    collection: CollectionOption = None,
    embedder: Annotated[
        str | None,
        typer.Option(help="Checkpoint that builds it: VDR_EMBEDDER or one of VDR_EMBEDDERS."),
    ] = None,
    dims: Annotated[int | None, typer.Option(min=8, help="Matryoshka dimensions to keep.")] = None,
) -> None:
    """Create a generation. Options that are not given use the settings."""
    with open_generations(read_settings(), collection) as opened:
        created = opened.create(embedder, dims)
    typer.echo(f"Created generation {created.name}. Build it with: vdr generations build {created.name}")


@generations.command("build")
def build_generation(name: Name, collection: CollectionOption = None) -> None:
    """Build what a generation lacks, from the page images and words that are kept. It can be interrupted."""
    with open_generations(read_settings(), collection) as opened:
        built = opened.build(name)
    typer.echo(f"Generation {built.name}: {_progress(built)}.")
    if built.state is GenerationState.READY:
        typer.echo(f"Switch to it with: vdr generations switch {built.name}")


@generations.command("switch")
def switch_generation(name: Name, collection: CollectionOption = None) -> None:
    """Have a generation answer searches from now on; the one before is kept to go back to."""
    with open_generations(read_settings(), collection) as opened:
        typer.echo(f"Generation {opened.switch(name).name} answers searches now.")


@generations.command("rollback")
def roll_back(collection: CollectionOption = None) -> None:
    """Have the generation that served before answer searches again."""
    with open_generations(read_settings(), collection) as opened:
        typer.echo(f"Generation {opened.roll_back().name} answers searches again.")


@generations.command("drop")
def drop_generation(
    name: Name,
    collection: CollectionOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Remove a generation with its vectors; documents stay."""
    if not yes:
        typer.confirm(f"Drop generation {name}?", abort=True)
    with open_generations(read_settings(), collection) as opened:
        opened.drop(name)
    typer.echo(f"Dropped generation {name}.")


def _table(shown: Sequence[GenerationDetails]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("generation", "state", "documents", "model", "dimensions"):
        table.add_column(heading, overflow="fold")
    for each in shown:
        dims = "" if each.dims is None else f"{each.dims:,}"
        table.add_row(each.name, each.state.value, _progress(each), each.embedder or "", dims)
    return table


def _progress(shown: GenerationDetails) -> str:
    failed = f", {shown.failed:,} failed" if shown.failed else ""
    return f"{shown.indexed:,} of {shown.documents:,}{failed}"
