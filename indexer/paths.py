"""Finds the files that a user means: files, folders and patterns."""

import glob
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.own_folders import OwnFolders
from indexer.pdf.as_pdf import accepted_kinds
from indexer.pdf.kinds import SUFFIXES, Kind
from vdr.environment import read_settings
from vdr.errors import BadInput
from vdr.settings import IndexSettings

# What systems and programs leave beside documents: beginnings of names, and whole names (in lower case).
_JUNK_STARTS = ("._", "~$")
_JUNK = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "lost+found", "@eadir"})
_TRASHES = frozenset({"$recycle.bin", "recycler", "recycled", "#recycle", "system volume information"})


@dataclass(frozen=True, slots=True)
class Passed:
    """A file or folder of which nothing was taken, and why."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(slots=True)
class Told:
    """What a search for files has to tell: what it skipped on purpose, and what it could not enter."""

    skipped: list[Passed] = field(default_factory=list)
    closed: list[Passed] = field(default_factory=list)


def find_files(
    paths: Sequence[str],
    settings: IndexSettings | None = None,
    *,
    hidden: bool = False,
    told: Told | None = None,
) -> list[Path]:
    """The files meant by `paths`, each once: files as named, folders with every document below, patterns.

    Below a folder documents are known by their endings: those of the kinds that can be taken in here. What
    vdr keeps itself is no document, wherever it lies; what is hidden, in a trash, or left by a system is only
    with `hidden`. Links are followed, each folder is entered once. A file that is named is taken whatever its
    ending. Raises BadInput where a path does not exist or there is no document at all, and, unless somebody
    is `told`, where a folder cannot be entered.
    """
    suffixes = [suffix for kind in accepted_kinds() for suffix in SUFFIXES[kind]]
    return _find(paths, _Search(suffixes, _own(settings), hidden), "documents", told)


def find_pdfs(paths: Sequence[str]) -> list[Path]:
    """The same, but below a folder PDFs alone."""
    return _find(paths, _Search(SUFFIXES[Kind.PDF], _own(None), hidden=False), "PDFs", None)


def _own(settings: IndexSettings | None) -> OwnFolders:
    return OwnFolders.of(read_settings().index if settings is None else settings)


def _find(paths: Sequence[str], search: "_Search", what: str, told: Told | None) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        for file in search.files(path):
            found.setdefault(file.resolve(), file)
    if told is not None:
        told.skipped += search.told.skipped
        told.closed += search.told.closed
    elif search.told.closed:
        raise BadInput(f"{search.told.closed[0]}.", remedy="Make it readable, or leave it out.")
    if not found and not search.told.closed:
        skipped = f" ({len(search.told.skipped)} skipped)" if search.told.skipped else ""
        raise BadInput(
            f"No {what} found in {', '.join(paths)}{skipped}.", remedy=f"Choose files or folders with {what}."
        )
    return list(found.values())


@dataclass(slots=True)
class _Search:
    """A walk through folders; `entered` are those it has been in, by their resolved paths."""

    suffixes: Collection[str]
    own: OwnFolders
    hidden: bool
    entered: set[Path] = field(default_factory=set)
    told: Told = field(default_factory=Told)

    def files(self, path: str) -> Iterator[Path]:
        named = _expanded(path)
        if _exists(named):  # before patterns: a file may well be called "budget [2023].pdf"
            yield from self._named(named)
        # Path.glob refuses absolute patterns.
        elif matches := sorted(glob.glob(str(named), recursive=True)):  # noqa: PTH207
            for match in map(Path, matches):
                yield from self._named(match)
        else:
            raise BadInput(f"{path} does not exist.", remedy="")

    def _named(self, path: Path) -> Iterator[Path]:
        reason = self.own.why_below(path.resolve())
        if reason is not None:
            self._skip(path, reason)
        elif path.is_dir():
            yield from self._below(path)
        else:
            yield path

    def _below(self, start: Path) -> list[Path]:
        """The documents below a folder; links to folders come last, so that files have their real paths."""
        files, folders, links = list[Path](), [start], list[Path]()
        while folders or links:
            folder = folders.pop() if folders else links.pop(0)
            if not self._enter(folder):
                continue
            for entry in self._entries(folder):
                path = Path(entry)
                if (reason := self._why_not(path)) is not None:
                    self._skip(path, reason)
                elif os.path.isdir(path):  # noqa: PTH112 - raises nothing
                    (links if path.is_symlink() else folders).append(path)
                elif path.suffix.lower().removeprefix(".") in self.suffixes:
                    self._take(path, files)
        # Real files before links to them.
        return sorted(files, key=lambda file: (file.is_symlink(), file))

    def _enter(self, folder: Path) -> bool:
        real = folder.resolve()
        if real in self.entered:
            self._skip(folder, "a link to a folder that is read already")
            return False
        self.entered.add(real)
        return True

    def _entries(self, folder: Path) -> list[str]:
        try:
            with os.scandir(folder) as entries:
                found = sorted(entry.path for entry in entries)
            (folder / ".").stat()  # a folder may be listed that cannot be entered
        except OSError as error:
            self.told.closed.append(Passed(folder, f"cannot be read: {error.strerror}"))
            return []
        return found

    def _why_not(self, path: Path) -> str | None:
        name = path.name.lower()
        if not self.hidden:
            if name.startswith(_JUNK_STARTS) or name in _JUNK:
                return "left by a system or program"
            if name in _TRASHES or name.startswith(".trash"):
                return "a trash"
            if name.startswith("."):
                return "hidden"
        return self.own.why(path.resolve()) if os.path.isdir(path) else None  # noqa: PTH112

    def _take(self, path: Path, files: list[Path]) -> None:
        if os.path.isfile(path):  # noqa: PTH113
            files.append(path)
        elif path.is_symlink():
            self._skip(path, "a link that leads nowhere")

    def _skip(self, path: Path, reason: str) -> None:
        self.told.skipped.append(Passed(path, reason))


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise BadInput(f"{path}: the home folder is not known.", remedy="Write the whole path.") from error


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except PermissionError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", remedy="Make it readable.") from error
    except OSError:
        return False
    return True
