"""Where the files of a checkpoint are: a folder, the Hugging Face Hub, or the cache of the Hub.

The Hub is asked only where it answers, as its libraries retry for more than a minute where it does not.
"""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from huggingface_hub import _CACHED_NO_EXIST, resolve_revision, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError, RevisionResolutionError
from sentence_transformers.util import load_file_path

_HUB = "https://huggingface.co"
_YES = ("1", "ON", "YES", "TRUE")  # as huggingface_hub has it
_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Located:
    """A checkpoint by folder or Hub name, and where its files are looked for.

    `revision` is the Hub's, asked for once: files of it that are in the cache, or known to be missing, need
    no request. None where the Hub is not asked, or does not have the name.
    """

    path: str
    is_here: bool
    revision: str | None = None

    def file(self, name: str) -> str | None:
        """The path of one of its files, downloaded if need be; None where there is none, or no such name."""
        named = self.path if Path(self.path).is_dir() else full_name(self.path)
        if self.revision is not None and self._is_known_to_be_missing(named, name):
            return None
        return load_file_path(
            named,
            name,
            cache_folder=cache_folder(),
            revision=self.revision,
            local_files_only=self.is_here or self.revision is None,
        )

    def _is_known_to_be_missing(self, named: str, file: str) -> bool:
        """Downloading it would ask the Hub once more."""
        kept = try_to_load_from_cache(named, file, cache_dir=cache_folder(), revision=self.revision)
        return kept is _CACHED_NO_EXIST


def locate(path: str | Located) -> Located:
    """Where the files of a checkpoint are looked for; what is located already stays as it is."""
    if isinstance(path, Located):
        return path
    return Located(path, True) if is_here(path) else Located(path, False, _revision(path))


def full_name(name: str) -> str:
    """A Hub name with its organization, which Sentence Transformers' own omit."""
    return name if "/" in name else f"sentence-transformers/{name}"


def cache_folder() -> str | None:
    """Where Sentence Transformers keeps what it downloads; None for the Hub's own cache."""
    return os.getenv("SENTENCE_TRANSFORMERS_HOME")


def _revision(name: str) -> str | None:
    try:
        return resolve_revision(full_name(name), cache_dir=cache_folder())
    # No such name, no access to it, no connection: loading the checkpoint says what is wrong.
    except (OSError, HFValidationError, RevisionResolutionError):
        return None


def is_here(path: str) -> bool:
    """Whether a checkpoint must be looked for on this machine alone: a folder, or a Hub name without a Hub.

    Sentence Transformers would ask the Hub whether it knows `models/tuned`.
    """
    return Path(path).is_dir() or not _answers()


def _answers() -> bool:
    """Whether something listens at the Hub's address; a proxy is taken to know the way there."""
    if os.getenv("HF_HUB_OFFLINE", "").upper() in _YES:
        return False
    if getproxies():
        return True
    hub = urlsplit(os.getenv("HF_ENDPOINT") or _HUB)
    try:
        socket.create_connection((hub.hostname or "", hub.port or 443), _PATIENCE_S).close()
    except OSError:
        return False
    return True
