"""The command `vdr index`: documents in, by way of the service that runs, or here where there is none."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.client.finding import found_service
from app.client.indexing import index_by_service
from app.client.served import ServedCorpus, chosen_collection
from indexer.commands.describing import read_described
from indexer.commands.index import run
from indexer.commands.options import CollectionOption
from vdr.environment import read_settings


def index(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, or patterns such as '*.pdf'.")],
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Prompt for the password of protected PDFs.")
    ] = False,
    metadata: Annotated[
        list[str] | None,
        typer.Option(help="Metadata of all files, as key=value. May be repeated.", metavar="KEY=VALUE"),
    ] = None,
    metadata_file: Annotated[
        Path | None, typer.Option(help="Metadata by file name, as CSV (.csv) or JSON lines (.jsonl).")
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Delete other documents of the same name once the new one is indexed."
        ),
    ] = False,
    hidden: Annotated[
        bool,
        typer.Option("--hidden", help="Include hidden files, trash folders and system files."),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="List what is skipped in folders, and why.")
    ] = False,
    collection: CollectionOption = None,
) -> None:
    """Index documents. Files already indexed are skipped.

    Any metadata given replaces theirs as well. In folders, hidden files, trash folders and vdr's own data are
    skipped. If a service is running (VDR_URL, or vdr serve on the same data), it indexes them.
    """
    described = read_described(metadata or (), metadata_file)
    password = typer.prompt("Password", hide_input=True) if ask_password else None
    settings = read_settings()
    with found_service(settings) as connection:
        elsewhere = None
        if connection is not None:
            corpus = ServedCorpus(connection, chosen_collection(settings, collection))
            elsewhere = partial(
                index_by_service, corpus, password=password, described=described, replace=replace
            )
        code = run(
            paths,
            collection=collection,
            password=password,
            described=described,
            replace=replace,
            hidden=hidden,
            verbose=verbose,
            elsewhere=elsewhere,
        )
    if code:
        raise typer.Exit(code)
