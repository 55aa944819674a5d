"""Batch sizes found on a GPU, kept beside compiled encoders: the next start begins with them."""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from vdr.files import write_whole
from vdr.models.compiled_cache import cache_folder

_LOG = logging.getLogger(__name__)
_FOLDER = "batch-sizes"


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides how many inputs are best at once.

    `checkpoint` is its fingerprint; `long_side` that of the page images, in pixels, 0 for texts.
    """

    checkpoint: str
    device: str
    precision: str
    long_side: int = 0


def kept_batch_size(situation: Situation, most: int) -> int | None:
    """The size found before, up to `most`; None without one, or where the file is damaged or another's."""
    file = _file(situation)
    try:
        kept = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        kept = None
    size = kept.get("batch_size") if isinstance(kept, dict) and kept.get("of") == asdict(situation) else None
    if type(size) is int and 1 <= size <= most:
        return size
    _LOG.warning("%s holds no batch size of this model, and is passed over.", file)
    return None


def keep_batch_size(situation: Situation, size: int) -> None:
    """Keep what was found; where nothing can be written, each start finds it again."""
    file = _file(situation)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps({"batch_size": size, "of": asdict(situation)}))
    except OSError as error:
        _LOG.warning("Cannot keep the batch size %d in %s: %s.", size, file, error)


def _file(situation: Situation) -> Path:
    key = json.dumps(asdict(situation), sort_keys=True)
    return cache_folder() / _FOLDER / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
