"""The commands `vdr feedback summary`, `export` and `delete`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.api.feedback.schemas import FeedbackDeletion, FeedbackSummary, check_chosen, choice_of
from app.client.feedback import ServedFeedback
from app.client.finding import found_service
from app.client.served import chosen_collection
from indexer.commands.options import CollectionOption
from indexer.commands.reporting import counted, json_text, printable
from vdr.environment import read_settings
from vdr.feedback import Choice
from vdr.files import check_writable, write_whole
from vdr.settings import Settings

feedback = typer.Typer(
    help="Sum up, export and delete searches and the feedback on them.", no_args_is_help=True
)


class FeedbackOfCollection(Protocol):
    """The feedback on a collection, wherever it is. All methods raise what went wrong there."""

    def summary(self) -> FeedbackSummary:
        """How much there is, and who gives it. Raises SearchesNotKept."""
        ...

    def export(self, choice: Choice, *, unjudged: bool) -> Iterator[str]:
        """A line of JSON for each chosen search, oldest first."""
        ...

    def delete(self, choice: Choice, older_than_days: float | None) -> FeedbackDeletion:
        """Delete what is chosen, of what is so old if that is said."""
        ...


@contextmanager
def open_feedback(settings: Settings, collection: str | None) -> Iterator[FeedbackOfCollection]:
    """The feedback on the collection of that name, or of the settings, open inside the block."""
    with found_service(settings) as connection:
        if connection is not None:
            yield ServedFeedback(connection, chosen_collection(settings, collection))
            return
    from app.cli.local_feedback import feedback_here  # noqa: PLC0415 - a service spares its clients the database

    with feedback_here(settings, collection) as opened:
        yield opened


SearchOption = Annotated[
    str | None, typer.Option("--search", metavar="ID", help="Only of this search: its search_id.")
]
ReporterOption = Annotated[str | None, typer.Option(help="Only what this reporter has given.")]
KeyOption = Annotated[
    str | None, typer.Option("--key", metavar="ID", help="Only what came with the API key of this id.")
]


@feedback.command("summary")
def sum_up(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the API returns it.")] = False,
    collection: CollectionOption = None,
) -> None:
    """Count feedback by kind, and show who judges and how often others disagree."""
    with open_feedback(read_settings(), collection) as opened:
        summary = opened.summary()
    if as_json:
        typer.echo(json_text(summary.model_dump(mode="json"), indent=2))
        return
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.kinds.items())
    typer.echo(f"{counted(summary.searches, 'search', 'searches')} kept; feedback: {kinds or 'none'}")
    if summary.reporters:
        Console().print(_table(summary))


@feedback.command("export")
def export(
    out: Annotated[Path | None, typer.Option(help="File to write. Default: standard output.")] = None,
    search: SearchOption = None,
    reporter: ReporterOption = None,
    key: KeyOption = None,
    every: Annotated[bool, typer.Option("--all", help="Searches without feedback as well.")] = False,
    collection: CollectionOption = None,
) -> None:
    """Write searches with the feedback on them, a JSON object a line, oldest first."""
    if out is not None:
        check_writable(out)
    with open_feedback(read_settings(), collection) as opened:
        lines = opened.export(choice_of(search, reporter, key, None), unjudged=every)
        if out is None:
            for line in lines:
                sys.stdout.write(f"{line}\n")
            return
        whole = [f"{line}\n" for line in lines]
    write_whole(out, "".join(whole))
    typer.echo(f"{counted(len(whole), 'search', 'searches')} written to {out}.")


@feedback.command("delete")
def delete(
    search: SearchOption = None,
    reporter: ReporterOption = None,
    key: KeyOption = None,
    older_than_days: Annotated[
        float | None,
        typer.Option("--older-than-days", min=0, help="Only what is so old; 0 is everything."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    collection: CollectionOption = None,
) -> None:
    """Delete searches and the feedback on them: of one search, a reporter, a key, or a time."""
    check_chosen(choice_of(search, reporter, key, older_than_days))
    if not yes:
        typer.confirm("Delete these searches and feedback? This cannot be undone.", abort=True)
    with open_feedback(read_settings(), collection) as opened:
        gone = opened.delete(choice_of(search, reporter, key, None), older_than_days)
    searches = counted(gone.searches, "search", "searches")
    typer.echo(f"Deleted {searches} and {gone.feedback:,} feedback.")


def _table(summary: FeedbackSummary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("reporter", overflow="fold")
    for heading in ("weight", "votes", "compared", "disagreed"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for each in summary.reporters:
        counts = (f"{each.weight:g}", *(f"{n:,}" for n in (each.votes, each.compared, each.disagreed)))
        table.add_row(Text(printable(each.who)), *counts, "outlier" if each.is_outlier else "")
    return table
