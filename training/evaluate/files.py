"""Writes files whole: a run that breaks off leaves none that is half written."""

from pathlib import Path

from vdr.errors import BadInput


def write_whole(file: Path, content: str) -> None:
    """Write a file so that it is there with all of its content or not at all."""
    draft = file.with_name(file.name + ".new")
    draft.write_text(content, encoding="utf-8")
    draft.replace(file)


def check_writable(file: Path) -> None:
    """Raises BadInput if no file can be written there; better before an hour's work than after."""
    if file.is_dir() or not file.parent.is_dir():
        raise BadInput(f"{file} cannot be written.", remedy="Name a file in a folder that exists.")
