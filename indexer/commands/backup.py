"""The commands `vdr backup` and `vdr restore`."""

from pathlib import Path
from typing import Annotated

import typer

from indexer.backup import back_up
from indexer.backup import restore as restore_backup
from indexer.commands.upkeep import check_library
from indexer.services import open_services
from vdr.settings import read_settings


def backup(
    folder: Annotated[Path, typer.Argument(help="Where to; a folder that is not there yet.")],
) -> None:
    """Copy the database and the objects of VDR_DATA_DIR to FOLDER; a service may run meanwhile."""
    back_up(read_settings().index, folder)
    typer.echo(f"{folder} holds everything but the vectors, which are rebuilt from it.")


def restore(folder: Annotated[Path, typer.Argument(help="What vdr backup has written.")]) -> None:
    """Put a backup into an empty VDR_DATA_DIR and index its documents. Exits with 1 if problems remain."""
    restore_backup(read_settings().index, folder)
    typer.echo("Everything is back but the vectors. If this is interrupted, vdr check --repair resumes it.")
    with open_services(read_settings()) as services:
        for collection in services.collections.list():
            check_library(services.library(collection.name), repair=True)
