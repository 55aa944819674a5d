"""The commands `vdr backup` and `vdr restore`."""

from pathlib import Path
from typing import Annotated

import typer

from indexer.backup import back_up
from indexer.backup import restore as restore_backup
from indexer.commands.upkeep import check_libraries, libraries_of
from indexer.services import open_services
from vdr.environment import read_settings


def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to create.")],
) -> None:
    """Copy the database and stored files of VDR_DATA_DIR to FOLDER. The service may keep running."""
    back_up(read_settings().index, folder)
    typer.echo(f"Backup written to {folder}. Vectors are not included: vdr restore rebuilds them.")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder that vdr backup wrote.")],
) -> None:
    """Restore a backup to an empty VDR_DATA_DIR and index its documents. Exits with 1 if problems remain."""
    restore_backup(read_settings().index, folder)
    typer.echo("Files restored. Indexing them now; if this is interrupted, vdr check --repair resumes it.")
    with open_services(read_settings()) as services:
        check_libraries(libraries_of(services), repair=True)
