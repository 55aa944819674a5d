"""The fingerprint of a checkpoint: equal fingerprints give equal vectors of pages."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from vdr.page_reader.questions import FILE as QUESTIONS
from vdr.text_encoder.credence import FILE as CREDENCE

# What changes no vector of a page: an index stays valid when questions are understood or believed otherwise.
_NOT_VECTORS = {".md", ".png", ".html", ".gitattributes", QUESTIONS, CREDENCE}
# Raised when code outside the checkpoint changes the vectors it gives.
_CODE_VERSION = 4


def fingerprint(path_or_name: str, settings: Mapping[str, object]) -> str:
    """SHA-256, in hex, of the checkpoint's files and of the settings that change its vectors of pages.

    A file of the hub's cache is known by its blob's name, which already is a hash of its content.
    """
    root = Path(path_or_name) if Path(path_or_name).is_dir() else Path(_snapshot(path_or_name))
    digest = hashlib.sha256(json.dumps([_CODE_VERSION, dict(settings)], sort_keys=True).encode())
    for file in sorted(p for p in root.rglob("*") if p.is_file() and _counts(p.relative_to(root))):
        digest.update(f"{file.relative_to(root).as_posix()}={_content_hash(file)}\n".encode())
    return digest.hexdigest()


def joined(*fingerprints: str) -> str:
    """The fingerprint of several models that work together, in this order."""
    return hashlib.sha256("+".join(fingerprints).encode()).hexdigest()


def _counts(relative: Path) -> bool:
    return _NOT_VECTORS.isdisjoint((relative.suffix, relative.name)) and not any(
        part.startswith(".") for part in relative.parts
    )


def _snapshot(name: str) -> str:
    """The folder that Sentence Transformers loaded a Hub name from."""
    # Not needed for a folder, and takes seconds.
    from huggingface_hub import snapshot_download  # noqa: PLC0415

    from vdr.models.hub import cache_folder, full_name  # noqa: PLC0415

    # No pattern is what it has to be complete by: a checkpoint has files that are never loaded.
    return snapshot_download(
        full_name(name), cache_dir=cache_folder(), allow_patterns=[], local_files_only=True
    )


def _content_hash(file: Path) -> str:
    if file.is_symlink() and file.resolve().parent.name == "blobs":
        return file.resolve().name
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
