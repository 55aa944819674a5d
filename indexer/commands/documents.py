"""The commands `vdr documents list` and `delete`."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.commands.options import CollectionOption
from indexer.commands.reporting import counted, json_text
from indexer.library import Library
from indexer.naming import ID_SHOWN, ids_named, not_named, to_the_minute
from indexer.services import open_services
from vdr.catalogue.listing import place_of
from vdr.errors import BadInput
from vdr.filters import parse_filter_text, to_json
from vdr.search.request import all_of
from vdr.settings import read_settings
from vdr.types import Condition, Document, Filter, Listing, Operator

documents = typer.Typer(help="List and delete documents.", no_args_is_help=True)

_A_TIME = 200  # documents read from the database at once
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
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object per line.")] = False,
    collection: CollectionOption = None,
) -> None:
    """List documents, newest first: id, name, pages, state and when each was added."""
    where = _parsed(filter)
    with open_services(read_settings()) as services:
        library = services.library(collection)
        chosen = _newest_first(library, all_of(_named(library, names or ()), where), limit)
        if as_json:
            for document in chosen:
                typer.echo(json_text(_as_json(document)))
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
    with open_services(read_settings()) as services:
        library = services.library(collection)
        chosen = list(_newest_first(library, all_of(_named(library, names or ()), where)))
        _say_chosen(chosen)
        if dry_run or not chosen:
            typer.echo("Nothing was deleted.")
            return
        if not yes:
            typer.confirm(f"Delete {counted(len(chosen), 'document')}?", abort=True)
        library.delete_all([document.document_id for document in chosen])
        typer.echo(f"Deleted {counted(len(chosen), 'document')}.")


def _parsed(filter: str | None) -> Filter | None:
    return None if filter is None else parse_filter_text(filter)


def _named(library: Library, names: Sequence[str]) -> Filter | None:
    """The documents of these names or ids; None without any. Raises NotFound for one that is not there."""
    if not names:
        return None
    found: list[str] = []
    for name in names:
        ids = ids_named(library.catalogue, name)
        if not ids:
            raise not_named(name)
        found += ids
    return Condition("document_id", Operator.IN, tuple(found))


def _newest_first(library: Library, where: Filter | None, limit: int | None = None) -> Iterator[Document]:
    listing, after, left = Listing(where), None, limit
    while left is None or left > 0:
        size = _A_TIME if left is None else min(_A_TIME, left)
        found = library.catalogue.page(size, listing, after)
        yield from found
        if len(found) < size:
            return
        after, left = place_of(found[-1]), None if left is None else left - size


def _say_chosen(chosen: Sequence[Document]) -> None:
    for document in chosen[:_NAMED]:
        also = f", also known as {', '.join(document.other_names)}" if document.other_names else ""
        typer.echo(f"{document.document_id[:ID_SHOWN]}  {document.name}{also}")
    if len(chosen) > _NAMED:
        typer.echo(f"... and {len(chosen) - _NAMED:,} more")


def _table(chosen: Iterator[Document]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("id", no_wrap=True)
    table.add_column("document", overflow="fold")
    for heading, justify in (("pages", "right"), ("state", "left"), ("added", "left")):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for each in chosen:
        name, pages = Text("\n".join((each.name, *each.other_names))), f"{each.page_count:,}"
        table.add_row(
            each.document_id[:ID_SHOWN],
            name,
            pages,
            each.indexing.state.value,
            to_the_minute(each.created_at),
        )
    return table


def _as_json(document: Document) -> dict[str, object]:
    return {
        "document_id": document.document_id,
        "name": document.name,
        "other_names": document.other_names,
        "state": document.indexing.state,
        "page_count": document.page_count,
        "size_bytes": document.size_bytes,
        "created_at": document.created_at,
        "kind": document.kind,
        "metadata": to_json(document.metadata),
        "error_code": document.indexing.error_code,
    }
