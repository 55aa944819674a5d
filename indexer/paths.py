"""Finds the PDFs that a user means: files, folders and patterns."""

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from vdr.errors import BadInput


def find_pdfs(paths: Sequence[str]) -> list[Path]:
    """The files meant by `paths`, each once: files as named, folders with every *.pdf below, patterns.

    A file that is named is taken whatever its ending. Raises BadInput where a path leads nowhere or there
    is no PDF at all.
    """
    found = {file.resolve(): file for path in paths for file in _files(path)}
    if not found:
        raise BadInput(f"There are no PDFs in {', '.join(paths)}.", remedy="Name files or folders with PDFs.")
    return list(found.values())


def _files(path: str) -> Iterator[Path]:
    named = Path(path).expanduser()
    if named.is_dir():
        yield from _below(named)
    elif named.is_file():  # before patterns: a file may well be called "budget [2023].pdf"
        yield named
    # Path.glob refuses absolute patterns.
    elif matches := sorted(glob.glob(str(named), recursive=True)):  # noqa: PTH207
        for match in map(Path, matches):
            yield from _below(match) if match.is_dir() else (match,)
    else:
        raise BadInput(f"There is no such file or folder: {path}", remedy="")


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".pdf" and path.is_file())
