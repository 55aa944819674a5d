"""The commands `vdr pairs build`, `mine`, `show` and `export`: training pairs out of a team's own PDFs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from datasets import disable_progress_bars
from rich.console import Console
from rich.table import Table

from indexer.naming import check_collection_name
from indexer.services import open_services
from training.pairs.build import BuildTask
from training.pairs.build import build as build_pairs
from training.pairs.config import read_config
from training.pairs.dataset import check_replaceable, read_pairs
from training.pairs.export import export as export_held_out
from training.pairs.library import library_source
from training.pairs.manifest import Manifest
from training.pairs.show import show as write_sheet
from vdr.environment import read_settings
from vdr.settings import ModelSettings

if TYPE_CHECKING:  # takes seconds to import, and only mining needs it
    from training.pairs.negatives import Demand
    from vdr.models.embedder import Embedder

pairs = typer.Typer(no_args_is_help=True, help="Build training pairs from your own PDFs.")


@pairs.command()
def build(
    pdfs: Annotated[
        list[str] | None, typer.Argument(metavar="PDF", help="PDFs: files, folders or patterns.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Output folder; an existing data set is replaced.")] = Path(
        "pairs"
    ),
    questions: Annotated[
        list[str] | None,
        typer.Option(
            help="Labelled questions: .jsonl, .csv, or folder or Hub name of a data set. May be repeated."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML file with weights of sources, rules, columns and endpoint.")
    ] = None,
    eval_share: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Share of documents held out for evaluation.")
    ] = 0.15,
    page_long_side: Annotated[
        int | None,
        typer.Option(
            min=256, max=8_192, help="Long side of page images, in pixels. Default: VDR_PAGE_LONG_SIDE."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed; the same seed gives the same pairs.")] = 0,
    collection: Annotated[
        str | None,
        typer.Option(
            help="Take the pages of this collection, its labelled questions, and feedback on its searches."
        ),
    ] = None,
) -> None:
    """Build queries with their relevant pages from PDFs, labelled questions, and a collection."""
    task = BuildTask(
        out, tuple(pdfs or ()), tuple(questions or ()), read_config(config), eval_share, seed, collection
    )
    run_build(task, page_long_side)


def run_build(task: BuildTask, page_long_side: int | None) -> None:
    """Build with the settings of the environment, and print what came of it."""
    settings = read_settings()
    ingest = settings.ingest
    if page_long_side is not None:
        ingest = ingest.model_copy(update={"page_long_side": page_long_side})
    disable_progress_bars()
    if task.collection is None:
        _print_build(task.out, build_pairs(task, ingest, typer.echo))
        return
    check_replaceable(task.out)
    with open_services(settings) as services:
        library = services.library(check_collection_name(task.collection))
        source = library_source(services, library)
        _print_build(task.out, build_pairs(task, ingest, typer.echo, source))


@pairs.command()
def mine(
    dataset: Annotated[Path, typer.Argument(metavar="PAIRS", help="Folder that vdr pairs build wrote.")],
    negatives: Annotated[int, typer.Option(min=1, max=64, help="Negatives per row.")] = 4,
    margin: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Minimum score gap between the relevant page and a negative."),
    ] = 0.05,
    same_document_share: Annotated[
        float,
        typer.Option(
            min=0.0, max=1.0, help="Share of negatives from the same document as the relevant page."
        ),
    ] = 0.5,
    embedder: Annotated[
        str | None,
        typer.Option(help="Folder or Hub name of a checkpoint. Default: the first of VDR_EMBEDDER."),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Random seed for the pages drawn when too few negatives are found.")
    ] = 0,
) -> None:
    """Give every pair hard negatives, found with the current embedder."""
    from training.pairs.negatives import Demand  # noqa: PLC0415 - takes seconds
    from vdr.models.embedder import load_embedder  # noqa: PLC0415 - takes seconds
    from vdr.models.several import first_of  # noqa: PLC0415 - not all need it

    settings = read_settings().model
    if embedder is not None:
        settings = settings.model_copy(update={"embedder": embedder})
    demand = Demand(negatives, margin, same_document_share, seed)
    run_mine(dataset, demand, first_of(settings), load_embedder)


def run_mine(
    dataset: Path,
    demand: "Demand",
    settings: ModelSettings,
    load: Callable[[ModelSettings], "Embedder"],
) -> None:
    """Mine, and print what came of it."""
    from training.pairs.mine import mine as mine_negatives  # noqa: PLC0415 - takes seconds

    disable_progress_bars()
    read_pairs(dataset)  # what is wrong with it is said before a model is loaded
    mining = mine_negatives(dataset, load(settings), demand, typer.echo).mining
    if mining is not None:
        mined, padded = sum(mining.mined.values()), sum(mining.padded.values())
        typer.echo(f"{mined:,} negatives mined, {padded:,} drawn at random where too few were found.")


@pairs.command()
def show(
    dataset: Annotated[Path, typer.Argument(metavar="PAIRS", help="Folder that vdr pairs build wrote.")],
    out: Annotated[Path, typer.Option(help="HTML file to write.")] = Path("pairs.html"),
    count: Annotated[int, typer.Option(min=1, max=1_000, help="Maximum number of queries to show.")] = 40,
    seed: Annotated[int, typer.Option(help="Random seed for which queries are shown.")] = 0,
) -> None:
    """Show pairs on one sheet of HTML, to judge them by."""
    shown = write_sheet(dataset, out, count, seed)
    typer.echo(f"{shown} queries written to {out}.")


@pairs.command()
def export(
    dataset: Annotated[Path, typer.Argument(metavar="PAIRS", help="Folder that vdr pairs build wrote.")],
    out: Annotated[Path, typer.Option(help="Folder to write; it must not exist.")] = Path("held-out"),
) -> None:
    """Write the held-out questions and their pages, as scans, for vdr evaluate: whole searches."""
    questions, pages = export_held_out(dataset, out)
    typer.echo(f"{out}: {questions:,} questions about {pages:,} pages.")


def _print_build(out: Path, manifest: Manifest) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("source", "rule"):
        table.add_column(heading)
    for heading in ("train", "eval"):
        table.add_column(heading, justify="right")
    for source, rule in manifest.kinds:
        counts = (f"{manifest.count(split, source, rule):,}" for split in ("train", "eval"))
        table.add_row(source, rule, *counts)
    Console().print(table)
    for reason, count in sorted(manifest.dropped.items()):
        typer.echo(f"dropped: {count:,} {reason}")
    for warning in manifest.warnings:
        typer.echo(f"warning: {warning}")
    if manifest.feedback is not None and manifest.feedback.searches:
        used = manifest.feedback
        ranks = f"{used.interventions:,} impressions" if used.interventions else "none, so the prior holds"
        typer.echo(f"feedback of {used.searches:,} searches; ranks told apart by {ranks}")
    pages, documents = sum(manifest.pages.values()), sum(manifest.documents.values())
    typer.echo(f"{out}: {pages:,} pages of {documents:,} documents.")
