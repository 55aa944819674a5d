"""Tells the folders that vdr keeps itself, and other programs' caches, from those of people's documents."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from vdr.catalogue.database import DATABASE_FILE
from vdr.settings import IndexSettings

# Of a data folder or a backup, or of an evaluation's cache, which is one with more in it.
_PARTS = re.compile(r"objects|index|texts|views|uploads-.*|vdr-draft-.*")
# What is kept of a document, in whatever folder or copy of a bucket: named by its SHA-256.
_OF_A_DOCUMENT = re.compile(r"[0-9a-f]{64}")
# https://bford.info/cachedir/
_CACHE_TAG, _CACHE_SIGNATURE = "CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55"


@dataclass(frozen=True, slots=True)
class OwnFolders:
    """Knows the folders of the settings by their paths, and any other of their kind by what is in it.

    Paths that it is asked about are resolved ones.
    """

    data_dir: Path | None
    objects: Path | None

    @classmethod
    def of(cls, settings: IndexSettings) -> "OwnFolders":
        """Those that the settings name."""
        url = urlsplit(settings.objects_url or "")
        objects = Path(unquote(url.path)).resolve() if url.scheme == "file" else None
        try:
            return cls(settings.data_dir.expanduser().resolve(), objects)
        except RuntimeError:  # without a home there is no data folder in it
            return cls(None, objects)

    def why(self, folder: Path) -> str | None:
        """Why a folder that was met below another one has no documents; None: it may have some."""
        if self._is_library(folder):
            return "vdr's own data"
        return self._why_part(folder) or ("a cache" if _is_cache(folder) else None)

    def why_below(self, path: Path) -> str | None:
        """Why nothing at a path that was named is a document; None: it may be.

        Documents may be kept in a data folder: named themselves they are taken, but never what vdr put there.
        """
        reasons = (self._why_part(each) for each in (path, *path.parents))
        return next((reason for reason in reasons if reason is not None), None)

    def _why_part(self, folder: Path) -> str | None:
        is_part = _PARTS.fullmatch(folder.name) is not None and self._is_library(folder.parent)
        is_ours = is_part or folder == self.objects or _OF_A_DOCUMENT.fullmatch(folder.name) is not None
        return "vdr's own data" if is_ours else None

    def _is_library(self, folder: Path) -> bool:
        return folder == self.data_dir or (
            (folder / DATABASE_FILE).is_file()
            and any((folder / part).is_dir() for part in ("objects", "index"))
        )


def _is_cache(folder: Path) -> bool:
    try:
        with (folder / _CACHE_TAG).open("rb") as tag:
            return tag.read(len(_CACHE_SIGNATURE)) == _CACHE_SIGNATURE
    except OSError:
        return False
