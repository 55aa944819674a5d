"""Finds the files that a user means: files, folders and patterns."""

import glob
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from indexer.pdf.as_pdf import accepted_kinds
from indexer.pdf.kinds import SUFFIXES, Kind
from vdr.errors import BadInput


def find_files(paths: Sequence[str]) -> list[Path]:
    """The files meant by `paths`, each once: files as named, folders with every document below, patterns.

    Below a folder documents are known by their endings: those of the kinds that can be taken in here. A file
    that is named is taken whatever its ending. Raises BadInput where a path does not exist or there is no
    document at all.
    """
    return _find(paths, [suffix for kind in accepted_kinds() for suffix in SUFFIXES[kind]], "documents")


def find_pdfs(paths: Sequence[str]) -> list[Path]:
    """The same, but below a folder PDFs alone."""
    return _find(paths, SUFFIXES[Kind.PDF], "PDFs")


def _find(paths: Sequence[str], suffixes: Collection[str], what: str) -> list[Path]:
    found = {file.resolve(): file for path in paths for file in _files(path, suffixes)}
    if not found:
        raise BadInput(
            f"No {what} found in {', '.join(paths)}.", remedy=f"Choose files or folders with {what}."
        )
    return list(found.values())


def _files(path: str, suffixes: Collection[str]) -> Iterator[Path]:
    named = Path(path).expanduser()
    if named.is_dir():
        yield from _below(named, suffixes)
    elif named.is_file():  # before patterns: a file may well be called "budget [2023].pdf"
        yield named
    # Path.glob refuses absolute patterns.
    elif matches := sorted(glob.glob(str(named), recursive=True)):  # noqa: PTH207
        for match in map(Path, matches):
            yield from _below(match, suffixes) if match.is_dir() else (match,)
    else:
        raise BadInput(f"{path} does not exist.", remedy="")


def _below(folder: Path, suffixes: Collection[str]) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.suffix.lower().removeprefix(".") in suffixes)
    return sorted(path for path in files if path.is_file())
