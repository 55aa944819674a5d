"""The commands `vdr backup` and `vdr restore`."""

from pathlib import Path
from typing import Annotated

import typer

from indexer.backup import back_up
from indexer.backup import restore as restore_backup
from indexer.commands.upkeep import check_library, opened_library
from vdr.settings import read_settings


def backup(
    folder: Annotated[Path, typer.Argument(help="Where to; a folder that is not there yet.")],
) -> None:
    """Copy the database and the objects of VDR_DATA_DIR to FOLDER; a service may run meanwhile."""
    back_up(read_settings().index, folder)
    typer.echo(f"{folder} holds everything but the vectors, which are made anew from it.")


def restore(folder: Annotated[Path, typer.Argument(help="What vdr backup has written.")]) -> None:
    """Put a backup into an empty VDR_DATA_DIR and index its documents. Exit code 1 if faults are left."""
    restore_backup(read_settings().index, folder)
    typer.echo("Everything is back but the vectors. Should this end early: vdr check --repair goes on.")
    with opened_library() as library:
        check_library(library, repair=True)
