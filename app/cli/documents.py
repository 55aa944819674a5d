"""The commands `vdr documents list` and `delete`."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.api.documents.schemas import DocumentOut
from app.cli.corpus import Corpus, in_documents_named, open_corpus
from indexer.commands.options import CollectionOption
from indexer.commands.reporting import counted, json_text, printable
from indexer.naming import ID_SHOWN, to_the_minute
from vdr.environment import read_settings
from vdr.errors import BadInput
from vdr.filters import parse_filter_text
from vdr.search.request import all_of
from vdr.types import Filter

documents = typer.Typer(help="List and delete documents.", no_args_is_help=True)

_NAMED = 20  # of those to be deleted

FilterOption = Annotated[
    str | None, typer.Option("--filter", help="Only documents that pass this filter, in JSON.")
]


@documents.command("list")
def list_documents(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="DOCUMENT", help="Documents, by name or id. Default: all."),
    ] = None,
    filter: FilterOption = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of documents. Default: all.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON object per line, as the API returns it.")
    ] = False,
    collection: CollectionOption = None,
) -> None:
    """List documents, newest first: id, name, pages, state and when each was added."""
    where = _parsed(filter)
    with open_corpus(read_settings(), collection) as corpus:
        chosen = corpus.documents(all_of(in_documents_named(corpus, names or ()), where), limit)
        if as_json:
            for document in chosen:
                typer.echo(json_text(document.model_dump(mode="json")))
        else:
            Console().print(_table(chosen))


@documents.command("delete")
def delete_documents(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="DOCUMENT", help="Documents, by name or id.")
    ] = None,
    filter: FilterOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    collection: CollectionOption = None,
) -> None:
    """Delete documents with their files, page images, words and vectors.

    With names and a filter, those of the names that pass the filter.
    """
    if not names and filter is None:
        raise BadInput("No documents were chosen.", remedy="Name them, or give a --filter.")
    where = _parsed(filter)
    with open_corpus(read_settings(), collection) as corpus:
        _delete(corpus, all_of(in_documents_named(corpus, names or ()), where), dry_run=dry_run, yes=yes)


def _delete(corpus: Corpus, where: Filter | None, *, dry_run: bool, yes: bool) -> None:
    chosen = list(corpus.documents(where))
    _say_chosen(chosen)
    if dry_run or not chosen:
        typer.echo("Nothing was deleted.")
        return
    if not yes:
        typer.confirm(f"Delete {counted(len(chosen), 'document')}?", abort=True)
    corpus.delete([document.document_id for document in chosen])
    typer.echo(f"Deleted {counted(len(chosen), 'document')}.")


def _parsed(filter: str | None) -> Filter | None:
    return None if filter is None else parse_filter_text(filter)


def _say_chosen(chosen: Sequence[DocumentOut]) -> None:
    for document in chosen[:_NAMED]:
        also = f", also known as {', '.join(document.other_names)}" if document.other_names else ""
        typer.echo(printable(f"{document.document_id[:ID_SHOWN]}  {document.name}{also}"))
    if len(chosen) > _NAMED:
        typer.echo(f"... and {len(chosen) - _NAMED:,} more")


def _table(chosen: Iterator[DocumentOut]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("id", no_wrap=True)
    table.add_column("document", overflow="fold")
    for heading, justify in (("pages", "right"), ("state", "left"), ("added", "left")):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for each in chosen:
        name, pages = Text("\n".join((each.name, *each.other_names))), f"{each.page_count:,}"
        added = to_the_minute(str(each.added_at))
        table.add_row(each.document_id[:ID_SHOWN], name, pages, each.state.value, added)
    return table
